import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { rfc3339Nano, systemClock } from './clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const day = 24 * 3600 * 1000;

it('waits for months as for moments', async () => {
  let over = false;
  void systemClock()
    .after(60 * day)
    .then(() => (over = true));
  await vi.advanceTimersByTimeAsync(59 * day);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(day);
  expect(over).toBe(true);
});

it('stops waiting when it is told to, and leaves no timer behind', async () => {
  const client = new AbortController();
  const waiting = systemClock().after(60 * day, client.signal);
  waiting.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(30 * day);
  client.abort();
  await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
  expect(vi.getTimerCount()).toBe(0);
  await expect(systemClock().after(1, client.signal)).rejects.toMatchObject({ kind: 'cancelled' });
});

it('never says the same time twice, nor goes back', () => {
  const clock = systemClock();
  const first = clock.now();
  expect(clock.now()).toBe(first + 1n);
  vi.setSystemTime(0);
  expect(clock.now()).toBe(first + 2n);
});

it('writes times as Go does', () => {
  expect(rfc3339Nano(0n)).toBe('0001-01-01T00:00:00Z');
  expect(rfc3339Nano(1_714_564_800_000_000_000n)).toBe('2024-05-01T12:00:00Z');
  expect(rfc3339Nano(1_714_564_800_000_000_120n)).toBe('2024-05-01T12:00:00.00000012Z');
});
