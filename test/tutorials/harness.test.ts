import { expect, test } from 'vitest';
import { loadTutorials, type Tutorial } from '../../src/tutorial/index.ts';
import { reportOf, type TrialReport } from './harness/report.ts';
import { runTrial, trialsOf } from './harness/run-trials.ts';
import { readTutorialFiles, readTutorials } from './read-tutorials.ts';
import { openTinyLab } from './testing/tiny-lab.ts';

async function tryAll(tutorial: Tutorial, only?: string): Promise<TrialReport[]> {
  const lab = await openTinyLab();
  const reports: TrialReport[] = [];
  for (const trial of trialsOf(tutorial)) if (only === undefined || trial.step === only) reports.push(await runTrial(trial, lab, tutorial));
  await lab.dispose();
  return reports;
}

const broken = (reports: readonly TrialReport[]): string[] => reports.filter(({ status }) => status !== 'pass').map(({ name, message }) => `${name}: ${message ?? ''}`);

test('the first tutorial stands every trial', async () => {
  const [tutorial] = readTutorials();
  if (tutorial === undefined) throw new Error('there is no tutorial');
  const reports = await tryAll(tutorial);
  expect(broken(reports)).toEqual([]);
  expect(reportOf(tutorial.manifest.id, reports)).toMatchObject({ version: 3, status: 'pass' });
});
