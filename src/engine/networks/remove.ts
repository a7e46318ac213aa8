import { AppError } from '../../base/errors.ts';
import type { NetworksPruneResponse } from '../../protocol/engine-api.ts';
import type { Clock } from '../clock.ts';
import { matchesLabels, untilOf, type Filters } from '../filters.ts';
import { pointInTime } from '../../grammar/point-in-time.ts';
import { parseTimestamp } from '../../grammar/timestamp.ts';
import { logNetworkEvent, type NetworksContext } from './lease.ts';
import { isPredefined, type NetworkRecord } from './network.ts';

/**
 * DELETE /networks/{id}; logs `destroy`.
 * @param nameOf the name of a container by its ID
 * @throws AppError not_found; forbidden for Docker's own networks and for those that are in use
 */
export async function removeNetwork(context: NetworksContext, reference: string, nameOf: (container: string) => string): Promise<void> {
  const network = context.store.find(reference);
  if (isPredefined(network)) throw new AppError('forbidden', `${network.name} is a pre-defined network and cannot be removed`);
  refuseUsed(context, network, nameOf);
  await takeAway(context, network);
}

function refuseUsed({ store }: NetworksContext, network: NetworkRecord, nameOf: (container: string) => string): void {
  const used = (why: string): AppError => new AppError('forbidden', `error while removing network: ${why}`);
  if (network.configOnly && store.all().some(({ configFrom }) => configFrom === network.name))
    throw used(`configuration network "${network.name}" is in use`);
  if (network.leases.size === 0) return;
  const active = [...network.leases].map(([container, { endpointId }]) => `name:"${nameOf(container)}" id:"${endpointId.slice(0, 12)}"`);
  throw used(`network ${network.name} has active endpoints (${active.join(', ')})`);
}

/** Nobody finds it any more from the first moment on: a container that was on its way there is refused (lease.ts). */
async function takeAway(context: NetworksContext, network: NetworkRecord): Promise<void> {
  context.store.delete(network.id);
  try {
    await context.bridges.remove(network);
    await context.parents.close(network, () => context.store.all());
  } catch (thrown) {
    context.store.add(network);
    throw thrown;
  }
  logNetworkEvent(context, network, 'destroy');
}

/** POST /networks/prune: those that no container is on, older than `until`, with and without labels; then one `prune` event. */
export async function pruneNetworks(
  context: NetworksContext & { readonly clock: Clock },
  filters: Filters,
): Promise<NetworksPruneResponse> {
  const before = untilOf(filters, context.clock.now());
  const deleted: string[] = [];
  for (const network of context.store.all()) {
    const isUsed =
      network.leases.size > 0 || context.store.all().some(({ configFrom }) => network.configOnly && configFrom === network.name);
    if (isPredefined(network) || network.configOnly || isUsed || !matchesLabels(network.labels, filters)) continue;
    if (before !== null && parseTimestamp(pointInTime(network.created, 0n)) > before) continue;
    // One that cannot be removed stays; the others go on (daemon/prune.go).
    const isGone = await takeAway(context, network).then(
      () => true,
      () => false,
    );
    if (isGone) deleted.push(network.name);
  }
  const actor = { id: '', attributes: { reclaimed: '0' } };
  context.events.append({ kind: 'event', type: 'network', action: 'prune', actor, facts: { deleted } });
  return { NetworksDeleted: deleted.length === 0 ? null : deleted };
}
