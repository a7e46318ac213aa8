import { abandonContainer } from '../containers/run/abandon.ts';
import { overlayDirectories, type Needs } from '../containers/context.ts';
import { discardView } from '../containers/files/views.ts';
import type { NetworkRecord } from '../networks/network.ts';
import { restoreContainer, restoreLinks } from './restore-container.ts';
import type { EngineParts } from './save.ts';
import { parseSnapshot } from './schema.ts';

/**
 * Containers, networks and the log in place of all there is.
 * @param restoreImages what containers stand on comes first, once the snapshot is known to be one @throws AppError invalid
 */
export function restoreEngine(
  { context, log, steps, cache, folders, outside }: EngineParts,
  snapshot: unknown,
  restoreImages: () => void = () => undefined,
): void {
  const {
    containers,
    networks,
    bridges,
    parents,
    next,
    volumes,
    views,
    steps: savedSteps,
    buildCache,
    goingFolders,
    outside: savedNetwork,
    log: events,
  } = parseSnapshot(snapshot);
  context.next.restore(next);
  restoreImages();
  log.restore(events);
  context.networks.store.replace(networks.map((network): NetworkRecord => ({ ...network, leases: new Map() })));
  context.networks.bridges.assume(bridges);
  context.networks.parents.assume(parents);
  context.volumes.restore(volumes);
  for (const container of context.store.all()) {
    context.store.delete(container);
    abandonContainer(context.clock, container, 'the engine was restored');
  }
  context.ports.table.clear();
  for (const saved of containers) restoreContainer(context, saved);
  for (const saved of containers) restoreLinks(context, saved);
  outside?.restore(savedNetwork, context.names);
  discardViews(context, context.views.restore(views));
  steps?.restore(context, savedSteps);
  cache?.restore(buildCache);
  folders?.restore(goingFolders);
  releaseVolumes(context, volumes.mounted);
  context.runtime.processes.releaseRestored();
}

/** Who held a volume mounted to look into it, or to fill it, is gone. */
function releaseVolumes(
  { store, volumes, changes }: Needs<'store' | 'volumes' | 'changes'>,
  mounted: readonly (readonly [string, readonly string[]])[],
): void {
  for (const [name, holders] of mounted)
    for (const holder of holders)
      if (store.byId(holder) === null) void changes.run(() => volumes.release(name, holder)).catch(() => undefined);
}

/** Who looked or wrote is gone. A container whose own place is mounted is not started before that is over. */
function discardViews(context: Needs<'store' | 'runtime' | 'host' | 'changes'>, targets: readonly string[]): void {
  for (const target of targets) {
    const container = context.store.all().find(({ id }) => overlayDirectories(context.host, id).merged === target);
    const discard = (): Promise<void> => discardView(context, target);
    void (container === undefined ? context.changes.run(discard) : container.locked(discard));
  }
}
