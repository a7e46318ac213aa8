/** Layers that are directories of the guest's disk: known by the digest of their tar, which is made again byte for byte whenever somebody reads it. */
import { toHex } from '../../base/bytes.ts';
import { toDisposable, type Disposable } from '../../base/disposable.ts';
import { createPace } from '../../base/pace.ts';
import { iterate, type ByteSource } from '../../base/streams.ts';
import { layerTar } from '../content/directory-layer.ts';
import { verified } from '../content/verified.ts';
import type { Descriptor } from '../registry/oci.ts';
import { layerType } from './add-image.ts';
import { keepLayers, type ImagesContext } from './context.ts';
import type { LayerOrigin } from './layer-store.ts';
import type { PackedLayer } from './unpack.ts';

/** Of a tar without entries: a layer that changes nothing is none (moby: layer.DigestSHA256EmptyTar). */
export const emptyTar = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/**
 * A container's upper directory as a layer in the store; it stays at least until what is returned is disposed. One that is there already is not kept, nor,
 * as a rule, one that changes nothing.
 * @param keepsEmpty as BuildKit does, whose images have a layer for each step
 * @throws AppError what the guest says, such as a full disk: nothing is left then
 */
export async function takeDirectory(
  context: ImagesContext,
  origin: LayerOrigin,
  signal: AbortSignal,
  keepsEmpty = false,
): Promise<PackedLayer & Disposable> {
  const { layers, layerHost } = context;
  const directory = await layerHost.keep(origin);
  let isKept = false;
  try {
    const { digest, bytes, size } = await measure(context, directory, signal);
    const descriptor = { mediaType: layerType, digest, size: bytes };
    const pinned = keepLayers(context, [digest]);
    if (keepsEmpty || digest !== emptyTar) isKept = layers.addDirectory(digest, { directory, size, descriptor });
    return { descriptor, diffId: digest, ...toDisposable(() => pinned.dispose()) };
  } finally {
    if (!isKept) layerHost.remove(directory);
  }
}

/** @returns the tar's digest and its bytes, and those of the files */
async function measure({ layerHost, unpacking }: ImagesContext, directory: string, signal: AbortSignal) {
  const hash = await unpacking.sha256();
  const pace = createPace();
  let [bytes, size] = [0, 0];
  for await (const chunk of iterate(layerTar(await layerHost.read(directory), (file) => (size += file)))) {
    signal.throwIfAborted();
    if (pace.isDue()) await pace.turn();
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { digest: `sha256:${toHex(hash.digest())}`, bytes, size };
}

/**
 * A manifest, a config or a layer, as the bytes of its digest. The caller holds it.
 * @throws AppError not_found; at its end invalid for a directory that is not what it was
 */
export async function openBlob({ content, layers, layerHost, unpacking }: ImagesContext, descriptor: Descriptor): Promise<ByteSource> {
  const layer = layers.get(descriptor.digest);
  if (layer?.source.kind !== 'directory') return content.open(descriptor.digest);
  return verified(layerTar(await layerHost.read(layer.directory)), descriptor, { hash: await unpacking.sha256() });
}
