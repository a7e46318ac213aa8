import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGuestLab } from './guest-lab.ts';
import { Budget, inOrder, readHistory, usualMinutes } from './harness/choose-trials.ts';
import { reportOf, type TrialReport } from './harness/report.ts';
import { runTrial, trialsOf } from './harness/run-trials.ts';
import type { Lab } from './lab.ts';
import { readTutorials } from './read-tutorials.ts';
import { worldTime } from './world-time.ts';

const reports = resolve(import.meta.dirname, '../../test-results/tutorials');

const budget = new Budget(usualMinutes, worldTime.now);

let lab: Lab;
beforeAll(async () => {
  lab = await openGuestLab();
});
afterAll(async () => {
  if (budget.leftOut !== null) console.log(`Tutorials ${budget.leftOut}.`);
  await lab.dispose();
});

const { tutorials } = readTutorials();

describe.each(inOrder(tutorials, readHistory()).map((loaded) => [loaded.tutorial.manifest.id, loaded] as const))('%s', (id, loaded) => {
  const trials = trialsOf(loaded);
  const done: TrialReport[] = [];

  afterAll(() => {
    if (done.length === 0) return;
    mkdirSync(reports, { recursive: true });
    writeFileSync(join(reports, `${id}.json`), `${JSON.stringify(reportOf(id, done), null, 2)}\n`);
  });

  test.for(trials.map((trial) => [trial.name, trial] as const))('%s', async ([, trial], { skip }) => {
    if (!budget.allows(id, trials.length)) skip('no time left');
    const report = await runTrial(trial, lab, loaded);
    done.push(report);
    expect(report, report.message).toMatchObject({ status: 'pass' });
  });
});
