import { expect, test } from 'vitest';
import type { LogEntry } from '../../protocol/log.ts';
import { openLogBuffer } from './log-buffer.ts';

const entry = (sequence: number): LogEntry => ({
  kind: 'request-closed',
  request: 1,
  by: 'client',
  sequence,
  timeNano: '1',
});

test('a flood of entries pushes out the oldest', async () => {
  let tell: (entries: readonly LogEntry[]) => void = () => undefined;
  const facts = {
    logSince: () => Promise.resolve([]),
    subscribeLog: (_after: number, listener: (entries: readonly LogEntry[]) => void) => {
      tell = listener;
      return Promise.resolve(1);
    },
    unsubscribeLog: () => Promise.resolve(),
  };
  const buffer = await openLogBuffer(facts, 0, () => undefined);
  for (let at = 0; at < 30; at += 1) tell(Array.from({ length: 1000 }, (_, index) => entry(at * 1000 + index + 1)));
  expect(buffer.entries).toHaveLength(20_000);
  expect(buffer.entries[0]?.sequence).toBe(10_001);
  expect(buffer.entries.at(-1)?.sequence).toBe(30_000);
  buffer.dispose();
});
