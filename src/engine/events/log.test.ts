import { expect, test } from 'vitest';
import { TestClock } from '../testing/clock.ts';
import { createEventLog } from './log.ts';

const request = (query: string) =>
  ({ kind: 'request', transport: 'unix', method: 'GET', path: '/x', query: { a: query }, status: 200 }) as const;

test('the log keeps bytes, not entries: what is large pushes out what is old', () => {
  const log = createEventLog(new TestClock(), 10_000);
  for (let index = 0; index < 100; index += 1) log.append(request('y'.repeat(1000)));
  expect(log.bytes).toBeLessThanOrEqual(10_000);
  expect(log.since(0).map(({ sequence }) => sequence)).toEqual([98, 99, 100]);
  expect(log.last).toBe(100);
  for (let index = 0; index < 5000; index += 1) log.append(request(''));
  expect(log.bytes).toBeLessThanOrEqual(10_000);
  const kept = log.since(0);
  expect(kept.at(-1)?.sequence).toBe(5100);
  expect(kept.map(({ sequence }) => sequence)).toEqual(kept.map((_, at) => 5101 - kept.length + at));
});

test('since gives what comes after a position, or the oldest kept, and no more than asked for', () => {
  const log = createEventLog(new TestClock(), 10_000);
  for (let index = 0; index < 10; index += 1) log.append(request('y'.repeat(1000)));
  expect(log.since(8).map(({ sequence }) => sequence)).toEqual([9, 10]);
  expect(log.since(0, 2).map(({ sequence }) => sequence)).toEqual([8, 9]);
  expect(log.since(10)).toEqual([]);
});

test('an entry larger than the log is told to who listens and not kept', () => {
  const log = createEventLog(new TestClock(), 1000);
  const heard: number[] = [];
  log.onAppend(({ sequence }) => heard.push(sequence));
  log.append(request('y'.repeat(100_000)));
  expect(heard).toEqual([1]);
  expect(log.since(0)).toEqual([]);
  expect(log.bytes).toBe(0);
});

test('a log that is restored is within its bounds too', () => {
  const large = createEventLog(new TestClock(), 1_000_000);
  for (let index = 0; index < 100; index += 1) large.append(request('y'.repeat(1000)));
  const log = createEventLog(new TestClock(), 10_000);
  log.restore(large.snapshot());
  expect(log.bytes).toBeLessThanOrEqual(10_000);
  expect(log.append(request('')).sequence).toBe(101);
});

test('every restore begins an epoch that no follower has seen, whatever was restored before', () => {
  const clock = new TestClock();
  const log = createEventLog(clock);
  log.append(request('a'));
  const early = log.snapshot();
  log.append(request('b'));
  const late = log.snapshot();
  const seen = [log.epoch];
  for (const state of [early, late, early]) {
    log.restore(state);
    seen.push(log.epoch);
  }
  const other = createEventLog(clock);
  other.restore(log.snapshot());
  seen.push(other.epoch);
  expect(new Set(seen).size).toBe(5);
  expect([...seen].sort((one, two) => one - two)).toEqual(seen);
});

test('a log that goes on after a reset is of the same epoch', () => {
  const log = createEventLog(new TestClock());
  log.append(request('a'));
  const next = createEventLog(new TestClock());
  next.resume(log.snapshot());
  expect(next.epoch).toBe(log.epoch);
  expect(next.append(request('b')).sequence).toBe(2);
});
