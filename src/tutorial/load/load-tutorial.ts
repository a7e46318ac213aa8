import { AppError } from '../../base/errors.ts';
import type { Predicate } from '../../protocol/tutorial-check.ts';
import { parseStepFrontMatter, parseTutorialManifest, type StepFrontMatter, type TutorialManifest } from '../../protocol/tutorial.ts';
import { isFactField } from '../predicates/answer.ts';
import { substituteText, variablesIn } from '../substitute.ts';
import { drawVars } from '../vars.ts';
import { renderProse } from './prose.ts';
import { parseYaml, splitFrontMatter } from './split-front-matter.ts';
import { predicatesOf, type SeedFile, type Tutorial, type TutorialStep } from './tutorial.ts';

/** Text by path. Paths may stand anywhere; a tutorial is a folder with a `tutorial.yaml`. */
export type TutorialFiles = Readonly<Record<string, string>>;

/**
 * Every tutorial among the files, in the order of their folders' names.
 * @throws AppError `invalid`, a line `file: path: message` for each thing wrong
 */
export function loadTutorials(files: TutorialFiles): readonly Tutorial[] {
  const folders = Object.keys(files).flatMap(
    (path) => /^(.*\/)?([^/]+)\/tutorial\.yaml$/.exec(path)?.[0].replace(/tutorial\.yaml$/, '') ?? [],
  );
  return folders.toSorted().map((folder) => loadTutorial(files, folder));
}

/** @param folder with a slash at its end */
function loadTutorial(files: TutorialFiles, folder: string): Tutorial {
  const problems: string[] = [];
  const attempt = <T>(load: () => T): T | undefined => {
    try {
      return load();
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'invalid') throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const inside = Object.keys(files)
    .filter((path) => path.startsWith(folder))
    .toSorted();
  const manifest = attempt(() => loadManifest(files, folder));
  const steps = inside
    .filter((path) => path.startsWith(`${folder}steps/`))
    .flatMap((path) => attempt(() => loadStep(files[path] ?? '', path)) ?? []);
  const seed = inside
    .filter((path) => path.startsWith(`${folder}seed/`))
    .map((path): SeedFile => ({ path: `/lab/${path.slice(`${folder}seed/`.length)}`, text: files[path] ?? '' }));
  for (const path of inside) if (!isKnown(path.slice(folder.length))) problems.push(`${path}: (top): nothing uses this file`);
  if (manifest === undefined) throw invalid(problems);
  const ordered = attempt(() => orderSteps(manifest, steps, folder)) ?? [];
  for (const step of ordered) problems.push(...lintStep(step, manifest, ordered));
  if (problems.length > 0) throw invalid(problems);
  return { manifest, steps: ordered, seed };
}

const invalid = (problems: readonly string[]): AppError => new AppError('invalid', problems.join('\n'));

const isKnown = (path: string): boolean => path === 'tutorial.yaml' || /^(steps\/[^/]+\.md|seed\/.+)$/.test(path);

/** What `requires` may name. */
const capabilities: readonly string[] = ['engine'];

function loadManifest(files: TutorialFiles, folder: string): TutorialManifest {
  const file = `${folder}tutorial.yaml`;
  const manifest = parseTutorialManifest(parseYaml(files[file] ?? '', file), file);
  const name = folder.split('/').at(-2);
  const missing = manifest.requires.filter((capability) => !capabilities.includes(capability));
  if (missing.length > 0) throw new AppError('invalid', `${file}: requires: no playground has ${missing.join(', ')}`);
  if (manifest.id !== name) throw new AppError('invalid', `${file}: id: is ${manifest.id}, the folder is ${name ?? ''}`);
  return manifest;
}

interface LooseStep {
  readonly file: string;
  readonly number: number;
  readonly front: StepFrontMatter;
  readonly prose: string;
}

function loadStep(source: string, file: string): LooseStep {
  const [, digits, name] = /\/(\d+)-([^/]+)\.md$/.exec(file) ?? [];
  if (digits === undefined || name === undefined) throw new AppError('invalid', `${file}: (top): a step is called NUMBER-ID.md`);
  const { front: raw, prose } = splitFrontMatter(source, file);
  const front = parseStepFrontMatter(raw, file);
  if (front.id !== name) throw new AppError('invalid', `${file}: id: is ${front.id}, the file is ${name}`);
  return { file, number: Number(digits), front, prose };
}

/** In the manifest's order, which the numbers of the files must follow. */
function orderSteps(manifest: TutorialManifest, steps: readonly LooseStep[], folder: string): readonly TutorialStep[] {
  const file = `${folder}tutorial.yaml`;
  const byId = new Map(steps.map((step) => [step.front.id, step]));
  const problems = [
    ...manifest.steps.filter((id) => !byId.has(id)).map((id) => `${file}: steps: there is no step ${id}`),
    ...steps.filter(({ front }) => !manifest.steps.includes(front.id)).map((step) => `${step.file}: (top): ${file} does not list it`),
    ...manifest.steps.filter((id, index) => manifest.steps.indexOf(id) !== index).map((id) => `${file}: steps: ${id} is listed twice`),
  ];
  const ordered = manifest.steps.flatMap((id) => byId.get(id) ?? []);
  if (ordered.some((step, index) => index > 0 && step.number <= (ordered[index - 1]?.number ?? 0)))
    problems.push(`${file}: steps: the numbers of the files give another order`);
  if (problems.length > 0) throw invalid(problems);
  return ordered.map(({ file: path, front, prose }, index) => {
    const before = ordered[index - 1];
    return { file: path, front, needs: front.needs ?? (before === undefined ? [] : [before.front.id]), prose };
  });
}

/** What the schema cannot see. */
function lintStep(step: TutorialStep, manifest: TutorialManifest, steps: readonly TutorialStep[]): string[] {
  const { file, front, prose } = step;
  const earlier = steps.slice(0, steps.indexOf(step)).map((other) => other.front.id);
  return [
    ...unknownVariables(JSON.stringify(front) + prose, manifest).map(
      (name) => `${file}: (top): \${${name}} is no variable of the tutorial`,
    ),
    ...step.needs.filter((id) => !earlier.includes(id)).map((id) => `${file}: needs: ${id} is not an earlier step`),
    ...proseProblems(step, manifest),
    ...(wantsAbsence(front.check) && front.was === undefined
      ? [`${file}: was: what must be gone must have been there: say so in was`]
      : []),
    ...front.optional
      .filter(({ line }) => line >= front.solution.length)
      .map(({ line }) => `${file}: optional: the solution has no line ${line}`),
    ...front.reject
      .filter(({ hint }) => hint !== undefined && front.hints[hint]?.when === undefined)
      .map(({ hint }) => `${file}: reject: hint ${hint ?? ''} has no when`),
    ...predicatesOf(front)
      .flatMap(factProblems)
      .map((problem) => `${file}: check: ${problem}`),
    ...front.solution
      .filter((line) => (line.terminal ?? 1) > manifest.terminals)
      .map((line) => `${file}: solution: there is no terminal ${line.terminal ?? 1}`),
  ];
}

const unknownVariables = (text: string, { vars }: TutorialManifest): string[] =>
  [...new Set(variablesIn(text))].filter((name) => !Object.hasOwn(vars, name));

/** The text must render, and every command it offers must be a line of the solution. */
function proseProblems({ file, front, prose }: TutorialStep, manifest: TutorialManifest): string[] {
  const vars = drawVars(manifest.vars, 'lint');
  const lines = front.solution.flatMap((directive) => ('run' in directive ? [substituteText(directive.run, vars)] : []));
  try {
    const offered = renderProse(substituteText(prose, vars), file).flatMap((block) => (block.kind === 'run' ? [block.command] : []));
    return offered.filter((command) => !lines.includes(command)).map((command) => `${file}: prose: ${command} is no line of the solution`);
  } catch (error) {
    if (error instanceof AppError) return [error.message];
    throw error;
  }
}

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
  const object = not?.container ?? not?.image ?? not?.network;
  const none = count !== undefined && (Number(count.exactly) === 0 || Number(count['at-most']) === 0);
  return (
    none || file?.exists === false || (object !== undefined && tellsWhich(object)) || (not?.file !== undefined && not.file.exists !== false)
  );
}

function factProblems({ all, any, not, answer }: Predicate): string[] {
  const inside = [...(all ?? []), ...(any ?? []), ...(not === undefined ? [] : [not])].flatMap(factProblems);
  const fact = answer?.equals ?? answer?.['prefix-of'];
  return fact === undefined || isFactField(fact) ? inside : [...inside, `${fact.field} is no field that an answer can be compared with`];
}
