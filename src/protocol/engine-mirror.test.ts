import { expect, test } from 'vitest';
import type { EngineDelta } from './engine-feed.ts';
import { EngineMirror } from './engine-mirror.ts';
import type { LogEntry } from './log.ts';

const entry = (sequence: number): LogEntry => ({ kind: 'request-closed', request: 1, by: 'client', sequence, timeNano: '1' });
const entries = (from: number, to: number): LogEntry[] => Array.from({ length: to - from + 1 }, (_, index) => entry(from + index));
const nothing = { whole: false, changed: [], gone: [] };

/** Bodies that only the ID matters of; whatever else a container has is not looked at here. */
function containers(whole: boolean, ids: readonly string[], gone: readonly string[] = []): EngineDelta['containers'] {
  return JSON.parse(JSON.stringify({ whole, changed: ids.map((Id) => ({ Id })), gone }));
}

function delta(more: Partial<EngineDelta>): EngineDelta {
  return { epoch: 0, after: 0, sequence: 0, entries: [], containers: nothing, networks: nothing, images: null, volumes: null, ...more };
}

function mirrored() {
  const told: { readonly sequences: readonly number[]; readonly rewoundTo: number | undefined; readonly ids: readonly string[] }[] = [];
  const mirror = new EngineMirror({ watch: () => Promise.resolve(1), sync: () => Promise.resolve(), unwatch: () => Promise.resolve() });
  const ids = (): readonly string[] => mirror.state.containers.map(({ Id }) => Id);
  void mirror.subscribeLog(0, (found, rewoundTo) => told.push({ sequences: found.map(({ sequence }) => sequence), rewoundTo, ids: ids() }));
  return { mirror, told, ids };
}

test('the youngest containers stand first, changed ones stay where they are, gone ones go', () => {
  const { mirror, ids } = mirrored();
  mirror.take(delta({ containers: containers(true, ['b', 'a']) }));
  mirror.take(delta({ containers: containers(false, ['a', 'c', 'd'], ['never', 'seen']) }));
  expect(ids()).toEqual(['d', 'c', 'b', 'a']);
  mirror.take(delta({ containers: containers(false, ['e'], ['c', 'a']) }));
  expect(ids()).toEqual(['e', 'd', 'b']);
});

test('readers of the log find the state that belongs to an entry when they are told of it', () => {
  const { mirror, told } = mirrored();
  mirror.take(delta({ sequence: 2, entries: entries(1, 2), containers: containers(true, ['a']) }));
  mirror.take(delta({ after: 2, sequence: 3, entries: entries(3, 3), containers: containers(false, [], ['a']) }));
  expect(told).toEqual([
    { sequences: [1, 2], rewoundTo: undefined, ids: ['a'] },
    { sequences: [3], rewoundTo: undefined, ids: [] },
  ]);
});

test('a delta without entries disturbs no reader of the log', () => {
  const { mirror, told, ids } = mirrored();
  mirror.take(delta({ containers: containers(false, ['a']) }));
  expect(told).toEqual([]);
  expect(ids()).toEqual(['a']);
});

test('who asks late gets the entries from where it was, and then the rest', async () => {
  const { mirror } = mirrored();
  mirror.take(delta({ sequence: 3, entries: entries(1, 3) }));
  const late: number[] = [];
  const subscription = await mirror.subscribeLog(1, (found) => late.push(...found.map(({ sequence }) => sequence)));
  mirror.take(delta({ after: 3, sequence: 4, entries: entries(4, 4) }));
  await mirror.unsubscribeLog(subscription);
  mirror.take(delta({ after: 4, sequence: 5, entries: entries(5, 5) }));
  expect(late).toEqual([2, 3, 4]);
  expect((await mirror.logSince(3)).map(({ sequence }) => sequence)).toEqual([4, 5]);
});

test('an engine that was restored takes entries back and readers follow the new ones', async () => {
  const { mirror, told } = mirrored();
  mirror.take(delta({ sequence: 5, entries: entries(1, 5), containers: containers(true, ['a', 'b']) }));
  mirror.take(delta({ epoch: 1, after: 2, sequence: 3, entries: entries(3, 3), containers: containers(true, ['b']) }));
  expect(told.at(-1)).toEqual({ sequences: [3], rewoundTo: 2, ids: ['b'] });
  expect((await mirror.logSince(0)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect(mirror.state.sequence).toBe(3);
});

test('what was still under way from before a restore is ignored', () => {
  const { mirror, ids } = mirrored();
  mirror.take(delta({ epoch: 1, containers: containers(true, ['new']) }));
  mirror.take(delta({ epoch: 0, containers: containers(true, ['old']) }));
  expect(ids()).toEqual(['new']);
});

test('a flood of entries pushes out the oldest', async () => {
  const { mirror } = mirrored();
  for (let at = 0; at < 30; at += 1)
    mirror.take(delta({ after: at * 1000, sequence: at * 1000 + 1000, entries: entries(at * 1000 + 1, at * 1000 + 1000) }));
  const kept = await mirror.logSince(0);
  expect(kept).toHaveLength(20_000);
  expect(kept[0]?.sequence).toBe(10_001);
});
