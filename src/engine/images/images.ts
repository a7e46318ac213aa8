import type {
  AuthResponse,
  DistributionInspect,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImageSearchItem,
  ImagesPruneResponse,
  ImageSummary,
  JsonMessage,
  PushMessage,
} from '../../protocol/engine-api.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { EventLog } from '../../protocol/log.ts';
import { Background } from '../background.ts';
import type { Clock } from '../clock.ts';
import type { BlobStore, UnpackedTars } from '../content/blob-store.ts';
import { Content } from '../content/content.ts';
import type { Holds } from '../content/holds.ts';
import { memoryBlobs, memoryTars } from '../content/memory.ts';
import { portableSha256, type StartSha256 } from '../content/sha256.ts';
import type { Filters } from '../filters.ts';
import type { Random } from '../random.ts';
import type { RegistryAuth, RegistryHosts } from '../registry/hosts.ts';
import type { Registry } from '../registry/registry.ts';
import { createInAppRegistries, type InAppRegistries } from '../registry/server/registries.ts';
import { registryOf } from '../registry/remote.ts';
import type { Source } from '../source.ts';
import { buildImages, type BuildImages } from './builds.ts';
import { commitImage, type CommitOptions } from './commit.ts';
import { sweepLayers, type ImagesContext } from './context.ts';
import { imageHistory } from './history.ts';
import { importImage, type ImportOptions } from './import.ts';
import { inspectImage } from './inspect.ts';
import { LayerPulls } from './layer-pulls.ts';
import { LayerStore, type LayerHost, type LayerOrigin } from './layer-store.ts';
import { listImages } from './list.ts';
import { loadImages, type LoadOptions } from './load/load.ts';
import { pruneImages } from './prune.ts';
import { inspectDistribution } from './distribution.ts';
import { pushImage, type PushOptions } from './push.ts';
import { loginTo } from '../registry/client/login.ts';
import { pullImage, type PullOptions } from './pull.ts';
import { ImageRecords, resolved } from './records.ts';
import { removeImage, type RemoveOptions } from './remove.ts';
import { saveImages } from './save.ts';
import { searchImages, type SearchOptions } from './search.ts';
import { openImages, restoreImages, snapshotImages, type ImagesSnapshot, type RestoredImages } from './snapshot.ts';
import type { ImageStore, ImageUses } from './store.ts';
import { tagImage } from './tag.ts';
import type { Inflate } from './unpack.ts';

export interface ImagesOptions {
  readonly registry: Registry;
  /** Registries besides those of the app; none unless given. */
  readonly hosts?: RegistryHosts | undefined;
  /** Where unpacked layers go: the machine's `layers`. */
  readonly layers: LayerHost;
  readonly inflate: Inflate;
  /** In JavaScript unless given. */
  readonly sha256?: StartSha256;
  /** Where contents lie: in memory unless given. */
  readonly storage?: ContentStorage | undefined;
  /** Asked before an image is removed. */
  readonly uses: ImageUses;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the guest mounts the tree of layers. */
  readonly layerRoot: string;
}

export interface ContentStorage {
  readonly blobs: BlobStore;
  readonly tars: UnpackedTars;
  /** What no engine deletes, whatever its records name: of checkpoints that can still be gone back to. */
  readonly holds?: Holds;
}

export function memoryStorage(): ContentStorage {
  return { blobs: memoryBlobs(), tars: memoryTars() };
}

/** `Images.open` before there is a store, for the machine that a store stands on. Nothing is written. */
export function readImages(
  { storage, inflate, sha256 = portableSha256 }: { readonly storage: ContentStorage } & Pick<ImagesOptions, 'inflate' | 'sha256'>,
  snapshot: unknown,
): Promise<RestoredImages> {
  const content = new Content(storage.blobs, sha256, () => true);
  return openImages({ content, tars: storage.tars, inflate, sha256 }, snapshot);
}

/** The image store, empty at first, and the verbs of `docker image`. */
export interface Images extends ImageStore {
  /** Newest first. */
  list(options: { readonly all: boolean; readonly filters: Filters; readonly sharedSize: boolean }): Promise<readonly ImageSummary[]>;
  inspect(name: string, platform?: string): Promise<ImageInspect>;
  history(name: string, platform?: string): Promise<readonly ImageHistoryItem[]>;
  search(options: SearchOptions): Promise<readonly ImageSearchItem[]>;
  pull(options: PullOptions): Promise<Source<JsonMessage>>;
  push(options: PushOptions): Promise<Source<PushMessage>>;
  /** Whether a registry takes somebody's credentials. @param serverAddress '' is Docker's own name for its hub @throws AppError */
  login(serverAddress: string, auth: RegistryAuth, signal: AbortSignal): Promise<AuthResponse>;
  /** What a registry has under a name. @throws AppError not_found, and others of the registry's */
  distribution(name: string, auth: RegistryAuth, signal: AbortSignal): Promise<DistributionInspect>;
  /** Images of an archive, with messages of docker's progress stream. */
  load(archive: ByteSource, options: LoadOptions): Promise<Source<JsonMessage>>;
  /** An archive of files as an image. @returns its ID */
  import(archive: ByteSource, options: ImportOptions): Promise<string>;
  /** A layer upon an image, of what a container wrote. */
  commit(layer: LayerOrigin, options: CommitOptions): Promise<{ readonly id: string; readonly name: string }>;
  /** What builds do with layers and images. */
  readonly builds: BuildImages;
  /** The registries of the app: their contents are kept with the images'. */
  readonly registries: Pick<InAppRegistries, 'handlerFor' | 'repositories'>;
  /** An archive of images, made as it is read. */
  save(names: readonly string[], platform: string): Promise<ByteSource>;
  tag(name: string, repository: string, tag: string): Promise<void>;
  remove(name: string, options: RemoveOptions): Promise<readonly ImageDeleteItem[]>;
  prune(filters: Filters): Promise<ImagesPruneResponse>;
  /** The records, without contents. */
  snapshot(): ImagesSnapshot;
  /** Reads what a snapshot names from the store; nothing changes yet. @throws AppError not_found, invalid */
  open(snapshot: unknown): Promise<RestoredImages>;
  /** In place of all there is; pulls under way are given up. */
  restore(images: RestoredImages): void;
  /** Gives up pulls under way and leaves the store as it is. Resolves when nothing of them goes on; a commit is over when the guest is gone. */
  dispose(): Promise<void>;
  /** Resolves when contents that nobody needs any more are deleted. */
  settled(): Promise<void>;
  /** How many images there are, and the bytes of their layers. */
  totals(): { readonly images: number; readonly layerBytes: number };
}

export function createImages({
  registry,
  hosts: hostsOutside = () => null,
  layers: host,
  inflate,
  sha256 = portableSha256,
  storage = memoryStorage(),
  uses,
  log,
  clock,
  random,
  layerRoot,
}: ImagesOptions): Images {
  const records = new ImageRecords();
  const layers = new LayerStore(host);
  const isUsed = (digest: string): boolean => records.names(digest) || layers.names(digest) || registries.names(digest);
  const content: Content = new Content(storage.blobs, sha256, isUsed, storage.holds);
  const registries: InAppRegistries = createInAppRegistries({ content, clock, random });
  const hosts: RegistryHosts = (name) => registries.handlerFor(name) ?? hostsOutside(name);
  const unpacking = { content, tars: storage.tars, inflate, sha256 };
  const background = new Background();
  const pulls = new LayerPulls({ store: layers, unpacking, background });
  const platform = { os: 'linux', architecture: '386' };

  const context: ImagesContext = {
    records,
    layers,
    layerHost: host,
    content,
    pulls,
    unpacking,
    background,
    registry,
    registries,
    registryFor: (auth) => registryOf(registry, { hosts, auth, clock }),
    hosts,
    uses,
    log,
    clock,
    random,
    layerRoot,
    platform,
  };
  return {
    resolve(reference) {
      const { image, byId } = records.find(reference);
      return resolved(image, layers, byId);
    },
    byId(id) {
      const image = records.getEvenIfRemoved(id);
      return image === undefined ? null : resolved(image, layers, true);
    },
    sweep: () => void sweepLayers(context),
    list: async (options) => listImages(context, options),
    inspect: async (name, platform) => inspectImage(context, name, platform),
    history: async (name, platform) => imageHistory(context, name, platform),
    search: (options) => searchImages(context, options),
    pull: (options) => pullImage(context, options),
    push: async (options) => pushImage(context, options),
    async login(serverAddress, auth, signal) {
      await loginTo({ hosts, clock, signal }, serverAddress, auth);
      return { IdentityToken: '', Status: 'Login Succeeded' };
    },
    distribution: (name, auth, signal) => inspectDistribution(context, name, auth, signal),
    load: (archive, options) => loadImages(context, archive, options),
    import: (archive, options) => importImage(context, archive, options),
    commit: (layer, options) => commitImage(context, layer, options),
    builds: buildImages(context),
    registries,
    save: (names, platform) => saveImages(context, names, platform),
    tag: async (name, repository, tag) => tagImage(context, name, { repository, tag }),
    async remove(name, options) {
      const items = removeImage(context, name, options);
      await content.settled();
      return items;
    },
    async prune(filters) {
      const answer = pruneImages(context, filters);
      await content.settled();
      return answer;
    },
    snapshot: () => snapshotImages(context),
    open: (snapshot) => openImages(unpacking, snapshot),
    restore: (restored) => restoreImages(context, restored),
    async dispose() {
      content.close();
      background.end();
      await Promise.all([background.over(), registries.dispose()]);
      await content.settled();
    },
    settled: () => content.settled(),
    totals: () => ({ images: records.all().length, layerBytes: layers.totalSize() }),
  };
}
