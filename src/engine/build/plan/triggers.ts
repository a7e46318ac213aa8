/** What ONBUILD of an image or a stage adds in front of the instructions of a stage that is made from it. */
import { AppError, toAppError } from '../../../base/errors.ts';
import type { Instruction } from '../../../grammar/dockerfile/instruction.ts';
import { parseDockerfile } from '../../../grammar/dockerfile/parse.ts';
import { refusedAt, type LineRange } from '../../../grammar/dockerfile/parse-error.ts';
import { readInstruction } from '../../../grammar/dockerfile/read-instruction.ts';
import { sourcesOf } from './sources.ts';
import type { StageDraft, StageList } from './stage-list.ts';

export interface Trigger {
  readonly instruction: Instruction;
  readonly sources: readonly (StageDraft | null)[];
}

interface Place {
  /** Those of the FROM: a trigger stands there. */
  readonly lines: LineRange;
  readonly stages: StageList;
}

/** @throws AppError invalid in BuildKit's words, at those lines */
export function readTriggers(written: readonly string[], { lines, stages }: Place): readonly Trigger[] {
  try {
    return written.map((text) => {
      const instruction = readTrigger(text, lines);
      return { instruction, sources: sourcesOf(instruction, stages) };
    });
  } catch (thrown) {
    const { kind, message } = toAppError(thrown);
    throw kind === 'invalid' ? refusedAt(lines, message) : thrown;
  }
}

function readTrigger(text: string, lines: LineRange): Instruction {
  const [node, ...others] = parseDockerfile(text).nodes;
  if (node === undefined || others.length > 0) throw new AppError('invalid', 'onbuild trigger should be a single expression');
  return readInstruction({ ...node, lines });
}
