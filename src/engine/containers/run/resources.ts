import { AppError, toAppError } from '../../../base/errors.ts';
import type { Container, LockedContainer, RunEnding } from '../container.ts';
import { cgroupOf, type Needs, overlayDirectories } from '../context.ts';
import { layerPath } from '../../images/layer-store.ts';
import { isBind, isImage, isVolume, type ImageMount } from '../mounts/mount.ts';
import { blockLimits } from '../spec/block-limits.ts';
import { logVolumeEvent } from '../../volumes/volume.ts';
import { containerDevices } from '../spec/devices.ts';
import { endHealth } from '../health/monitor.ts';
import type { SpecParts } from '../spec/spec.ts';
import { forgetAddresses } from './hosts-file.ts';
import { leaveNetworks } from './join-networks.ts';
import { checkLinked, tellParents } from './linked.ts';
import { publishPorts, unpublishPorts } from './publish-ports.ts';
import { closeResolver, openResolver, type ResolverContext } from './resolver.ts';
import { setUpNetwork } from './set-up-network.ts';

/** What the resources below need, all of them. */
export type ResourcesContext = ResolverContext & Needs<'store' | 'networks' | 'ports' | 'volumes' | 'events' | 'host'>;

/** Something that a container has from its start to the end of its run. */
export interface Resource {
  readonly name: string;
  /** @returns what the agent is to be told of it. @throws AppError: the start fails, and what was acquired before is released */
  acquire(context: ResourcesContext, container: LockedContainer): Promise<Partial<SpecParts>>;
  /** Never fails: a run that is over is over. Also called where only a part of it was acquired. */
  release(context: ResourcesContext, container: Container, ending: RunEnding): Promise<void> | void;
}

const devices: Resource = {
  name: 'devices',
  acquire: async ({ runtime }: Needs<'runtime'>, { hostConfig }) => ({
    ...(await containerDevices(runtime.facts, hostConfig)),
    blockLimits: await blockLimits(runtime.facts, hostConfig),
  }),
  release: () => undefined,
};

const endpoints: Resource = {
  name: 'endpoints',
  acquire: async (context: Needs<'store' | 'networks'>, container) => ({ network: await setUpNetwork(context, container) }),
  async release({ networks, runtime }: Needs<'networks' | 'runtime'>, container, { removes }) {
    leaveNetworks(networks, container);
    // Its hosts file is shown as long as the container is there.
    if (!removes) await forgetAddresses({ runtime }, container).catch(() => undefined);
  },
};

/** Rules in the guest, and what stands for them outside. */
const ports: Resource = {
  name: 'ports',
  async acquire(context: Needs<'runtime' | 'networks' | 'ports'>, container) {
    await publishPorts(context, container).catch((thrown: unknown) => {
      const { kind, message, detail } = toAppError(thrown);
      throw new AppError(kind, `failed to set up container networking: ${message}`, { cause: thrown, detail });
    });
    return {};
  },
  release: (context: Needs<'runtime' | 'networks' | 'ports'>, container) => unpublishPorts(context, container),
};

/** Those that it is linked to run; those that are linked to it learn its address. */
const links: Resource = {
  name: 'links',
  async acquire(context: Needs<'store' | 'runtime' | 'networks'>, container) {
    checkLinked(context, container);
    await tellParents(context, container);
    return {};
  },
  release: () => undefined,
};

/** A layer of its own over those of the image, which nobody writes to, as in Docker. */
async function mountImage({ runtime, host }: Needs<'runtime' | 'host'>, { id, layers }: ImageMount): Promise<void> {
  const { upper, work, merged: target } = overlayDirectories(host, id);
  const lowers = layers.map((directory) => layerPath(host.layerRoot, directory));
  // One that is left of a run before.
  await runtime.overlayMounts.unmount(target);
  await runtime.overlayMounts.mount({ lowers, upper, work, target });
}

/** daemon/oci_linux.go, withMounts. */
function checkReadOnly({ mounts }: Container): void {
  if (mounts.some((mount) => isBind(mount) && mount.contradictory))
    throw new AppError('internal', 'mount options conflict: ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive');
}

/** Sources of binds are made where they are missing, and stay; volumes are mounted where their options say so. */
const mounts: Resource = {
  name: 'mounts',
  async acquire(context: Needs<'runtime' | 'volumes' | 'events' | 'host'>, container) {
    const { runtime, volumes, events } = context;
    for (const { name, target, readOnly } of container.mounts.filter(isVolume)) {
      await volumes.acquire(name, container.id);
      const access = { 'read/write': String(!readOnly), propagation: '' };
      logVolumeEvent(events, name, 'mount', { container: container.id, destination: target, ...access });
    }
    checkReadOnly(container);
    for (const mount of container.mounts.filter(isImage)) await mountImage(context, mount);
    const directories = container.mounts.filter(isBind).flatMap(({ source, creates }) => (creates ? [source] : []));
    if (directories.length > 0) await runtime.files.write({ directories });
    return {};
  },
  async release({ runtime, volumes, events, host }: Needs<'runtime' | 'volumes' | 'events' | 'host'>, container) {
    for (const { id } of container.mounts.filter(isImage))
      await runtime.overlayMounts.unmount(overlayDirectories(host, id).merged).catch(() => undefined);
    for (const { name } of container.mounts.filter(isVolume)) {
      await volumes.release(name, container.id).catch(() => undefined);
      logVolumeEvent(events, name, 'unmount', { container: container.id });
    }
  },
};

/** Mounts and cgroup in the guest. What could not be cleared away after a run is cleared away before the next. */
const guest: Resource = {
  name: 'guest',
  async acquire(context: Needs<'runtime' | 'host'>, container) {
    if (!container.isReleased) await releaseGuest(context, container);
    return {};
  },
  // A removal takes them along: one round trip less for every `docker run --rm`.
  release: (context: Needs<'runtime' | 'host'>, container, { removes }) => (removes ? undefined : releaseGuest(context, container)),
};

/** Docker's DNS, in the name space that the container will have. What is left of a run before must be cleared away by then: it has the same name. */
const resolver: Resource = {
  name: 'resolver',
  async acquire(context: ResolverContext, container) {
    await openResolver(context, container, { ahead: true });
    return {};
  },
  release: (_context, container) => closeResolver(container),
};

/** Somebody who looks at its health: from the moment when its process runs (`launch`) to the end of the run. */
const health: Resource = {
  name: 'health',
  acquire: () => Promise.resolve({}),
  release: (_context, container) => endHealth(container),
};

/** In the order in which a start acquires them. */
const resources: readonly Resource[] = [devices, mounts, endpoints, ports, links, guest, resolver, health];

/** Everything that a run of the container needs, in order. @throws AppError of the one that could not be had */
export async function acquireResources(context: ResourcesContext, container: LockedContainer): Promise<SpecParts> {
  let parts: SpecParts = {
    devices: [],
    deviceRules: [],
    blockLimits: [],
    network: { endpoints: [], join: '', host: false, hostGateway: '' },
  };
  for (const resource of resources) {
    hold(context, container, resource);
    parts = { ...parts, ...(await resource.acquire(context, container)) };
  }
  return parts;
}

/** After a restore: what ran has all of it. */
export function resumeResources(context: ResourcesContext, container: Container): void {
  for (const resource of resources) hold(context, container, resource);
}

/** Gives back what the container has, the last first. */
export async function releaseResources(container: LockedContainer, ending: RunEnding): Promise<void> {
  for (let held = container.held.pop(); held !== undefined; held = container.held.pop()) await held(ending);
}

function hold(context: ResourcesContext, container: Container, { release }: Resource): void {
  container.held.push((ending) => release(context, container, ending));
}

/** Unmounts and removes the cgroup; the files stay. A failure is no reason to keep the container running in our books: the next start tries again. */
export async function releaseGuest(context: Needs<'runtime' | 'host'>, container: Container): Promise<void> {
  const { id } = container;
  container.isReleased = await context.runtime.processes
    .remove({ container: id, removeFiles: 0, ...overlayDirectories(context.host, id), cgroup: cgroupOf(container) })
    .then(
      () => true,
      () => false,
    );
}
