import { AppError } from '../../base/errors.ts';
import { manifestSchema, type TutorialManifest } from '../format/manifest.ts';
import { parse } from '../format/parse.ts';
import { stepSchema, type StepFrontMatter } from '../format/step.ts';
import { trialsSchema, type StepTrials } from '../format/trials.ts';
import { lintSetup } from './lint-setup.ts';
import { lintStep, unknownVariables, type DraftStep } from './lint-step.ts';
import { withSameQuestions } from './same-question.ts';
import { renderProse, type Block } from './prose.ts';
import { parseYaml, splitFrontMatter } from './split-front-matter.ts';
import type { BrokenTutorial, LoadedTutorial, SeedFile } from './tutorial.ts';

/** Text by path. Paths may stand anywhere; a tutorial is a folder with a `tutorial.yaml`. */
export type TutorialFiles = Readonly<Record<string, string>>;

export interface LoadedTutorials {
  readonly tutorials: readonly LoadedTutorial[];
  readonly broken: readonly BrokenTutorial[];
}

/** Every tutorial among the files, in the order of their folders' names. What is wrong with one is no concern of the others. */
export function loadTutorials(files: TutorialFiles): LoadedTutorials {
  const tutorials: LoadedTutorial[] = [];
  const broken: BrokenTutorial[] = [];
  for (const folder of foldersOf(files)) {
    const problems: string[] = [];
    const loaded = attempt(problems, () => loadTutorial(files, folder));
    if (loaded === undefined) broken.push({ id: nameOf(folder), problems: problems.flatMap((problem) => problem.split('\n')) });
    else tutorials.push(loaded);
  }
  return { tutorials, broken };
}

function foldersOf(files: TutorialFiles): readonly string[] {
  const ending = '/tutorial.yaml';
  return Object.keys(files)
    .filter((path) => path.endsWith(ending))
    .map((path) => path.slice(0, -ending.length + 1))
    .toSorted();
}

const nameOf = (folder: string): string => folder.split('/').at(-2) ?? '';

/** What a part throws as invalid is one more problem, and the part is not there. */
function attempt<T>(problems: string[], load: () => T): T | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'invalid') throw error;
    problems.push(error.message);
    return undefined;
  }
}

/** @param folder with a slash at its end */
function loadTutorial(files: TutorialFiles, folder: string): LoadedTutorial {
  const problems: string[] = [];
  const inside = Object.keys(files)
    .filter((path) => path.startsWith(folder))
    .toSorted();
  const manifest = attempt(problems, () => loadManifest(files, folder));
  const steps = inside
    .filter((path) => path.startsWith(`${folder}steps/`) && path.endsWith('.md'))
    .flatMap((path) => attempt(problems, () => loadStep(files, path)) ?? []);
  const seed = inside
    .filter((path) => path.startsWith(`${folder}seed/`))
    .map((path): SeedFile => ({ path: `/lab/${path.slice(`${folder}seed/`.length)}`, text: files[path] ?? '' }));
  const known = new Set(steps.flatMap(({ file }) => [file, trialsFileOf(file)]));
  for (const path of inside)
    if (!isKnown(path.slice(folder.length), known.has(path))) problems.push(`${path}: (top): nothing uses this file`);
  if (manifest === undefined) throw invalid(problems);
  const ordered = attempt(problems, () => orderSteps(manifest, steps, folder)) ?? [];
  for (const step of ordered) problems.push(...lintStep(step, manifest, ordered));
  if (problems.length > 0) throw invalid(problems);
  return {
    tutorial: { manifest, steps: ordered.map(({ front, needs, blocks }) => ({ front, needs, blocks })), seed },
    trials: Object.fromEntries(ordered.map(({ front, trials }) => [front.id, trials])),
  };
}

const invalid = (problems: readonly string[]): AppError => new AppError('invalid', problems.join('\n'));

/** A step that could not be read is told already, and so is what belongs to it. */
const isKnown = (path: string, used: boolean): boolean => used || path === 'tutorial.yaml' || /^(steps\/[^/]+\.md|seed\/.+)$/.test(path);

function loadManifest(files: TutorialFiles, folder: string): TutorialManifest {
  const file = `${folder}tutorial.yaml`;
  const manifest = parse(manifestSchema(), parseYaml(files[file] ?? '', file), file);
  const name = nameOf(folder);
  const problems = [
    ...lintSetup(manifest.setup, manifest),
    ...unknownVariables(JSON.stringify(manifest.setup), manifest).map(
      (variable) => `setup: \${${variable}} is no variable of the tutorial`,
    ),
  ];
  if (problems.length > 0) throw invalid(problems.map((problem) => `${file}: ${problem}`));
  if (manifest.id !== name) throw new AppError('invalid', `${file}: id: is ${manifest.id}, the folder is ${name}`);
  return manifest;
}

interface LooseStep {
  readonly file: string;
  readonly number: number;
  readonly front: StepFrontMatter;
  readonly blocks: readonly Block[];
  readonly prose: string;
  readonly trials: StepTrials;
}

const trialsFileOf = (file: string): string => file.replace(/\.md$/, '.trials.yaml');

function loadStep(files: TutorialFiles, file: string): LooseStep {
  const [, digits, name] = /\/(\d+)-([^/]+)\.md$/.exec(file) ?? [];
  if (digits === undefined || name === undefined) throw new AppError('invalid', `${file}: (top): a step is called NUMBER-ID.md`);
  const problems: string[] = [];
  const { front: raw, prose } = splitFrontMatter(files[file] ?? '', file);
  const front = attempt(problems, () => parse(stepSchema(), raw, file));
  const trials = attempt(problems, () => loadTrials(files, trialsFileOf(file)));
  const blocks = attempt(problems, () => renderProse(prose, file));
  if (front !== undefined && front.id !== name) problems.push(`${file}: id: is ${front.id}, the file is ${name}`);
  if (front === undefined || trials === undefined || blocks === undefined || problems.length > 0) throw invalid(problems);
  return { file, number: Number(digits), front, blocks, prose, trials };
}

function loadTrials(files: TutorialFiles, file: string): StepTrials {
  const source = files[file];
  return parse(trialsSchema(), source === undefined ? {} : parseYaml(source, file), file);
}

/** In the manifest's order, which the numbers of the files must follow. */
function orderSteps(manifest: TutorialManifest, steps: readonly LooseStep[], folder: string): readonly DraftStep[] {
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
  return ordered.map((step, index) => {
    const before = ordered[index - 1];
    const checks = new Map(ordered.slice(0, index).map(({ front }) => [front.id, front.check] as const));
    return {
      ...step,
      front: withSameQuestions(step.front, step.file, checks),
      trialsFile: trialsFileOf(step.file),
      needs: step.front.needs ?? (before === undefined ? [] : [before.front.id]),
    };
  });
}
