import { expect, test } from 'vitest';
import { PendingCalls } from './pending-calls.ts';

test('a call gives what it gave', async () => {
  const calls = new PendingCalls();
  await expect(calls.make(() => Promise.resolve(7))).resolves.toBe(7);
  await expect(calls.make(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('calls that wait at the death reject with its first reason, as those after it do without being made', async () => {
  const calls = new PendingCalls();
  const waiting = calls.make(() => new Promise(() => undefined));
  calls.fail(new Error('first'));
  calls.fail(new Error('second'));
  await expect(waiting).rejects.toThrow('first');
  let made = false;
  const late = calls.make(async () => {
    made = true;
  });
  await expect(late).rejects.toThrow('first');
  expect(made).toBe(false);
});
