/** The cache as `docker system df -v` and `docker builder prune` see it (moby: builder-next/builder.go, DiskUsage and Prune). */
import { rfc3339Nano } from '../../../grammar/time.ts';
import type { BuildCacheUsage } from '../../../protocol/engine-api.ts';
import type { EventLog } from '../../../protocol/log.ts';
import type { Clock } from '../../clock.ts';
import { untilOf, type Filters } from '../../filters.ts';
import type { BuildCache, CacheRecord } from './build-cache.ts';

/** Whether an image has the layer, too. */
export type IsShared = (diffId: string) => boolean;

/** In the order in which they were made. */
export function cacheUsage(cache: BuildCache, isShared: IsShared): BuildCacheUsage[] {
  return cache.all().map((record) => ({
    ID: record.id,
    ...(record.parent === '' ? {} : { Parents: [record.parent] }),
    Type: record.type,
    Description: record.description,
    InUse: cache.isInUse(record.id),
    Shared: isShared(record.diffId),
    Size: record.size,
    CreatedAt: rfc3339Nano(record.created),
    LastUsedAt: rfc3339Nano(record.lastUsed),
    UsageCount: record.usageCount,
  }));
}

export interface PruneOptions {
  /** Also what images share. */
  readonly all: boolean;
  /** Bytes that may stay; 0: none. */
  readonly keeps: number;
  readonly filters: Filters;
}

interface PruneContext {
  readonly cache: BuildCache;
  readonly isShared: IsShared;
  readonly events: EventLog;
  readonly clock: Clock;
}

/**
 * Removes what nobody stands on, what was used longest ago first.
 * @throws AppError invalid
 */
export function pruneBuildCache(
  context: PruneContext,
  { all, keeps, filters }: PruneOptions,
): { readonly CachesDeleted: readonly string[] | null; readonly SpaceReclaimed: number } {
  const { cache, isShared, events } = context;
  const matches = matcher(context, filters);
  const sizeOf = (record: CacheRecord): number => (isShared(record.diffId) ? 0 : record.size);
  let total = cache.all().reduce((sum, record) => sum + sizeOf(record), 0);
  const deleted: string[] = [];
  let reclaimed = 0;
  for (let next = candidate(); next !== undefined && (keeps === 0 || total > keeps); next = candidate()) {
    const size = sizeOf(next);
    cache.remove(next.id);
    deleted.push(next.id);
    reclaimed += size;
    total -= size;
  }
  events.append({
    kind: 'event',
    type: 'builder',
    action: 'prune',
    actor: { id: '', attributes: { reclaimed: String(reclaimed) } },
    facts: {},
  });
  return { CachesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed };

  function candidate(): CacheRecord | undefined {
    const parents = new Set(cache.all().map(({ parent }) => parent));
    const free = cache
      .all()
      .filter(({ id, diffId }) => !cache.isInUse(id) && !parents.has(id) && (all || !isShared(diffId)))
      .filter(matches);
    return free.sort((one, other) => Number(one.lastUsed - other.lastUsed) || one.usageCount - other.usageCount)[0];
  }
}

type Matches = (record: CacheRecord) => boolean;

/** @throws AppError invalid in moby's words */
function matcher({ cache, isShared, clock }: PruneContext, filters: Filters): Matches {
  const until = untilOf({ until: filters['until'] ?? filters['unused-for'] ?? [] }, clock.now());
  const tests = Object.entries(filters).flatMap(([name, values]) => values.map((value) => test(name, value)));
  return (record) => (until === null || record.lastUsed < until) && tests.every((each) => each(record));

  function test(name: string, value: string): Matches {
    const isTrue = value === '' || value === 'true' || value === '1';
    switch (name) {
      case 'id':
        return ({ id }) => id.startsWith(value);
      case 'parent':
        return ({ parent }) => parent === value;
      case 'type':
        return ({ type }) => type === value;
      case 'description':
        return ({ description }) => description.includes(value);
      case 'inuse':
        return ({ id }) => cache.isInUse(id) === isTrue;
      case 'shared':
        return ({ diffId }) => isShared(diffId) === isTrue;
      case 'private':
        return ({ diffId }) => isShared(diffId) !== isTrue;
      // Nothing in the cache has labels.
      default:
        return () => true;
    }
  }
}
