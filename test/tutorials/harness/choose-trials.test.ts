import { describe, expect, test } from 'vitest';
import { loadTutorials } from '../../../src/tutorial/load/index.ts';
import { tinyTutorialFiles } from '../testing/tiny-tutorial.ts';
import { Budget, inOrder, inShard, parseShard } from './choose-trials.ts';

test('every trial is in exactly one shard', () => {
  const all = Array.from({ length: 11 }, (_, index) => index);
  const shards = ['1/3', '2/3', '3/3'].map((shard) => inShard(all, parseShard(shard)));
  expect(shards.flat().toSorted((a, b) => a - b)).toEqual(all);
  expect(inShard(all, parseShard('1/1'))).toEqual(all);
});

test.each(['0/2', '3/2', '1', '1/0', 'a/b', '-1/2'])('%s is no shard', (text) => {
  expect(() => parseShard(text)).toThrow('a shard is INDEX/COUNT');
});

describe('the order of tutorials', () => {
  const rename = (id: string) =>
    Object.fromEntries(
      Object.entries(tinyTutorialFiles).map(([path, text]) => [path.replace('tiny/', `${id}/`), text.replace('id: tiny', `id: ${id}`)]),
    );
  const { tutorials } = loadTutorials({ ...rename('a'), ...rename('b'), ...rename('bb'), ...rename('c') });
  const ids = (changed: readonly string[], commit: string): string =>
    inOrder(tutorials, { changed, commit })
      .map(({ tutorial }) => tutorial.manifest.id)
      .join(' ');

  test('begins with those whose files were changed', () => {
    expect(ids(['tutorials/b/steps/10-hello.md'], '0')).toBe('b a bb c');
    expect(ids(['tutorials/c/tutorial.yaml', 'tutorials/README.md', 'tutorials/a/steps/10-hello.md'], '0')).toBe('a c b bb');
    expect(ids(['tutorials/a/tutorial.yaml', 'tutorials/b/x', 'tutorials/bb/x', 'tutorials/c/x'], 'ffff')).toBe('a b bb c');
  });

  test('goes on with another one for another commit, and leaves none out', () => {
    expect(ids([], '00000000ffffffff')).toBe('a b bb c');
    expect(ids([], '00000006aaaaaaaa')).toBe('bb c a b');
    expect(ids(['tutorials/b/x'], '00000004')).toBe('b bb c a');
  });
});

test('no trial is begun when the time is over, and what was left out is told', () => {
  let now = 1000;
  const budget = new Budget(10, () => now);
  expect(budget.allows('first', 2)).toBe(true);
  now += 599_999;
  expect(budget.allows('first', 2)).toBe(true);
  expect(budget.leftOut).toBeNull();
  now += 1;
  expect([budget.allows('second', 3), budget.allows('second', 3), budget.allows('third', 1)]).toEqual([false, false, false]);
  expect(budget.leftOut).toBe('left out after 10 minutes: second (2 of 3 trials), third (all 1 trials); npm run tutorials:all tries all');
});

test('all are tried when the time has no end', () => {
  let now = 0;
  const budget = new Budget(Infinity, () => (now += 1e9));
  expect(budget.allows('any', 1)).toBe(true);
});
