import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

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
