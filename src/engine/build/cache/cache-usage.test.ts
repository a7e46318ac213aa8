import { expect, test } from 'vitest';
import { createEventLog } from '../../events/log.ts';
import { TestClock } from '../../testing/clock.ts';
import { countingRandom } from '../../testing/engine.ts';
import { BuildCache, type CacheRecord } from './build-cache.ts';
import { cacheUsage, pruneBuildCache, type PruneOptions } from './cache-usage.ts';

function testCache(shared: readonly string[] = []) {
  const clock = new TestClock();
  const cache = new BuildCache({ keep: () => ({ dispose: () => undefined }), forget: () => undefined, clock, random: countingRandom() });
  const events = createEventLog(clock);
  const isShared = (diffId: string): boolean => shared.includes(diffId);
  const add = (key: string, parent = '', more: Partial<Pick<CacheRecord, 'type' | 'size'>> = {}): CacheRecord =>
    cache.add({ key, parent, type: 'regular', description: `RUN ${key}`, diffId: key, size: 10, ...more });
  const prune = (options: Partial<PruneOptions> = {}) => {
    const names = new Map(cache.all().map(({ id, key }) => [id, key]));
    const { CachesDeleted, SpaceReclaimed } = pruneBuildCache(
      { cache, isShared, events, clock },
      { all: false, keeps: 0, filters: {}, ...options },
    );
    return { deleted: CachesDeleted?.map((id) => names.get(id)) ?? null, bytes: SpaceReclaimed };
  };
  return { cache, clock, events, isShared, add, prune };
}

test('what is used is told as Docker tells it', () => {
  const { cache, isShared, add } = testCache(['a']);
  const below = add('a');
  const above = add('b', below.id, { type: 'source.local' });
  cache.hold(above.id);
  const times = { CreatedAt: '2024-05-01T12:00:00.000000002Z', LastUsedAt: '2024-05-01T12:00:00.000000002Z', UsageCount: 1 };
  expect(cacheUsage(cache, isShared)).toEqual([
    { ID: below.id, Type: 'regular', Description: 'RUN a', InUse: false, Shared: true, Size: 10, ...times },
    {
      ID: above.id,
      Parents: [below.id],
      Type: 'source.local',
      Description: 'RUN b',
      InUse: true,
      Shared: false,
      Size: 10,
      ...times,
      CreatedAt: '2024-05-01T12:00:00.000000003Z',
      LastUsedAt: '2024-05-01T12:00:00.000000003Z',
    },
  ]);
});

test('what was used longest ago goes first, and nothing before what stands on it', () => {
  const { cache, add, prune } = testCache();
  const below = add('below');
  add('above', below.id);
  const old = add('old');
  add('new');
  cache.use(old);
  expect(prune()).toEqual({ deleted: ['above', 'below', 'new', 'old'], bytes: 40 });
  expect(cache.all()).toEqual([]);
  expect(prune()).toEqual({ deleted: null, bytes: 0 });
});

test('what a build stands on stays, and what that stands on', () => {
  const { cache, add, prune } = testCache();
  const below = add('below');
  const held = add('held', below.id);
  add('free', held.id);
  cache.hold(held.id);
  expect(prune({ all: true }).deleted).toEqual(['free']);
  cache.release(held.id);
  expect(prune({ all: true }).deleted).toEqual(['held', 'below']);
});

test('what an image has goes only with --all, and gives no byte back', () => {
  const { add, prune } = testCache(['shared']);
  add('shared');
  add('own');
  expect(prune()).toEqual({ deleted: ['own'], bytes: 10 });
  expect(prune({ all: true })).toEqual({ deleted: ['shared'], bytes: 0 });
});

test('so many bytes stay, of those that images do not have', () => {
  const { add, prune } = testCache(['shared']);
  add('a');
  add('shared', '', { size: 1000 });
  add('b');
  add('c');
  expect(prune({ keeps: 30 })).toEqual({ deleted: null, bytes: 0 });
  expect(prune({ keeps: 19 })).toEqual({ deleted: ['a', 'b'], bytes: 20 });
});

test('a filter leaves what it does not match', async () => {
  const { cache, clock, add, prune } = testCache(['shared']);
  const old = add('old');
  add('context', '', { type: 'source.local' });
  add('shared');
  await clock.advance(3_600_000);
  const late = add('late');
  const deleted = (filters: PruneOptions['filters']) => {
    const saved = cache.snapshot();
    const found = prune({ all: true, filters }).deleted;
    cache.restore(saved);
    return found;
  };
  expect(deleted({ until: ['30m'] })).toEqual(['old', 'context', 'shared']);
  expect(deleted({ 'unused-for': ['2h'] })).toBeNull();
  expect(deleted({ id: [late.id.slice(0, 12)] })).toEqual(['late']);
  expect(deleted({ type: ['source.local'] })).toEqual(['context']);
  expect(deleted({ parent: [old.id] })).toBeNull();
  expect(deleted({ description: ['RUN old'] })).toEqual(['old']);
  expect(deleted({ shared: ['true'] })).toEqual(['shared']);
  expect(deleted({ private: ['true'], until: ['30m'] })).toEqual(['old', 'context']);
});

test('a prune is told as an event', () => {
  const { events, add, prune } = testCache();
  add('a');
  prune();
  expect(events.since(0)).toMatchObject([{ type: 'builder', action: 'prune', actor: { id: '', attributes: { reclaimed: '10' } } }]);
});
