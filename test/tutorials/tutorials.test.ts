import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGuestLab } from './guest-lab.ts';
import { changedFirst, changedTutorialFiles } from './harness/choose-trials.ts';
import { reportOf, type TrialReport } from './harness/report.ts';
import { runTrial, trialsOf } from './harness/run-trials.ts';
import type { Lab } from './lab.ts';
import { readTutorials } from './read-tutorials.ts';

const reports = resolve(import.meta.dirname, '../../test-results/tutorials');

let lab: Lab;
beforeAll(async () => {
  lab = await openGuestLab();
});
afterAll(() => lab.dispose());

const { tutorials } = readTutorials();
const inOrder = changedFirst(tutorials, changedTutorialFiles());

describe.each(inOrder.map((loaded) => [loaded.tutorial.manifest.id, loaded] as const))('%s', (id, loaded) => {
  const done: TrialReport[] = [];

  afterAll(() => {
    mkdirSync(reports, { recursive: true });
    writeFileSync(join(reports, `${id}.json`), `${JSON.stringify(reportOf(id, done), null, 2)}\n`);
  });

  test.each(trialsOf(loaded).map((trial) => [trial.name, trial] as const))('%s', async (_name, trial) => {
    const report = await runTrial(trial, lab, loaded);
    done.push(report);
    expect(report, report.message).toMatchObject({ status: 'pass' });
  });
});
