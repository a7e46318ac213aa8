import { expect, test } from 'vitest';
import type { Predicate } from '../predicates/registry.ts';
import { chooseHint, untilNextHint } from './hints.ts';

const when = (name: string): Predicate => ({ container: { name } });
const hints = {
  a: { when: when('a'), say: 'first' },
  soon: { after: '30s', say: 'soon' },
  b: { when: when('b'), say: 'second' },
  late: { after: '1m', say: 'late' },
};
const holding =
  (...names: string[]) =>
  (predicate: Predicate): Promise<boolean> =>
    Promise.resolve(names.includes(String(predicate.container?.name)));

test('the first that holds wins', async () => {
  expect(await chooseHint(hints, 0, holding('a', 'b'))).toEqual({ id: 'a', say: 'first' });
  expect(await chooseHint(hints, 90_000, holding('b'))).toEqual({ id: 'b', say: 'second' });
});

test('then the last whose time has come', async () => {
  expect(await chooseHint(hints, 29_999, holding())).toBeNull();
  expect(await chooseHint(hints, 30_000, holding())).toEqual({ id: 'soon', say: 'soon' });
  expect(await chooseHint(hints, 60_000, holding())).toEqual({ id: 'late', say: 'late' });
});

test('the time until the next one is known', () => {
  expect(untilNextHint(hints, 0)).toBe(30_000);
  expect(untilNextHint(hints, 30_000)).toBe(30_000);
  expect(untilNextHint(hints, 60_000)).toBeNull();
});
