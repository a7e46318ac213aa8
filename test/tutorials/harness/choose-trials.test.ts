import { expect, test } from 'vitest';
import { loadTutorials } from '../../../src/tutorial/load/index.ts';
import { tinyTutorialFiles } from '../testing/tiny-tutorial.ts';
import { changedFirst, inShard, parseShard } from './choose-trials.ts';

test('every trial is in exactly one shard', () => {
  const all = Array.from({ length: 11 }, (_, index) => index);
  const shards = ['1/3', '2/3', '3/3'].map((shard) => inShard(all, parseShard(shard)));
  expect(shards.flat().toSorted((a, b) => a - b)).toEqual(all);
  expect(inShard(all, parseShard('1/1'))).toEqual(all);
});

test.each(['0/2', '3/2', '1', '1/0', 'a/b', '-1/2'])('%s is no shard', (text) => {
  expect(() => parseShard(text)).toThrow('a shard is INDEX/COUNT');
});

test('a tutorial whose files were changed comes first, the others keep their order', () => {
  const rename = (id: string) =>
    Object.fromEntries(
      Object.entries(tinyTutorialFiles).map(([path, text]) => [path.replace('tiny/', `${id}/`), text.replace('id: tiny', `id: ${id}`)]),
    );
  const { tutorials } = loadTutorials({ ...rename('a'), ...rename('b'), ...rename('bb') });
  const ids = (paths: readonly string[]): string[] => changedFirst(tutorials, paths).map(({ tutorial }) => tutorial.manifest.id);
  expect(ids(['tutorials/b/steps/10-hello.md'])).toEqual(['b', 'a', 'bb']);
  expect(ids([])).toEqual(['a', 'b', 'bb']);
});
