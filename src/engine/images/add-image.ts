import { utf8 } from '../../base/bytes.ts';
import { DisposableStore } from '../../base/disposable.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import { digestOf } from '../content/verified.ts';
import { configSchema, parseDocument, type Descriptor } from '../registry/oci.ts';
import { sweepLayers, type ImagesContext } from './context.ts';
import { unpackLayer, type PackedLayer } from './unpack.ts';

export const layerType = 'application/vnd.oci.image.layer.v1.tar';
const configType = 'application/vnd.oci.image.config.v1+json';
export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** An image whose layers' blobs are in the store of contents, held by the caller. */
export interface NewImage {
  /** As it came, or as it was written here: its digest is the image's ID. */
  readonly config: Uint8Array;
  /** Bottom first. */
  readonly layers: readonly PackedLayer[];
  /** null: it has none yet, and one is written. */
  readonly manifest: { readonly descriptor: Descriptor; readonly bytes: Uint8Array } | null;
  readonly parent: string;
}

/**
 * Unpacks the layers that are not there and adds the image to the records; one that is there already gets the manifest, too.
 * @returns its ID
 * @throws AppError invalid where config and layers differ, in moby's words (image/tarexport/load.go)
 */
export async function addImage(context: ImagesContext, image: NewImage, signal: AbortSignal): Promise<string> {
  const { records, layers, content } = context;
  const id = digestOf(image.config);
  const config = parseDocument(configSchema, image.config, 'image config');
  const diffIds = config.rootfs.diff_ids;
  const manifest = image.manifest ?? writeManifest(image, id);
  const held = new DisposableStore();
  held.add(content.hold([id, manifest.descriptor.digest]));
  layers.pin(diffIds);
  try {
    await content.add(id, image.config);
    await content.add(manifest.descriptor.digest, manifest.bytes);
    for (const [index, layer] of image.layers.entries()) await bringLayer(context, layer, index, signal);
    // From here on nothing waits: the image is in the records or it is not, and a restore between the two discards it.
    signal.throwIfAborted();
    const size = diffIds.reduce((sum, diffId) => sum + (layers.get(diffId)?.size ?? 0), 0);
    const fresh = {
      id,
      config,
      parent: image.parent,
      manifests: new Map<string, Descriptor>(),
      blobs: new Set<string>(),
      size,
      taggedAt: 0n,
    };
    const record = records.get(id) ?? fresh;
    records.add(record);
    record.manifests.set(manifest.descriptor.digest, manifest.descriptor);
    for (const { descriptor } of image.layers) record.blobs.add(descriptor.digest);
    return id;
  } finally {
    layers.unpin(diffIds);
    sweepLayers(context);
    held.dispose();
  }
}

async function bringLayer({ layers, unpacking }: ImagesContext, layer: PackedLayer, index: number, signal: AbortSignal): Promise<void> {
  if (layers.get(layer.diffId) !== undefined) return;
  const unpacked = await unpackLayer(unpacking, layer, () => undefined, signal).catch((thrown: unknown) => {
    const { got } = toAppError(thrown).detail;
    if (typeof got !== 'string') throw thrown;
    throw new AppError('invalid', `invalid diffID for layer ${index}: expected "${layer.diffId}", got "${got}"`, { cause: thrown });
  });
  layers.add(layer.diffId, unpacked, { kind: 'blob', descriptor: layer.descriptor });
}

/** @param id of the config */
export function writeManifest(
  { config, layers }: Pick<NewImage, 'config' | 'layers'>,
  id: string,
): { readonly descriptor: Descriptor; readonly bytes: Uint8Array } {
  const bytes = utf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: configType, digest: id, size: config.length },
      layers: layers.map(({ descriptor: { mediaType, digest, size } }) => ({ mediaType, digest, size })),
    }),
  );
  return { descriptor: { mediaType: manifestType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** A layer's tar as it comes, into the store of contents; held until it is disposed. */
export async function takeLayer(
  { content }: ImagesContext,
  tar: ByteSource,
  signal: AbortSignal,
): Promise<PackedLayer & { dispose(): void }> {
  const taken = await content.take(tar, { signal });
  const descriptor = { mediaType: layerType, digest: taken.digest, size: taken.size };
  return { descriptor, diffId: taken.digest, dispose: () => taken.dispose() };
}

/** @throws AppError invalid in moby's words (image/tarexport/load.go) */
export function checkLayerCount(expected: number, found: number): void {
  if (expected !== found) throw new AppError('invalid', `invalid manifest, layers length mismatch: expected ${expected}, got ${found}`);
}
