import type { Directive } from '../format/directive.ts';
import type { StepFrontMatter } from '../format/step.ts';
import type { StepTrials } from '../format/trials.ts';
import type { TutorialManifest } from '../format/manifest.ts';
import type { Predicate } from '../predicates/registry.ts';
import { isFactField } from '../predicates/answer.ts';
import { variablesIn } from '../substitute.ts';
import type { Block } from './prose.ts';
import { lintSetup } from './lint-setup.ts';
import { predicatesOf } from './tutorial.ts';

/** A step on its way to being one of a tutorial. */
export interface DraftStep {
  readonly file: string;
  readonly trialsFile: string;
  readonly front: StepFrontMatter;
  readonly needs: readonly string[];
  /** Markdown, and what it became. */
  readonly prose: string;
  readonly blocks: readonly Block[];
  readonly trials: StepTrials;
}

/** What the schema cannot see: a line `file: path: message` for each thing wrong. */
export function lintStep(step: DraftStep, manifest: TutorialManifest, steps: readonly DraftStep[]): string[] {
  const { file, front, prose, trials } = step;
  const earlier = steps.slice(0, steps.indexOf(step)).map((other) => other.front.id);
  return [
    ...unknownVariables(JSON.stringify(front) + prose, manifest).map(
      (name) => `${file}: (top): \${${name}} is no variable of the tutorial`,
    ),
    ...step.needs.filter((id) => !earlier.includes(id)).map((id) => `${file}: needs: ${id} is not an earlier step`),
    ...offeredCommands(step)
      .filter((command) => !front.solution.some((line) => typedLine(line) === command))
      .map((command) => `${file}: prose: ${command} is no line of the solution`),
    ...(wantsAbsence(front.check) && front.was === undefined
      ? [`${file}: was: what must be gone must have been there: say so in was`]
      : []),
    ...predicatesOf(front)
      .flatMap(factProblems)
      .map((problem) => `${file}: check: ${problem}`),
    ...lintSetup(front.setup, manifest, manifest.setup).map((problem) => `${file}: ${problem}`),
    ...front.solution
      .filter((line) => (line.terminal ?? 1) > manifest.terminals)
      .map((line) => `${file}: solution: there is no terminal ${line.terminal ?? 1}`),
    ...trialProblems(step, manifest, trials),
  ];
}

/** A line that Enter ends, whether what it starts is waited for or not. */
const typedLine = (line: Directive): string | null =>
  'run' in line ? line.run : 'type' in line && line.type.endsWith('\n') ? line.type.slice(0, -1) : null;

const offeredCommands = ({ blocks }: DraftStep): string[] => blocks.flatMap((block) => (block.kind === 'run' ? [block.command] : []));

function trialProblems({ trialsFile, front }: DraftStep, manifest: TutorialManifest, { accept, reject }: StepTrials): string[] {
  return [
    ...unknownVariables(JSON.stringify([accept, reject]), manifest).map(
      (name) => `${trialsFile}: (top): \${${name}} is no variable of the tutorial`,
    ),
    ...(front.kind === 'do' && Object.keys(reject).length === 0
      ? [`${trialsFile}: reject: a step of kind do needs at least one near miss`]
      : []),
    ...Object.entries(reject)
      .filter(([, { hint }]) => hint !== undefined && front.hints[hint]?.when === undefined)
      .map(([name, { hint }]) => `${trialsFile}: reject.${name}: there is no hint ${hint ?? ''} with a when`),
  ];
}

export const unknownVariables = (text: string, { vars }: TutorialManifest): string[] =>
  [...new Set(variablesIn(text))].filter((name) => !Object.hasOwn(vars, name));

/** A check that holds of an empty world, or that wants something gone by its name, needs a baseline. */
function wantsAbsence(predicate: Predicate): boolean {
  const { all, any, not } = predicate;
  if (all !== undefined) return all.some(wantsGone) || all.every(wantsAbsence);
  if (any !== undefined) return any.some(wantsAbsence);
  return not !== undefined || wantsGone(predicate);
}

const tellsWhich = (match: object): boolean => Object.keys(match).every((key) => key === 'name' || key === 'image' || key === 'id');

function wantsGone({ all, not, count, file }: Predicate): boolean {
  if (all !== undefined) return all.some(wantsGone);
  const object = not?.container ?? not?.image ?? not?.network ?? not?.volume;
  const none = count !== undefined && (Number(count.exactly) === 0 || Number(count['at-most']) === 0);
  return (
    none || file?.exists === false || (object !== undefined && tellsWhich(object)) || (not?.file !== undefined && not.file.exists !== false)
  );
}

function factProblems({ all, any, not, answer }: Predicate): string[] {
  const inside = [...(all ?? []), ...(any ?? []), ...(not === undefined ? [] : [not])].flatMap(factProblems);
  const fact = answer?.equals ?? answer?.['prefix-of'];
  return fact === undefined || isFactField(fact)
    ? inside
    : [...inside, `${fact.field ?? ''} is no field that an answer can be compared with`];
}
