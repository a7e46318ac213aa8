import { expect, it } from 'vitest';
import { createDeferred } from '../base/deferred.ts';
import { AppError } from '../base/errors.ts';
import { settle } from './testing/clock.ts';
import { Turns } from './turns.ts';

function tasksOf(turns: Turns) {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    begun,
    async end(number: number) {
      ends.get(number)?.();
      await settle();
    },
    begin: (number: number, signal?: AbortSignal) =>
      turns.run(() => {
        begun.push(number);
        const { promise, resolve } = createDeferred();
        ends.set(number, resolve);
        return promise;
      }, signal),
  };
}

it('tasks begin in the order they came, and no more at a time than there are turns', async () => {
  const { begun, begin, end } = tasksOf(new Turns(2));
  const all = [1, 2, 3, 4].map((number) => begin(number));
  await settle();
  expect(begun).toEqual([1, 2]);
  await end(2);
  expect(begun).toEqual([1, 2, 3]);
  for (const number of [1, 3, 4]) await end(number);
  expect(begun).toEqual([1, 2, 3, 4]);
  await Promise.all(all);
});

it('a turn is handed on when a task fails, and to who waits before who comes then', async () => {
  const turns = new Turns(1);
  const { begun, begin, end } = tasksOf(turns);
  const failing = createDeferred();
  const failed = turns.run(() => failing.promise.then(() => Promise.reject(new Error('no'))));
  const waiting = begin(1);
  failing.resolve();
  await expect(failed).rejects.toThrow('no');
  const late = begin(2);
  await settle();
  expect(begun).toEqual([1]);
  await end(1);
  await end(2);
  await Promise.all([waiting, late]);
});

it('who is called off while it waits never begins and takes no turn', async () => {
  const { begun, begin, end } = tasksOf(new Turns(1));
  const first = begin(1);
  const off = new AbortController();
  const second = begin(2, off.signal);
  const third = begin(3);
  off.abort(new AppError('conflict', 'it goes'));
  await expect(second).rejects.toMatchObject({ kind: 'conflict', message: 'it goes' });
  await end(1);
  await end(3);
  await Promise.all([first, third]);
  expect(begun).toEqual([1, 3]);
  await expect(begin(4, off.signal)).rejects.toThrow('it goes');
});
