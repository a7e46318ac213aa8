/** A Dockerfile's instructions, stage by stage (moby/buildkit: frontend/dockerfile/instructions, Parse). */
import { toAppError } from '../../base/errors.ts';
import { Steps } from '../../base/steps.ts';
import type { Directives } from './directives.ts';
import type { Instruction } from './instruction.ts';
import { instructionRefused, refusedAt } from './parse-error.ts';
import { parseDockerfile, type DockerfileSyntax, type InstructionNode } from './parse.ts';
import { readInstruction } from './read-instruction.ts';

type Of<N extends Instruction['name']> = Extract<Instruction, { readonly name: N }>;

export interface Stage {
  readonly from: Of<'FROM'>;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  readonly directives: Directives;
  /** Those before the first FROM: what FROM may use, and what a stage takes over by naming it. */
  readonly globals: readonly Of<'ARG'>[];
  readonly stages: readonly Stage[];
  readonly nodes: readonly InstructionNode[];
  readonly emptyContinuations: readonly number[];
}

/** @throws AppError invalid with `line` and `endLine` in its detail, in BuildKit's words */
export function readDockerfile(text: string, steps = new Steps()): Dockerfile {
  return readStages(parseDockerfile(text, steps));
}

/** Told of each instruction before it is read, and of what it is: checks look at them, also at those above one that is refused. */
export interface ReadingWatcher {
  before(node: InstructionNode): void;
  after(instruction: Instruction): void;
}

/** @throws as readDockerfile */
export function readStages(
  { directives, nodes, emptyContinuations }: DockerfileSyntax,
  watcher: ReadingWatcher = { before: () => undefined, after: () => undefined },
): Dockerfile {
  const globals: Of<'ARG'>[] = [];
  const stages: { readonly from: Of<'FROM'>; readonly instructions: Instruction[] }[] = [];
  for (const node of nodes) {
    watcher.before(node);
    const instruction = read(node, directives.escape);
    watcher.after(instruction);
    const stage = stages.at(-1);
    if (instruction.name === 'FROM') stages.push({ from: instruction, instructions: [] });
    else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.name === 'ARG') globals.push(instruction);
    else throw refusedAt(node.lines, 'no build stage in current context');
  }
  if (stages.length === 0) throw refusedAt(nodes.at(-1)?.lines ?? { start: 1, end: 1 }, 'dockerfile contains no stages to build');
  return { directives, globals, stages, nodes, emptyContinuations };
}

function read(node: InstructionNode, escape: string): Instruction {
  try {
    return readInstruction(node, escape);
  } catch (thrown) {
    throw instructionRefused(node.lines, toAppError(thrown).message);
  }
}
