import type { Instruction } from '../../../../grammar/dockerfile/instruction.ts';
import type { InstructionNode } from '../../../../grammar/dockerfile/parse.ts';
import type { Dockerfile, Stage } from '../../../../grammar/dockerfile/stages.ts';
import type { Linter } from './linter.ts';

function checkFrom({ keyword, rest, lines }: InstructionNode, linter: Linter): void {
  const [, as = '', name] = rest.split(/[\t\v\f\r ]+/);
  if (name === undefined) return;
  if (name !== name.toLowerCase()) linter.warn('StageNameCasing', lines, `Stage name '${name}' should be lowercase`);
  const cased = keyword === keyword.toLowerCase() ? as.toLowerCase() : as.toUpperCase();
  if (as.toUpperCase() === 'AS' && as !== cased)
    linter.warn('FromAsCasing', lines, `'${as}' and '${keyword}' keywords' casing do not match`);
}

function checkForm(instruction: Instruction, linter: Linter): void {
  const { name, node } = instruction;
  if (name === 'ARG')
    checkDescription(
      node,
      instruction.arguments.map(({ key }) => key),
      linter,
    );
  if (name === 'MAINTAINER')
    linter.warn('MaintainerDeprecated', node.lines, 'Maintainer instruction is deprecated in favor of using label');
}

/** InvalidDefinitionDescription: the comment right above says what a stage or an argument is, and begins with its name. */
function checkDescription({ name, comments, lines }: InstructionNode, keys: readonly string[], linter: Linter): void {
  const comment = comments.at(-1);
  if (comment === undefined || keys.includes(comment.split(' ', 1)[0] ?? '')) return;
  const key = keys.length === 1 ? (keys[0] ?? '') : '<arg_key>';
  linter.warn('InvalidDefinitionDescription', lines, `Comment for ${name} should follow the format: \`# ${key} <description>\``);
}

/** What a file says of itself, before anything is looked up. */
export function checkFile({ globals, stages, emptyContinuations }: Dockerfile, linter: Linter): void {
  for (const line of emptyContinuations) linter.warn('NoEmptyContinuation', { start: line, end: line }, 'Empty continuation line');
  for (const { node, arguments: words } of globals)
    checkDescription(
      node,
      words.map(({ key }) => key),
      linter,
    );
  for (const { from, instructions } of stages) {
    checkFrom(from.node, linter);
    if (from.as !== null) checkDescription(from.node, [from.as], linter);
    for (const instruction of instructions) checkForm(instruction, linter);
  }
  checkStageNames(stages, linter);
  checkCasing(stages, linter);
}

const reserved = ['context', 'scratch'];

function checkStageNames(stages: readonly Stage[], linter: Linter): void {
  const seen = new Set<string>();
  for (const { as, node } of stages.map(({ from }) => from)) {
    if (as === null) continue;
    if (reserved.includes(as))
      linter.warn('ReservedStageName', node.lines, `Stage name should not use the same name as reserved stage "${as}"`);
    if (seen.has(as)) linter.warn('DuplicateStageName', node.lines, `Duplicate stage name "${as}", stage names should be unique`);
    seen.add(as);
  }
}

/** Each keyword in one case, and all in that of most. */
function checkCasing(stages: readonly Stage[], linter: Linter): void {
  const nodes = stages.flatMap(({ from, instructions }) => [from.node, ...instructions.map(({ node }) => node)]);
  const lower = nodes.filter(({ keyword }) => keyword === keyword.toLowerCase()).length;
  const upper = nodes.filter(({ keyword }) => keyword === keyword.toUpperCase()).length;
  for (const { keyword, lines } of nodes) {
    const wanted = lower > upper ? keyword.toLowerCase() : keyword.toUpperCase();
    if (keyword === wanted) continue;
    const majority = lower > upper ? 'lowercase' : 'uppercase';
    linter.warn('ConsistentInstructionCasing', lines, `Command '${keyword}' should match the case of the command majority (${majority})`);
  }
}
