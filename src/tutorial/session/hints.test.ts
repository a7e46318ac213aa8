import { expect, test } from 'vitest';
import type { Predicate } from '../../protocol/tutorial-check.ts';
import { chooseHint, untilNextHint } from './hints.ts';

const when = (name: string): Predicate => ({ container: { name } });
const hints = [
  { when: when('a'), say: 'first' },
  { after: '30s', say: 'soon' },
  { when: when('b'), say: 'second' },
  { after: '1m', say: 'late' },
];
const holding =
  (...names: string[]) =>
  (predicate: Predicate): Promise<boolean> =>
    Promise.resolve(names.includes(String(predicate.container?.name)));

test('the first that holds wins', async () => {
  expect(await chooseHint(hints, 0, holding('a', 'b'))).toEqual({ index: 0, say: 'first' });
  expect(await chooseHint(hints, 90_000, holding('b'))).toEqual({ index: 2, say: 'second' });
});

test('then the last whose time has come', async () => {
  expect(await chooseHint(hints, 29_999, holding())).toBeNull();
  expect(await chooseHint(hints, 30_000, holding())).toEqual({ index: 1, say: 'soon' });
  expect(await chooseHint(hints, 60_000, holding())).toEqual({ index: 3, say: 'late' });
});

test('the time until the next one is known', () => {
  expect(untilNextHint(hints, 0)).toBe(30_000);
  expect(untilNextHint(hints, 30_000)).toBe(30_000);
  expect(untilNextHint(hints, 60_000)).toBeNull();
});
