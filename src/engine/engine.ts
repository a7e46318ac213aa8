import type { ByteSource } from '../base/streams.ts';
import { systemClock, type Clock } from './clock.ts';
import { archiveContainerPath, exportContainer, statContainerPath } from './containers/verbs/archive.ts';
import { extractToContainer } from './containers/verbs/extract.ts';
import { startTurns, type ContainersContext, type HostSettings } from './containers/context.ts';
import { containerChanges } from './containers/view/changes.ts';
import { decompressed } from './content/decompressed.ts';
import { commitContainer } from './containers/verbs/commit.ts';
import { attachToContainer } from './containers/verbs/attach.ts';
import { createCheckedContainer } from './containers/verbs/create.ts';
import { createCheckedExec, resizeExec, startExec } from './containers/verbs/exec.ts';
import { inspectExec } from './containers/view/inspect-exec.ts';
import { connectToNetwork, disconnectFromNetwork } from './containers/verbs/connect.ts';
import { abandonContainer } from './containers/run/abandon.ts';
import { atStandstill } from './containers/run/standstill.ts';
import { imageUses } from './containers/run/image-uses.ts';
import { viewFiles, type Root } from './containers/files/view.ts';
import { Views } from './containers/files/views.ts';
import { inspectContainer } from './containers/view/inspect.ts';
import { killContainer } from './containers/verbs/kill.ts';
import { listContainers } from './containers/view/list.ts';
import { logDetails } from './containers/log/log-details.ts';
import { readLogs } from './containers/verbs/logs.ts';
import { pauseContainer } from './containers/verbs/pause.ts';
import { pruneContainers } from './containers/verbs/prune.ts';
import { removeByReference } from './containers/verbs/remove.ts';
import { renameContainer } from './containers/verbs/rename.ts';
import { resizeContainer } from './containers/verbs/resize.ts';
import { restartContainer } from './containers/verbs/restart.ts';
import { startContainer } from './containers/verbs/start.ts';
import { containerStats } from './containers/view/stats.ts';
import { stopContainer } from './containers/verbs/stop.ts';
import { NextContainer } from './containers/next-container.ts';
import { ContainerStore } from './containers/store.ts';
import { topContainer } from './containers/view/top.ts';
import { unpauseContainer } from './containers/verbs/unpause.ts';
import { updateContainer } from './containers/verbs/update.ts';
import { waitForContainer } from './containers/verbs/wait.ts';
import { createEventLog, type RestorableEventLog } from './events/log.ts';
import type { ImagesSnapshot, RestoredImages } from './images/snapshot.ts';
import { createImages, readImages, type Images, type ImagesOptions } from './images/images.ts';
import { Bridges } from './networks/bridge.ts';
import { Parents } from './networks/parents.ts';
import { NameService } from './networks/names/name-service.ts';
import type { NetworksContext } from './networks/lease.ts';
import { createNetwork } from './networks/create.ts';
import { inspectNetwork, listNetworks } from './networks/list.ts';
import { pruneNetworks, removeNetwork } from './networks/remove.ts';
import { NetworkStore, predefinedNetworks } from './networks/store.ts';
import { containerAt } from './outside/connected.ts';
import { outsideGateway, OutsideNetwork } from './outside/outside.ts';
import type { OutsideWay } from './outside/way.ts';
import { guestOnly, type PortPublisher } from './ports/published-port.ts';
import { PortTable } from './ports/table.ts';
import { GuestLayerHost, type LayerTrees } from './layer-host.ts';
import { Changes } from './lock.ts';
import { randomUuid, type Random } from './random.ts';
import { volumeUsers } from './containers/run/volume-users.ts';
import { createVolume } from './volumes/create.ts';
import { listVolumes } from './volumes/list.ts';
import { pruneVolumes } from './volumes/prune.ts';
import { VolumeStore } from './volumes/store.ts';
import { describeVolume } from './volumes/volume.ts';
import type { Runtime } from './runtime.ts';
import { restoreEngine } from './snapshot/restore.ts';
import { Steps } from './build/solve/steps.ts';
import { snapshotEngine } from './snapshot/save.ts';
import { parseSnapshot, type EngineSnapshot } from './snapshot/schema.ts';
import { diskUsage } from './system/disk-usage.ts';
import { build, type BuildContext, type BuildRequest } from './build/build.ts';
import { BuildCache } from './build/cache/build-cache.ts';
import { CacheFolders } from './build/cache/cache-folders.ts';
import { CacheMounts } from './build/cache/cache-mounts.ts';
import { cacheUsage, pruneBuildCache, type PruneOptions } from './build/cache/cache-usage.ts';
import { systemInfo } from './system/info.ts';
import { systemVersion } from './system/version.ts';

export interface EngineOptions extends Pick<ImagesOptions, 'registry' | 'hosts' | 'inflate' | 'sha256' | 'storage'> {
  /** Where unpacked layers go: the machine's `layers`. */
  readonly layers: LayerTrees;
  readonly runtime: Runtime;
  readonly random: Random;
  readonly clock?: Clock;
  readonly host?: Partial<HostSettings>;
  /** Ways out of the guest, in the order in which they are asked; none unless given. */
  readonly outside?: readonly OutsideWay[] | undefined;
  /** What stands for published ports outside of the guest; absent: nothing. */
  readonly publisher?: PortPublisher | undefined;
  /** To go on with, after a reset; absent: a new one. */
  readonly log?: RestorableEventLog;
}

const defaultHost: HostSettings = {
  dataRoot: '/var/lib/drydock',
  layerRoot: '/run/drydock/host/layers',
  initLayer: '/run/drydock/init-layer',
  clientsOutside: false,
  name: 'drydock',
  cpus: 1,
  cpuset: false,
  nameservers: [],
};

export type Engine = ReturnType<typeof createEngine>;

export type WholeSnapshot = EngineSnapshot & { readonly images: ImagesSnapshot };

/**
 * Checks a snapshot and reads what it needs of the store of contents: for a machine that has to have the layers before an engine can stand on it.
 * @throws AppError invalid for what is no snapshot; not_found where contents are gone
 */
export async function openSnapshot(options: Parameters<typeof readImages>[0], snapshot: unknown): Promise<RestoredImages> {
  parseSnapshot(snapshot);
  return readImages(options, imagesOf(snapshot));
}

/** The container engine over a guest. Its members satisfy api/backend.ts by structure. */
export function createEngine({
  runtime,
  random,
  clock = systemClock(),
  host,
  publisher = guestOnly,
  outside: ways = [],
  registry,
  hosts,
  layers,
  inflate,
  sha256,
  storage,
  log = createEventLog(clock),
}: EngineOptions) {
  const store = new ContainerStore();
  const settings = { ...defaultHost, ...(ways.length > 0 ? { nameservers: [outsideGateway] } : {}), ...host };
  const next = new NextContainer(random);
  const changes = new Changes();
  const layerHost = new GuestLayerHost({ trees: layers, runtime, next, changes, random, host: settings });
  const images = createImages({
    registry,
    ...(hosts === undefined ? {} : { hosts }),
    layers: layerHost,
    inflate,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(storage === undefined ? {} : { storage }),
    uses: imageUses(store),
    log,
    clock,
    random,
    layerRoot: settings.layerRoot,
  });
  const networks: NetworksContext = {
    store: new NetworkStore(),
    bridges: new Bridges(runtime),
    parents: new Parents(runtime),
    events: log,
    random,
  };
  networks.store.replace(predefinedNetworks(clock, random));
  const ports = { table: new PortTable(), publisher };
  const volumes = new VolumeStore(runtime.volumes, volumeUsers(store), log, clock);
  const outside = new OutsideNetwork({ runtime, ways, events: log, clock, containerAt: containerAt(networks.store, store) });
  const names = new NameService({
    directory: { networks: networks.store, member: (container) => store.byId(container) },
    events: log,
    outside: outside.isThere ? outside.names : null,
  });
  const context: ContainersContext = {
    store,
    runtime,
    images,
    networks,
    volumes,
    ports,
    names,
    events: log,
    clock,
    random,
    next,
    changes,
    turns: startTurns(),
    views: new Views(),
    host: settings,
  };
  const id = randomUuid(random);
  const folders = new CacheFolders(context);
  const cache = new BuildCache({
    keep: (diffId) => images.builds.keep(diffId),
    forget: (folder) => folders.forget(folder),
    clock,
    random,
  });
  const parts = { context, log, outside, steps: new Steps(), cache, folders };

  return {
    log,
    images: imagesBackend(context, images),
    registries: images.registries,
    distribution: {
      push: (options: Parameters<Images['push']>[0]) => images.push(options),
      login: images.login,
      inspect: images.distribution,
    },
    containers: containersBackend(context),
    archives: archivesBackend(context, inflate),
    lifecycle: lifecycleBackend(context),
    streams: streamsBackend(context),
    exec: execBackend(context),
    networks: networksBackend(context),
    volumes: volumesBackend(context),
    system: systemBackend(context, { images, cache, id }),
    builds: buildsBackend(
      { ...context, steps: parts.steps, builds: images.builds, cache, cacheMounts: new CacheMounts(cache, folders), inflate },
      folders,
    ),
    /** Makes the guest's way out, and docker0, as a Docker host has it before any container; containers on it need not wait for it then. */
    async prepare(): Promise<void> {
      // First: its interface is the first of the guest's own, as on any host.
      await changes.run(() => outside.prepare(names));
      await changes.run(() => Promise.all(networks.store.all().map((network) => networks.bridges.ensure(network))));
    },
    /** Everything but the images' contents, which stay in the store by digest, as JSON; together with a state of the machine taken at the same moment it can be restored. */
    snapshot: (): WholeSnapshot => ({ ...snapshotEngine(parts), images: images.snapshot() }),
    /**
     * What a snapshot needs of the store of contents, before `restore` and before the restored machine goes on: its `trees` are what the guest had of layers.
     * @throws AppError not_found where contents are gone; invalid
     */
    openImages: (snapshot: unknown): Promise<RestoredImages> => images.open(imagesOf(snapshot)),
    /** Waits until no verb is in the middle of anything, and keeps them out while `use` takes a snapshot and a state of the machine. @throws AppError conflict, cancelled */
    atStandstill: <T>(use: () => Promise<T>, signal?: AbortSignal): Promise<T> => atStandstill(context, use, signal),
    /** In place of all there is; the runtime must be that of the restored machine. @throws AppError invalid for what is no snapshot */
    restore(snapshot: unknown, opened: RestoredImages): void {
      restoreEngine(parts, snapshot, () => images.restore(opened));
    },
    /**
     * Ends what goes on by itself, with whoever waits for it; the guest is left alone. Nothing may be asked of the engine any more. Resolves when nothing of it is
     * left in the store of contents, which may be after the guest is gone.
     */
    async dispose(): Promise<void> {
      for (const container of store.all()) abandonContainer(clock, container, 'the engine was stopped');
      outside.dispose();
      await images.dispose();
    },
    /** A container's files in the guest, running or not, for as long as `use` takes; it may be gone meanwhile. @throws AppError not_found */
    async withFiles<T>(reference: string, use: (root: Root) => Promise<T>): Promise<T> {
      const view = await viewFiles(context, store.find(reference));
      try {
        return await use(view.root);
      } finally {
        await view.release();
      }
    },
  };
}

function imagesOf(snapshot: unknown): unknown {
  return typeof snapshot === 'object' && snapshot !== null && 'images' in snapshot ? snapshot.images : undefined;
}

function containersBackend(context: ContainersContext) {
  return {
    list: (options: Parameters<typeof listContainers>[1]) => listContainers(context, options),
    create: (options: Parameters<typeof createCheckedContainer>[1]) => context.changes.run(() => createCheckedContainer(context, options)),
    inspect: (reference: string, options: { readonly size: boolean }) => inspectContainer(context, reference, options),
    remove: (reference: string, options: { readonly force: boolean; readonly volumes: boolean; readonly link: boolean }) =>
      removeByReference(context, reference, options),
    rename: (reference: string, name: string) => renameContainer(context, reference, name),
    update: (reference: string, body: Parameters<typeof updateContainer>[2]) => updateContainer(context, reference, body),
    prune: (filters: Parameters<typeof pruneContainers>[1]) => pruneContainers(context, filters),
    top: (reference: string, psArguments: string) => topContainer(context, reference, psArguments),
    changes: (reference: string) => containerChanges(context, reference),
  };
}

function archivesBackend(context: ContainersContext, inflate: ImagesOptions['inflate']) {
  return {
    stat: (reference: string, path: string) => statContainerPath(context, reference, path),
    read: (reference: string, path: string) => archiveContainerPath(context, reference, path),
    extract: async (reference: string, options: Parameters<typeof extractToContainer>[2], archive: ByteSource) => {
      context.store.find(reference);
      return extractToContainer(context, reference, options, await decompressed(archive, inflate));
    },
    export: (reference: string) => exportContainer(context, reference),
  };
}

function lifecycleBackend(context: ContainersContext) {
  return {
    start: (reference: string) => startContainer(context, reference),
    stop: (reference: string, options: Parameters<typeof stopContainer>[2]) => stopContainer(context, reference, options),
    restart: (reference: string, options: Parameters<typeof restartContainer>[2]) => restartContainer(context, reference, options),
    kill: (reference: string, signal: string) => killContainer(context, reference, signal),
    pause: (reference: string) => pauseContainer(context, reference),
    unpause: (reference: string) => unpauseContainer(context, reference),
    wait: async (reference: string, condition: Parameters<typeof waitForContainer>[2], signal: AbortSignal) =>
      waitForContainer(context, reference, condition, signal),
    resize: async (reference: string, rows: number, columns: number) => resizeContainer(context, reference, rows, columns),
  };
}

function streamsBackend(context: ContainersContext) {
  return {
    attach: async (reference: string, options: Parameters<typeof attachToContainer>[2]) => attachToContainer(context, reference, options),
    logs: async (reference: string, options: Parameters<typeof readLogs>[2]) => {
      const details = await logDetails(context.store.find(reference), context.host);
      return { details, ...readLogs(context, reference, options) };
    },
    stats: async (reference: string, options: Parameters<typeof containerStats>[2]) => containerStats(context, reference, options),
  };
}

function execBackend(context: ContainersContext) {
  return {
    create: (reference: string, config: Parameters<typeof createCheckedExec>[2], check?: () => void) =>
      createCheckedExec(context, reference, config, check),
    start: (id: string, options: Parameters<typeof startExec>[2]) => startExec(context, id, options),
    resize: (id: string, rows: number, columns: number) => resizeExec(context, id, rows, columns),
    inspect: async (id: string) => inspectExec(context, id),
  };
}

/** The store's own verbs, with the options that mean nothing here taken off. */
function imagesBackend(context: ContainersContext, images: Images) {
  return {
    load: (archive: ByteSource, options: Parameters<Images['load']>[1]) => images.load(archive, options),
    import: (archive: ByteSource, options: Parameters<Images['import']>[1]) => images.import(archive, options),
    save: (names: readonly string[], { platform }: { readonly platform: string }) => images.save(names, platform),
    // It pauses the container meanwhile, and a restore in between would leave it so.
    commit: (container: string, options: Parameters<typeof commitContainer>[3]) =>
      context.changes.run(() => commitContainer(context, images, container, options)),
    list: (options: Parameters<Images['list']>[0]) => images.list(options),
    inspect: (name: string, { platform }: { readonly platform: string }) => images.inspect(name, platform),
    history: (name: string, { platform }: { readonly platform: string }) => images.history(name, platform),
    search: (options: Parameters<Images['search']>[0]) => images.search(options),
    pull: (options: Parameters<Images['pull']>[0]) => images.pull(options),
    tag: (name: string, repository: string, tag: string) => images.tag(name, repository, tag),
    remove: (
      name: string,
      { force, noprune, platforms = [] }: { readonly force: boolean; readonly noprune: boolean; readonly platforms?: readonly string[] },
    ) => images.remove(name, { force, prunesParents: !noprune, platforms }),
    prune: (filters: Parameters<Images['prune']>[0]) => images.prune(filters),
  };
}

function networksBackend(context: ContainersContext) {
  const networks = { ...context.networks, clock: context.clock };
  const { store } = networks;
  const nameOf = (container: string): string => context.store.nameOf(container);
  return {
    list: async (filters: Parameters<typeof listNetworks>[1]) => listNetworks(store, filters),
    connect: (id: string, options: Parameters<typeof connectToNetwork>[2]) => connectToNetwork(context, id, options),
    disconnect: (id: string, options: Parameters<typeof disconnectFromNetwork>[2]) => disconnectFromNetwork(context, id, options),
    inspect: async (id: string) => inspectNetwork(store, id, nameOf),
    create: async (body: Parameters<typeof createNetwork>[1]) => ({
      Id: await context.changes.run(() => createNetwork(networks, body)),
      Warning: '',
    }),
    remove: (id: string) => context.changes.run(() => removeNetwork(networks, id, nameOf)),
    prune: (filters: Parameters<typeof pruneNetworks>[1]) => context.changes.run(() => pruneNetworks(networks, filters)),
  };
}

function volumesBackend(context: ContainersContext) {
  const { volumes, random } = context;
  return {
    list: (filters: Parameters<typeof listVolumes>[1]) => listVolumes(volumes, filters),
    create: (body: Parameters<typeof createVolume>[2]) => context.changes.run(() => createVolume(volumes, random, body)),
    inspect: async (name: string) => describeVolume(volumes.find(name)),
    remove: (name: string) => context.changes.run(() => volumes.remove(name)),
    prune: (filters: Parameters<typeof pruneVolumes>[1]) => context.changes.run(() => pruneVolumes(context, filters)),
  };
}

function buildsBackend(context: BuildContext, folders: CacheFolders) {
  const isShared = (diffId: string): boolean => context.builds.isInImage(diffId);
  return {
    build: (request: BuildRequest, body: ByteSource) => build(context, request, body),
    async prune(options: PruneOptions) {
      const pruned = pruneBuildCache({ ...context, isShared }, options);
      await folders.settled();
      return pruned;
    },
  };
}

interface SystemParts {
  readonly images: Images;
  readonly cache: BuildCache;
  readonly id: string;
}

function systemBackend(context: ContainersContext, { images, cache, id }: SystemParts) {
  return {
    info: () => systemInfo(context, { id, images: images.totals().images }),
    version: () => systemVersion(context.runtime.facts),
    diskUsage: async () => {
      const all = await images.list({ all: false, filters: {}, sharedSize: true });
      return diskUsage(context, {
        images: all,
        layerBytes: images.totals().layerBytes,
        buildCache: cacheUsage(cache, images.builds.isInImage),
      });
    },
  };
}
