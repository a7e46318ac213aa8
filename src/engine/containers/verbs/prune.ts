import type { ContainersPruneResponse } from '../../../protocol/engine-api.ts';
import { matchesLabels, untilOf, type Filters } from '../../filters.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { removeContainer } from './remove.ts';
import { sizeOfUpper } from '../view/size.ts';
import { isActive } from '../state.ts';

/** POST /containers/prune: those that do not run, older than `until`, with and without labels; then one `prune` event. */
export async function pruneContainers(
  context: Needs<'store' | 'runtime' | 'images' | 'volumes' | 'events' | 'clock' | 'turns' | 'host'>,
  filters: Filters,
): Promise<ContainersPruneResponse> {
  const before = untilOf(filters, context.clock.now());
  const chosen = context.store.all().filter((container) => isPrunable(container, filters, before));
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const container of chosen) {
    const size = await sizeOfUpper(context, container);
    const gone = await container.locked(async (locked) => {
      if (context.store.byId(container.id) === null || !isPrunable(container, filters, before)) return false;
      // One that cannot be removed is left dead, with the reason in its state; the others go on (daemon/prune.go).
      return removeContainer(context, locked, { volumes: false }).then(
        () => true,
        () => false,
      );
    });
    if (!gone) continue;
    deleted.push(container.id);
    reclaimed += size;
  }
  const actor = { id: '', attributes: { reclaimed: String(reclaimed) } };
  context.events.append({ kind: 'event', type: 'container', action: 'prune', actor, facts: { deleted, reclaimed } });
  return { ContainersDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed };
}

function isPrunable({ state, identity, config }: Container, filters: Filters, before: bigint | null): boolean {
  if (isActive(state) || state.status === 'removing') return false;
  if (before !== null && identity.created > before) return false;
  return matchesLabels(config.Labels, filters);
}
