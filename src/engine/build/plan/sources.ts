import { AppError } from '../../../base/errors.ts';
import { csvFields } from '../../../grammar/csv.ts';
import type { Instruction } from '../../../grammar/dockerfile/instruction.ts';
import type { StageDraft, StageList } from './stage-list.ts';

/** What an instruction reads from beside the build's context; null: nothing else (moby/buildkit: dockerfile2llb, toCommand). @throws AppError invalid */
export function sourcesOf(instruction: Instruction, stages: StageList): readonly (StageDraft | null)[] {
  if (instruction.name === 'COPY') return [copySource(instruction.flags.text('from'), instruction, stages)];
  if (instruction.name !== 'RUN') return [];
  return instruction.flags.texts('mount').map((mount) => {
    const from = fromOf(mount);
    // Without one it is nothing, of which the names of all steps tell: there is more than one stage then.
    return stages.source(from === '' ? 'scratch' : from, null, false);
  });
}

function copySource(from: string, { node }: Instruction, stages: StageList): StageDraft | null {
  if (from === '') return null;
  if (from.includes('$')) {
    const instead = 'define a new stage with FROM using ARG from global scope as a workaround';
    throw new AppError('invalid', `variable expansion is not supported for --from, ${instead}`);
  }
  return stages.source(from, node.lines, true);
}

/** '' where a mount names nothing. */
function fromOf(mount: string): string {
  const given = csvFields(mount).filter((field) => /^from=/i.test(field));
  return given.at(-1)?.slice('from='.length) ?? '';
}
