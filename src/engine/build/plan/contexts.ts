import { AppError, toAppError } from '../../../base/errors.ts';
import { familiarString, fullString, parseReference, withDefaultTag } from '../../../grammar/reference.ts';
import type { Platform } from '../../registry/oci.ts';
import type { PlanOptions, Source } from './model.ts';

const imagePrefix = 'docker-image://';

/** What `--build-context` puts in the place of an image or a stage; null: nothing. @throws AppError invalid: a name that no image could have */
export function contextOf(
  name: string,
  platform: Platform,
  { contexts }: PlanOptions,
): Extract<Source, { kind: 'image' | 'context' }> | null {
  if (['scratch', 'context'].includes(name.toLowerCase())) return null;
  const known = contextName(name);
  const value = contexts.get(known);
  if (value === undefined) return null;
  if (!value.startsWith(imagePrefix)) return { kind: 'context', name: known, value };
  return { kind: 'image', reference: imageOf(value), platform };
}

/** "busybox:latest" and "docker.io/library/busybox" are "busybox". */
function contextName(name: string): string {
  try {
    return familiarString(parseReference(name)).replace(/:latest$/, '');
  } catch (thrown) {
    throw new AppError('invalid', `invalid context name ${name}: ${toAppError(thrown).message}`, { cause: thrown });
  }
}

function imageOf(value: string): string {
  return fullString(withDefaultTag(parseReference(value.slice(imagePrefix.length))));
}
