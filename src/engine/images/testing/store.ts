import { AppError } from '../../../base/errors.ts';
import type { ImmutableTree } from '../../../base/file-tree.ts';
import { sourceOf } from '../../../base/streams.ts';
import type { JsonMessage } from '../../../protocol/engine-api.ts';
import type { BlobStore, UnpackedTars } from '../../content/blob-store.ts';
import { memoryBlobs, memoryTars } from '../../content/memory.ts';
import { systemClock, type Clock } from '../../clock.ts';
import { createEventLog } from '../../events/log.ts';
import { bundledRegistry, type FetchBlob } from '../../registry/bundled.ts';
import type { RegistryHosts } from '../../registry/hosts.ts';
import { countingRandom } from '../../testing/engine.ts';
import { createImages, type Images } from '../images.ts';
import type { LayerHost } from '../layer-store.ts';
import type { Inflate } from '../unpack.ts';

export interface TestStore {
  readonly images: Images;
  readonly blobs: BlobStore;
  /** What the guest would see, by directory. */
  readonly trees: Map<string, ImmutableTree>;
  /** What containers wrote, and layers on the guest's disk: archives by path. */
  readonly disk: Map<string, Uint8Array>;
  /** Image ID to the containers that stand on it. */
  readonly users: Map<string, { readonly id: string; readonly running: boolean }[]>;
  readonly events: () => readonly string[];
  /** Pulls and returns what was said. */
  readonly pull: (image: string, options?: { readonly tag?: string; readonly platform?: string }) => Promise<readonly JsonMessage[]>;
}

export function testStore(
  fetchBlob: FetchBlob,
  tars: UnpackedTars = memoryTars(),
  blobs = memoryBlobs(),
  inflate: Inflate = (source) => source,
  { hosts, clock = systemClock() }: { readonly hosts?: RegistryHosts; readonly clock?: Clock } = {},
): TestStore {
  const log = createEventLog(clock);
  const trees = new Map<string, ImmutableTree>();
  const disk = new Map<string, Uint8Array>();
  const users = new Map<string, { readonly id: string; readonly running: boolean }[]>();
  const images = createImages({
    registry: bundledRegistry(fetchBlob),
    hosts,
    layers: testLayers(trees, disk),
    inflate,
    storage: { blobs, tars },
    uses: { usersOf: (id) => users.get(id) ?? [], mountersOf: () => [] },
    log,
    clock,
    random: countingRandom(),
    layerRoot: '/layers',
  });
  return {
    images,
    blobs,
    trees,
    disk,
    users,
    events: () => log.since(0).flatMap((entry) => (entry.kind === 'event' ? [`${entry.action} ${entry.actor.id}`] : [])),
    pull: async (image, options = {}) => {
      const progress = await images.pull({
        image,
        tag: options.tag ?? '',
        platform: options.platform ?? '',
        signal: new AbortController().signal,
      });
      const messages: JsonMessage[] = [];
      for (let message = await progress.read(); message !== null; message = await progress.read()) messages.push(message);
      return messages;
    },
  };
}

/** A guest in memory: its tree of layers, and what lies on its disk by path, as archives. */
export function testLayers(trees: Map<string, ImmutableTree>, disk = new Map<string, Uint8Array>()): LayerHost {
  let made = 0;
  return {
    add: (name, tree) => void trees.set(name, tree),
    remove: (directory) => void (trees.delete(directory) || disk.delete(directory)),
    keep({ upper, moves }) {
      const archive = disk.get(upper);
      if (archive === undefined) return Promise.reject(new AppError('internal', `${upper}: no such file or directory`));
      made += 1;
      const target = `/disk/layers/${made}`;
      disk.set(target, archive);
      if (moves) disk.delete(upper);
      return Promise.resolve(target);
    },
    read(path) {
      const archive = disk.get(path);
      return archive === undefined ? Promise.reject(new AppError('not_found', path)) : Promise.resolve(sourceOf(archive));
    },
    going: () => [],
    resume: () => undefined,
  };
}
