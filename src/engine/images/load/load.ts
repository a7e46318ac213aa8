import { DisposableStore } from '../../../base/disposable.ts';
import { AppError, toAppError } from '../../../base/errors.ts';
import { readAll, untilAborted, type ByteSource } from '../../../base/streams.ts';
import { familiarString, parseReference, withDefaultTag, type Reference } from '../../../grammar/reference.ts';
import type { JsonMessage } from '../../../protocol/engine-api.ts';
import { decompressed, packingOfBytes } from '../../content/decompressed.ts';
import { configSchema, parseDocument, type Descriptor, type OciConfig, type Platform } from '../../registry/oci.ts';
import type { Source } from '../../source.ts';
import { addImage, checkLayerCount, layerType } from '../add-image.ts';
import { logImageEvent, whileRunning, type ImagesContext } from '../context.ts';
import { parsePlatform } from '../platform.ts';
import { layerMessage, MessageQueue } from '../progress.ts';
import type { PackedLayer } from '../unpack.ts';
import { dockerManifest, isOf, layoutImages, layoutName, noSuchFile, type ManifestItem, type OciImage } from './manifests.ts';
import { Spool } from './spool.ts';

export interface LoadOptions {
  readonly quiet: boolean;
  /** '' = all of the archive. */
  readonly platform: string;
  readonly signal: AbortSignal;
}

interface Load {
  readonly context: ImagesContext;
  readonly spool: Spool;
  readonly wanted: Platform | null;
  readonly quiet: boolean;
  readonly say: (message: JsonMessage) => void;
  readonly signal: AbortSignal;
  /** Docker says something even where nothing was of the platform. */
  readonly loaded: { any: boolean };
}

/**
 * POST /images/load: images out of an archive by `docker save`, skopeo or another that writes an OCI layout, compressed or not. The archive is read to its end
 * before the first message; what is wrong with it is a message, as with Docker (image/tarexport/load.go). What was loaded before a failure stays, as there.
 * @throws AppError invalid for a platform that is none
 */
export async function loadImages(context: ImagesContext, archive: ByteSource, options: LoadOptions): Promise<Source<JsonMessage>> {
  const wanted = options.platform === '' ? null : parsePlatform(options.platform, context.platform);
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  const queue = new MessageQueue(stop);
  const spool = await whileRunning(context, 'load', options.signal, async (signal) =>
    Spool.read(context.content, await decompressed(untilAborted(archive, signal), context.unpacking.inflate), signal),
  ).catch((thrown: unknown) => {
    archive.cancel(thrown);
    return toAppError(thrown);
  });
  if (spool instanceof AppError) queue.push(failure(spool));
  if (spool instanceof AppError) queue.end();
  else
    void whileRunning(context, 'load', controller.signal, (signal) =>
      loadAll({ context, spool, wanted, quiet: options.quiet, say: (message) => queue.push(message), signal, loaded: { any: false } }),
    )
      .catch((thrown: unknown) => queue.push(failure(toAppError(thrown))))
      .finally(() => {
        spool.dispose();
        options.signal.removeEventListener('abort', stop);
        queue.end();
      });
  return queue;
}

function failure({ message }: AppError): JsonMessage {
  return { errorDetail: { message }, error: message };
}

async function loadAll(load: Load): Promise<void> {
  const items = await dockerManifest(load.spool);
  const layout =
    (await layoutImages(load.spool).catch((thrown: unknown) => {
      // Beside Docker's own manifest it is of no consequence.
      if (items === undefined) throw thrown;
    })) ?? null;
  if (items === undefined && layout === null) throw noSuchFile(load.context.random, 'repositories');
  if (items !== undefined) await loadItems(load, items, layout ?? []);
  else for (const image of layout ?? []) await loadOci(load, image);
  if (!load.loaded.any) load.say({});
}

async function loadItems(load: Load, items: readonly ManifestItem[], layout: readonly OciImage[]): Promise<void> {
  const ids: (string | null)[] = [];
  for (const item of items) ids.push(await loadItem(load, item, layout));
  // Once all are there: a parent may stand behind its child.
  for (const [index, { Parent: parent }] of items.entries()) linkParent(load.context, ids[index] ?? '', parent ?? '');
}

/** Whether one image is what another was made of shows in their histories (image/tarexport/load.go, checkValidParent). */
function linkParent({ records }: ImagesContext, id: string, parentId: string): void {
  const [image, parent] = [records.get(id), records.get(parentId)];
  if (image === undefined || parent === undefined) return;
  const [steps, below] = [image.config.history ?? [], parent.config.history ?? []];
  const isParent = steps.length === below.length + 1 && below.every((step, index) => JSON.stringify(step) === JSON.stringify(steps[index]));
  if (isParent) image.parent = parentId;
}

/**
 * An image of manifest.json; where the archive is a layout, too, the image keeps the manifest it has there.
 * @returns its ID; null: it is of another platform than was asked for
 */
async function loadItem(load: Load, item: ManifestItem, layout: readonly OciImage[]): Promise<string | null> {
  const { context, spool } = load;
  const path = item.Config ?? '';
  const bytes = await spool.document(path);
  if (bytes === undefined) throw noSuchFile(context.random, path);
  const config = parseDocument(configSchema, bytes, 'image config');
  checkSystem(config);
  const paths = item.Layers ?? [];
  checkLayerCount(paths.length, config.rootfs.diff_ids.length);
  if (!isOf(load.wanted, config)) return null;
  const references = (item.RepoTags ?? []).map(tagOf);
  const layers: PackedLayer[] = [];
  for (const [index, each] of paths.entries()) {
    const diffId = config.rootfs.diff_ids[index] ?? '';
    const known = context.layers.get(diffId);
    const file = spool.find(each);
    // One that is there already need not be in the archive.
    if (file === undefined && known !== undefined) layers.push({ descriptor: known.source.descriptor, diffId });
    else if (file === undefined) throw noSuchFile(context.random, each);
    else layers.push({ descriptor: { mediaType: await typeOf(context, file.digest), digest: file.digest, size: file.size }, diffId });
  }
  const kept = layout.find(({ manifest }) => hasThese(manifest, spool.find(path)?.digest ?? '', layers));
  return bring(load, { config: bytes, layers, manifest: kept ?? null, references });
}

async function loadOci(load: Load, image: OciImage): Promise<void> {
  const { context, spool } = load;
  const { manifest, descriptor } = image;
  const bytes = await context.content.read(manifest.config.digest);
  const config = parseDocument(configSchema, bytes, 'image config');
  checkSystem(config);
  checkLayerCount(manifest.layers.length, config.rootfs.diff_ids.length);
  if (!isOf(load.wanted, config)) return;
  const name = layoutName(descriptor);
  const references = name === null ? [] : [withDefaultTag(parseReference(name))];
  const layers = await Promise.all(
    manifest.layers.map(async (layer, index) => ({
      descriptor: { ...layer, mediaType: await typeOf(context, layer.digest), size: spool.byDigest(layer.digest)?.size ?? layer.size },
      diffId: config.rootfs.diff_ids[index] ?? '',
    })),
  );
  await bring(load, { config: bytes, layers, manifest: image, references });
}

function hasThese({ config, layers }: OciImage['manifest'], configDigest: string, packed: readonly PackedLayer[]): boolean {
  return (
    config.digest === configDigest &&
    layers.length === packed.length &&
    layers.every(({ digest }, index) => digest === packed[index]?.descriptor.digest)
  );
}

/** moby takes a layer for what it is, whatever the archive says about it. */
async function typeOf({ content }: ImagesContext, digest: string): Promise<string> {
  const packing = packingOfBytes(await readAll(await content.open(digest, { offset: 0, count: 8 })));
  return packing === 'none' ? layerType : `${layerType}+${packing}`;
}

interface Brought {
  readonly config: Uint8Array;
  readonly layers: readonly PackedLayer[];
  readonly manifest: OciImage | null;
  readonly references: readonly Reference[];
}

async function bring(load: Load, { config, layers, manifest, references }: Brought): Promise<string> {
  const { context, quiet, say, signal } = load;
  if (!quiet) for (const message of newLayers(context, layers)) say(message);
  const held = new DisposableStore();
  held.add(context.content.hold(layers.map(({ descriptor }) => descriptor.digest)));
  let id = '';
  try {
    const own = manifest === null ? null : { descriptor: descriptorOf(manifest), bytes: manifest.bytes };
    id = await addImage(context, { config, layers, manifest: own, parent: '' }, signal);
    signal.throwIfAborted();
    for (const reference of references) for (const message of nameLoaded(context, reference, id)) say(message);
  } finally {
    held.dispose();
  }
  load.loaded.any = true;
  if (references.length === 0) say({ stream: `Loaded image ID: ${id}\n` });
  for (const reference of references) say({ stream: `Loaded image: ${familiarString(reference)}\n` });
  logImageEvent(context.log, 'load', { actor: id, name: id, image: context.records.get(id) ?? null });
  return id;
}

function* newLayers(context: ImagesContext, layers: readonly PackedLayer[]): Generator<JsonMessage> {
  for (const { diffId, descriptor } of layers) {
    if (context.layers.get(diffId) !== undefined) continue;
    const { size } = descriptor;
    yield {
      ...layerMessage(diffId.slice('sha256:'.length).slice(0, 12), { step: 'Extracting', bytes: size, total: size }),
      status: 'Loading layer',
    };
  }
}

/** Without what an index says about it. */
function descriptorOf({ descriptor: { mediaType, digest }, bytes }: OciImage): Descriptor {
  return { mediaType, digest, size: bytes.length };
}

function nameLoaded({ records, clock }: ImagesContext, reference: Reference, id: string): JsonMessage[] {
  const before = records.idOf(reference);
  records.name(reference, id);
  const record = records.get(id);
  if (record !== undefined) record.taggedAt = clock.now();
  if (before === undefined || before === id) return [];
  const name = familiarString(reference);
  return [{ stream: `The image ${name} already exists, renaming the old one with ID ${before} to empty string\n` }];
}

/** @throws AppError invalid */
function tagOf(text: string): Reference {
  const reference = parseReference(text);
  if (reference.tag === null || reference.digest !== null) throw new AppError('invalid', `invalid tag "${text}"`);
  return reference;
}

function checkSystem({ os }: OciConfig): void {
  if (os !== 'linux' && os !== '') throw new AppError('invalid', `cannot load ${os} image on linux`);
}
