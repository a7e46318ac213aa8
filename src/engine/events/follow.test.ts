import { expect, test } from 'vitest';
import type { LogBatch } from '../../protocol/log.ts';
import { TestClock } from '../testing/clock.ts';
import { followLog } from './follow.ts';
import { createEventLog } from './log.ts';

const request = { kind: 'request', transport: 'unix', method: 'GET', path: '/x', query: {}, status: 200 } as const;

function follow(log: ReturnType<typeof createEventLog>, sequence = 0, epoch = log.epoch) {
  const told: (readonly [epoch: number, ...sequences: number[]])[] = [];
  const tell = ({ epoch: of, entries }: LogBatch) => void told.push([of, ...entries.map((entry) => entry.sequence)]);
  return { told, held: followLog(log, { epoch, sequence }, tell) };
}

test('a follower is told what came after his place, then what comes', () => {
  const log = createEventLog(new TestClock());
  log.append(request);
  log.append(request);
  const { epoch } = log;
  const { told, held } = follow(log, 1);
  log.append(request);
  expect(told).toEqual([
    [epoch, 2],
    [epoch, 3],
  ]);
  held.dispose();
  log.append(request);
  expect(told).toHaveLength(2);
});

test('a restored log does not silence its followers: they get its entries in place of theirs, then what comes', () => {
  const log = createEventLog(new TestClock());
  log.append(request);
  const checkpoint = log.snapshot();
  const before = log.epoch;
  const { told } = follow(log);
  for (let index = 0; index < 10; index += 1) log.append(request);
  told.length = 0;
  log.restore(checkpoint);
  log.append(request);
  expect(log.epoch).toBeGreaterThan(before);
  expect(told).toEqual([
    [log.epoch, 1],
    [log.epoch, 2],
  ]);
});

test('a follower with a place in another epoch begins anew, also where nothing is kept', () => {
  const log = createEventLog(new TestClock());
  expect(follow(log, 500, log.epoch - 1).told).toEqual([[log.epoch]]);
  log.append(request);
  expect(follow(log, 500, log.epoch - 1).told).toEqual([[log.epoch, 1]]);
});
