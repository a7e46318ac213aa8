/** Layers and images for builds: what they stand on, what their steps made, what comes out. */
import { toDisposable, type Disposable } from '../../base/disposable.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import { familiarString, type Reference } from '../../grammar/reference.ts';
import type { Content } from '../content/content.ts';
import type { StartSha256 } from '../content/sha256.ts';
import type { RegistryAuth } from '../registry/hosts.ts';
import type { OciConfig, Platform } from '../registry/oci.ts';
import { addImage } from './add-image.ts';
import { keepLayers, logImageEvent, sweepLayers, whileRunning, type ImagesContext } from './context.ts';
import { takeDirectory } from './directory-layers.ts';
import { archiveImage } from './save.ts';
import type { LayerOrigin } from './layer-store.ts';
import { pullImage } from './pull.ts';
import { directoryOf } from './records.ts';
import { nameMade } from './tag.ts';
import type { PackedLayer } from './unpack.ts';

export interface BuiltLayer extends Disposable {
  readonly diffId: string;
  /** Bytes of its files. */
  readonly size: number;
}

export interface PullForBuild {
  readonly platform: string;
  /** Who asks; nobody unless given. */
  readonly auth: RegistryAuth | undefined;
  readonly signal: AbortSignal;
  readonly heard: (layer: string, bytes: number, total: number) => void;
}

export interface BuiltImage {
  readonly config: Uint8Array;
  /** Bottom first. */
  readonly diffIds: readonly string[];
  readonly names: readonly Reference[];
}

export interface BuildImages {
  /** Where a build's context lies meanwhile. */
  readonly content: Content;
  readonly sha256: StartSha256;
  /** The guest's. */
  readonly platform: Platform;
  /** One that is here. null: it is not @throws AppError invalid for what is no reference */
  find(reference: Reference): { readonly id: string; readonly config: OciConfig } | null;
  /** Brings it in. @param heard bytes of a layer so far, and of all of it @throws AppError not_found */
  pull(reference: Reference, options: PullForBuild): Promise<void>;
  /** What a step wrote, as a layer that stays until it is disposed, also where it changes nothing. */
  take(origin: LayerOrigin, signal: AbortSignal): Promise<BuiltLayer>;
  /** The guest's directories of layers, topmost first, each once. @param diffIds bottom first @throws AppError internal where one is gone */
  directories(diffIds: readonly string[]): readonly string[];
  has(diffId: string): boolean;
  /** Layers stay until it is disposed. */
  hold(diffIds: readonly string[]): Disposable;
  /** A layer stays, over a checkpoint too, until it is disposed. */
  keep(diffId: string): Disposable;
  /** Whether an image has the layer. */
  isInImage(diffId: string): boolean;
  /** @param config as it is to be written: its digest is the image's ID @returns its ID */
  add(config: Uint8Array, diffIds: readonly string[], names: readonly Reference[], signal: AbortSignal): Promise<string>;
  /** The same as an archive, without an image in the store: as `docker save` writes it, or as an OCI layout. Held until it is read or cancelled. */
  archive(image: BuiltImage, format: 'docker' | 'oci'): Promise<{ readonly id: string; readonly source: ByteSource }>;
  /** Work of the store: a restore and its end give it up. */
  whileRunning<T>(client: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export function buildImages(context: ImagesContext): BuildImages {
  const { records, layers } = context;
  return {
    content: context.content,
    sha256: context.unpacking.sha256,
    platform: context.platform,
    find(reference) {
      const id = records.idOf(reference);
      const image = id === undefined ? undefined : records.get(id);
      return image === undefined ? null : { id: image.id, config: image.config };
    },
    pull: (reference, options) => pull(context, reference, options),
    async take(origin, signal) {
      const taken = await takeDirectory(context, origin, signal, true);
      const size = layers.get(taken.diffId)?.size ?? 0;
      return { diffId: taken.diffId, size, dispose: () => taken.dispose() };
    },
    directories: (diffIds) => [...new Set([...diffIds].reverse())].map((diffId) => directoryOf(layers, diffId)),
    has: (diffId) => layers.get(diffId) !== undefined,
    hold: (diffIds) => keepLayers(context, diffIds),
    keep(diffId) {
      const kept = layers.keep(diffId);
      return toDisposable(() => {
        kept.dispose();
        sweepLayers(context);
      });
    },
    isInImage: (diffId) => records.all().some(({ config }) => config.rootfs.diff_ids.includes(diffId)),
    add: (config, diffIds, names, signal) => add(context, { config, diffIds, names }, signal),
    archive: ({ config, diffIds, names }, format) =>
      archiveImage(context, { config, layers: packedLayers(context, diffIds), names, format }),
    whileRunning: (client, work) => whileRunning(context, 'build', client, work),
  };
}

async function pull(context: ImagesContext, reference: Reference, { platform, auth, signal, heard }: PullForBuild): Promise<void> {
  const messages = await pullImage(context, { image: familiarString(reference), tag: '', platform, auth, signal });
  for (let message = await messages.read(); message !== null; message = await messages.read()) {
    if (message.error !== undefined) throw new AppError('not_found', message.error);
    const { id, status, progressDetail: { current = 0, total = 0 } = {} } = message;
    if (id !== undefined && status === 'Downloading') heard(id, current, total);
  }
  signal.throwIfAborted();
}

function packedLayers({ layers }: ImagesContext, diffIds: readonly string[]): readonly PackedLayer[] {
  return diffIds.map((diffId) => {
    const layer = layers.get(diffId);
    if (layer === undefined) throw new AppError('internal', `layer ${diffId} of a build is not there`);
    return { diffId, descriptor: layer.source.descriptor };
  });
}

async function add(context: ImagesContext, { config, diffIds, names }: BuiltImage, signal: AbortSignal): Promise<string> {
  const id = await addImage(context, { config, layers: packedLayers(context, diffIds), manifest: null, parent: '' }, signal);
  signal.throwIfAborted();
  for (const name of names) nameMade(context, name, id);
  logImageEvent(context.log, 'create', { actor: id, name: id, image: context.records.get(id) ?? null });
  return id;
}
