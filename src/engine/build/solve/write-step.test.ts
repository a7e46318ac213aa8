import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { restoreEngine } from '../../snapshot/restore.ts';
import { snapshotEngine } from '../../snapshot/save.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { writeStep } from './write-step.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

const write = (what: (root: string) => Promise<void>, layers: readonly string[] = ['b2', 'b1']) =>
  writeStep({ ...engine.context, steps: engine.steps }, layers, what);

test('files are written where the layers are shown as one tree, which is gone when they are written', async () => {
  const shown: unknown[] = [];
  const step = await write((root) => {
    shown.push(root, engine.machine.mounted.has(root), engine.steps.all().length);
    return Promise.resolve();
  });
  const { container, upper, moves } = step.written;
  expect(shown).toEqual([`/data/overlay2/${container}/merged`, true, 1]);
  expect([...engine.machine.mounted]).toEqual([]);
  expect([upper, moves]).toEqual([`/data/overlay2/${container}/diff`, true]);
  await step.discard();
  await step.discard();
  expect(engine.machine.removed).toEqual([container]);
  expect(engine.steps.all()).toEqual([]);
});

test('what could not be written leaves nothing', async () => {
  const full = new AppError('internal', 'no space left on device');
  await expect(write(() => Promise.reject(full))).rejects.toBe(full);
  engine.machine.failures.set('mount', full);
  await expect(write(() => Promise.resolve())).rejects.toBe(full);
  expect(engine.steps.all()).toEqual([]);
  expect([...engine.machine.mounted]).toEqual([]);
});

test('a save goes by while files are written, and a restore takes away what it finds of them', async () => {
  let saved: unknown;
  await write(() => {
    expect(engine.context.changes.isIdle).toBe(true);
    saved = JSON.parse(JSON.stringify(snapshotEngine(engine)));
    return Promise.resolve();
  });
  const fresh = createTestEngine();
  restoreEngine(fresh, saved);
  await expect.poll(() => fresh.steps.all()).toEqual([]);
  expect(fresh.machine.removed).toHaveLength(1);
});

test('a restore in the middle leaves the restored machine alone', async () => {
  const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
  const step = await write(() => Promise.resolve(restoreEngine(engine, saved)));
  await step.discard();
  expect(engine.machine.removed).toEqual([]);
});
