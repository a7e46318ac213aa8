import type { EventLog } from '../../protocol/log.ts';

/** POST /build/prune: nothing is built here yet, so there is nothing to remove; the event is told all the same, as by Docker. */
export function pruneBuildCache(events: EventLog): { readonly CachesDeleted: null; readonly SpaceReclaimed: number } {
  events.append({ kind: 'event', type: 'builder', action: 'prune', actor: { id: '', attributes: { reclaimed: '0' } }, facts: {} });
  return { CachesDeleted: null, SpaceReclaimed: 0 };
}
