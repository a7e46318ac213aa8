import { expect, test } from 'vitest';
import { resolveTutorial } from '../../src/tutorial/index.ts';
import { loadTutorials, type LoadedTutorial, type TutorialFiles } from '../../src/tutorial/load/index.ts';
import { reportOf, type TrialReport } from './harness/report.ts';
import { runTrial, seedsOf, trialsOf } from './harness/run-trials.ts';
import { openMemoryLab } from './testing/memory-lab.ts';
import { tinyTutorialFiles } from './testing/tiny-tutorial.ts';

function loadOne(files: TutorialFiles): LoadedTutorial {
  const { tutorials, broken } = loadTutorials(files);
  expect(broken).toEqual([]);
  const [loaded] = tutorials;
  if (loaded === undefined) throw new Error('there is no tutorial');
  return loaded;
}

const tiny = loadOne(tinyTutorialFiles);

async function tryAll(loaded: LoadedTutorial, only?: string): Promise<TrialReport[]> {
  const lab = await openMemoryLab();
  const reports: TrialReport[] = [];
  for (const trial of trialsOf(loaded)) if (only === undefined || trial.step === only) reports.push(await runTrial(trial, lab, loaded));
  await lab.dispose();
  return reports;
}

const broken = (reports: readonly TrialReport[]): string[] =>
  reports.filter(({ status }) => status !== 'pass').map(({ name, message }) => `${name}: ${message ?? ''}`);

test('a tutorial without mistakes stands every trial', async () => {
  const reports = await tryAll(tiny);
  expect(broken(reports)).toEqual([]);
  expect(reportOf(tiny.tutorial.manifest.id, reports)).toMatchObject({ version: 3, status: 'pass' });
});

/** The tutorial with one of its files changed. @param ending of the file's name */
function changed(step: string, change: (source: string) => string, ending = '.md'): LoadedTutorial {
  const files = { ...tinyTutorialFiles };
  const path = Object.keys(files).find((name) => name.endsWith(`-${step}${ending}`)) ?? '';
  const before = files[path] ?? '';
  files[path] = change(before);
  expect(files[path]).not.toBe(before);
  return loadOne(files);
}

/** Trials that the changed step does not stand, by their letter. */
async function lettersOf(tutorial: LoadedTutorial, step: string): Promise<string[]> {
  const reports = await tryAll(tutorial, step);
  return [...new Set(reports.filter(({ status }) => status !== 'pass').map(({ name }) => name.split(' ')[1] ?? ''))];
}

test('a check that holds of an untouched playground is found', async () => {
  const tutorial = changed('hello', (source) => source.replace(/^ {2}event: .*$/m, '  count: { container: {}, at-least: 0 }'));
  expect(await lettersOf(tutorial, 'hello')).toContain('M0');
});

test('a solution that does not work is found', async () => {
  const tutorial = changed('leave-running', (source) =>
    source.replaceAll('docker run -d --name web nginx\n', 'docker run -d --name wep nginx\n'),
  );
  expect(await lettersOf(tutorial, 'leave-running')).toContain('S');
});

test('a check that is stricter than an accepted route is found', async () => {
  const tutorial = changed(
    'hello',
    (source) => source.replace('accept:', 'accept:\n  another: ["docker run busybox true"]'),
    '.trials.yaml',
  );
  expect(await lettersOf(tutorial, 'hello')).toEqual(['S′']);
});

test('a line that the check does not need is found', async () => {
  const tutorial = changed('hello', (source) => source.replace('solution:', 'solution:\n  - run: docker images'));
  expect(await lettersOf(tutorial, 'hello')).toEqual(['M1']);
});

test('a line that is said to be optional may be left out', async () => {
  const tutorial = changed('hello', (source) =>
    source.replace('solution:', 'solution:\n  - { run: docker images, optional: it only shows what there is }'),
  );
  expect(await lettersOf(tutorial, 'hello')).toEqual([]);
});

test('a near miss that passes is found', async () => {
  const tutorial = changed(
    'hello',
    (source) => source.replace('reject:', 'reject:\n  right: { run: ["docker run hello-world"] }'),
    '.trials.yaml',
  );
  expect(await lettersOf(tutorial, 'hello')).toEqual(['M2']);
});

test('a near miss that raises another hint is found', async () => {
  const tutorial = changed('hello', (source) => source.replace('hint: only-pulled', 'hint: not-started'), '.trials.yaml');
  const [report] = (await tryAll(tutorial, 'hello')).filter(({ status }) => status === 'fail');
  expect(report).toMatchObject({
    name: 'hello: M2 near miss only-pulled does not pass and raises its hint',
    message: 'it must raise the hint not-started, but raised only-pulled',
    test_code: 'docker pull hello-world',
  });
});

test('a leaf that holds whatever it says is found', async () => {
  const tutorial = changed('hello', (source) =>
    source.replace(/^ {2}(event: .*)$/m, '  all:\n    - $1\n    - count: { image: { name: nothing }, at-least: 0 }'),
  );
  expect(await lettersOf(tutorial, 'hello')).toEqual(['M3']);
});

test('a way that holds whatever it says is found beside another one', async () => {
  const tutorial = changed('hello', (source) =>
    source.replace(/^ {2}(event: .*)$/m, '  any:\n    - $1\n    - all: [{ $1 }, { count: { image: { name: nothing }, at-least: 0 } }]'),
  );
  expect(await lettersOf(tutorial, 'hello')).toEqual(['M3']);
});

test('a forbidden thing that could never be is found', async () => {
  const tutorial = changed('leave-running', (source) => source.replace('name: web, tty: true', 'name: no-such, tty: true'));
  expect(await lettersOf(tutorial, 'leave-running')).toContain('M3');
});

test('a check that remembers what should be there now is found', async () => {
  const tutorial = changed('leave-running', (source) =>
    source.replace(
      '- container: { name: web, state: running, image: nginx, attached: false, for: 2s }',
      '- any: [{ event: { type: container, action: start, name: web, image: nginx } }, { container: { name: web, image: nginx } }]',
    ),
  );
  expect(await lettersOf(tutorial, 'leave-running')).toContain('M4');
});

test('a reset that leaves something is found', async () => {
  const lab = await openMemoryLab();
  const leaky = {
    ...lab,
    terminal: (index: number) => lab.terminal(index),
    letPass: (time: number) => lab.letPass(time),
    guest: { ...lab.guest, reset: async () => (await lab.facts.sync()).sequence },
  };
  const trial = trialsOf(tiny).find(({ name }) => name.startsWith('leave-running: R'));
  if (trial === undefined) throw new Error('there is no such trial');
  expect(await runTrial(trial, leaky, tiny)).toMatchObject({ status: 'fail' });
});

test('a value that was written out instead of drawn is found', async () => {
  const { vars } = resolveTutorial(tiny.tutorial, seedsOf(tiny.tutorial)[0] ?? '');
  const tutorial = changed('look-inside', (source) => source.replace('content: "${WORD}"', `content: "${vars['WORD'] ?? ''}"`));
  expect(await lettersOf(tutorial, 'look-inside')).toEqual(['T']);
});

test('a tutorial is tried on every line, route and near miss that it has', () => {
  const names = trialsOf(tiny).map(({ name }) => name);
  const letters = (step: string): string =>
    names
      .filter((name) => name.startsWith(`${step}: `))
      .map((name) => name.split(' ')[1])
      .join(' ');
  expect(letters('hello')).toBe('M0 S S′ S′ S′ M1 M2 M2 M2 M3 R T');
  expect(letters('leave-running')).toBe('M0 S S′ M1 M2 M2 M2 M3 M4 R T');
});

test('a line that waits in vain says which, and soon', async () => {
  const tutorial = changed('hello', (source) =>
    source.replace('solution:', 'solution:\n  - { wait: { container: { name: nobody } }, optional: it never comes }'),
  );
  const [report] = (await tryAll(tutorial, 'hello')).filter(({ name }) => name.includes(' S '));
  expect(report).toMatchObject({ status: 'error', message: expect.stringMatching(/^waited in vain at {"wait":.*nobody/) });
});
