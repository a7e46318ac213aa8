import { expect, test } from 'vitest';
import { TestClock } from '../../testing/clock.ts';
import { countingRandom } from '../../testing/engine.ts';
import { BuildCache } from './build-cache.ts';

function testCache() {
  /** Diff IDs that are kept, each as often as it is. */
  const kept: string[] = [];
  const keep = (diffId: string) => {
    kept.push(diffId);
    return { dispose: () => void kept.splice(kept.indexOf(diffId), 1) };
  };
  return { cache: new BuildCache({ keep, forget: () => undefined, clock: new TestClock(), random: countingRandom() }), kept };
}

const made = (key: string, parent = '') => ({ key, parent, type: 'regular', description: key, diffId: `of ${key}`, size: 10 }) as const;

test('a record is found by its key and by its ID, and keeps its layer until it is removed', () => {
  const { cache, kept } = testCache();
  const record = cache.add(made('a'));
  expect(record).toMatchObject({ ...made('a'), id: expect.stringMatching(/^[a-z0-9]{25}$/), usageCount: 1 });
  expect(record.lastUsed).toBe(record.created);
  expect(cache.find('a')).toBe(record);
  expect(cache.get(record.id)).toBe(record);
  expect(kept).toEqual(['of a']);
  cache.remove(record.id);
  cache.remove(record.id);
  expect(kept).toEqual([]);
  expect([cache.find('a'), cache.get(record.id)]).toEqual([undefined, undefined]);
});

test('who makes the same a second time is given what is there, and keeps nothing', () => {
  const { cache, kept } = testCache();
  const first = cache.add(made('a'));
  expect(cache.add({ ...made('a'), diffId: 'another' })).toBe(first);
  expect(kept).toEqual(['of a']);
});

test('what was made without the cache is found from then on; what it replaced stays until it is pruned', () => {
  const { cache, kept } = testCache();
  const first = cache.add(made('a'));
  const second = cache.add({ ...made('a'), diffId: 'another' }, true);
  expect(cache.find('a')).toBe(second);
  expect(kept).toEqual(['of a', 'another']);
  cache.remove(first.id);
  expect(cache.find('a')).toBe(second);
  expect(kept).toEqual(['another']);
});

test('a use is counted and has its time', () => {
  const { cache } = testCache();
  const record = cache.add(made('a'));
  cache.use(record);
  expect(record.usageCount).toBe(2);
  expect(record.lastUsed).toBeGreaterThan(record.created);
});

test('a record that two builds stand on is in use until both are over', () => {
  const { cache } = testCache();
  const { id } = cache.add(made('a'));
  cache.hold(id);
  cache.hold(id);
  cache.release(id);
  expect(cache.isInUse(id)).toBe(true);
  cache.release(id);
  expect(cache.isInUse(id)).toBe(false);
});

test('a snapshot goes through JSON; restored, it is all that there is, its layers are kept and no build stands on it', () => {
  const { cache } = testCache();
  const below = cache.add(made('a'));
  const above = cache.add(made('b', below.id));
  cache.use(above);
  const saved = cache.snapshot();
  const { cache: other, kept } = testCache();
  const gone = other.add(made('gone'));
  other.hold(gone.id);
  kept.length = 0;
  other.restore(JSON.parse(JSON.stringify(saved)) as typeof saved);
  expect(other.all()).toEqual(cache.all());
  expect(other.find('b')).toEqual(above);
  expect(other.find('gone')).toBeUndefined();
  expect(other.isInUse(gone.id)).toBe(false);
  expect(kept).toEqual(['of a', 'of b']);
  other.remove(above.id);
  expect(kept).toEqual(['of a']);
});

test('a thousand digests are remembered, the latest', () => {
  const { digests } = testCache().cache;
  for (let number = 0; number <= 1000; number += 1) digests.set(String(number), `of ${number}`);
  expect([digests.get('0'), digests.get('1'), digests.get('1000')]).toEqual([undefined, 'of 1', 'of 1000']);
});
