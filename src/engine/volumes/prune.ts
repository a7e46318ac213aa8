import type { VolumesPruneResponse } from '../../protocol/engine-api.ts';
import type { Needs } from '../containers/context.ts';
import { sizeOfTree } from '../containers/view/size.ts';
import { matchesLabels, type Filters } from '../filters.ts';
import { anonymousLabel, mountpointOf } from './volume.ts';

/** POST /volumes/prune: those of no container; unless `all` says so, only those that nobody gave a name. Then one `prune` event. */
export async function pruneVolumes(
  { volumes, runtime, events }: Needs<'volumes' | 'runtime' | 'events'>,
  filters: Filters,
): Promise<VolumesPruneResponse> {
  const all = ['true', '1'].includes(filters['all']?.[0] ?? '');
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const { name, labels, options } of volumes.all()) {
    // What is elsewhere is not for the engine to throw away (volume/service, VolumesService.Prune).
    if (Object.keys(options ?? {}).length > 0) continue;
    if (!all && !Object.hasOwn(labels ?? {}, anonymousLabel)) continue;
    if (!matchesLabels(labels, filters) || volumes.users.of(name).length > 0) continue;
    const size = await sizeOfTree(runtime.facts, mountpointOf(name));
    const gone = await volumes.remove(name).then(
      () => true,
      () => false,
    );
    if (!gone) continue;
    deleted.push(name);
    reclaimed += size;
  }
  const actor = { id: '', attributes: { reclaimed: String(reclaimed) } };
  events.append({ kind: 'event', type: 'volume', action: 'prune', actor, facts: { deleted, reclaimed } });
  return { VolumesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed };
}
