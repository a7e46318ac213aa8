import { AppError } from '../../base/errors.ts';
import type { Steps } from '../../base/steps.ts';
import { csvFields as fieldsOf } from '../../grammar/csv.ts';
import { FlagValueError } from '../errors.ts';

/** The fields of one record of a flag's value. @throws FlagValueError in encoding/csv's words */
export function csvFields(text: string, steps?: Steps): readonly string[] {
  try {
    return fieldsOf(text, steps);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'invalid') throw new FlagValueError(thrown.message);
    throw thrown;
  }
}
