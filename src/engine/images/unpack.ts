import { toHex } from '../../base/bytes.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import { createPace } from '../../base/pace.ts';
import { readAll, type ByteSource } from '../../base/streams.ts';
import type { UnpackedTar, UnpackedTars } from '../content/blob-store.ts';
import { unpacked, type Packing } from '../content/decompressed.ts';
import type { Content } from '../content/content.ts';
import type { StartSha256 } from '../content/sha256.ts';
import type { Descriptor } from '../registry/oci.ts';
import { LayerBuilder, type Layer, type ReadArchive } from './layer-tree.ts';

/** gunzip of a stream; given from outside, where the host has one. */
export type Inflate = (source: ByteSource) => ByteSource;

/** deflate cannot make more out of a byte (zlib's manual). */
const mostPerByte = 1032;
const largestLayer = 1024 * 1024 * 1024;

/** A layer as its blob and as what is in it. */
export interface PackedLayer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
}

export interface Unpacking {
  readonly content: Content;
  readonly tars: UnpackedTars;
  readonly inflate: Inflate;
  readonly sha256: StartSha256;
}

/**
 * Layer blob to tree. The unpacked tar is written down once and files are read from it by offset; when it is taken away, it is made again from the blob.
 * @param onProgress compressed bytes so far
 * @throws AppError invalid when the tar is not what the image's config says (rootfs.diff_ids) or is damaged
 */
export async function unpackLayer(
  unpacking: Unpacking,
  layer: PackedLayer,
  onProgress: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<Layer> {
  const archive = new LayerArchive(unpacking, layer);
  const builder = new LayerBuilder(archive.read);
  const damages: AppError[] = [];
  await archive.make(onProgress, (chunk) => {
    signal?.throwIfAborted();
    // What it is comes before what is wrong with it: the digest is told first.
    if (damages.length === 0) damages.push(...attempt(() => builder.push(chunk)));
  });
  const [damage] = damages;
  if (damage !== undefined) throw damage;
  return builder.finish();
}

/** The tree of a layer that was unpacked before, read from its tar where that is still there: the same tree, with the same inode numbers. */
export async function reopenLayer(unpacking: Unpacking, layer: PackedLayer): Promise<Layer> {
  const tar = await unpacking.tars.find(layer.diffId);
  if (tar === null) return unpackLayer(unpacking, layer, () => undefined);
  const builder = new LayerBuilder(new LayerArchive(unpacking, layer, tar).read);
  const pace = createPace();
  for (let offset = 0; ;) {
    if (pace.isDue()) await pace.turn();
    const chunk = tar.read(offset, pieceBytes);
    if (chunk === null) return unpackLayer(unpacking, layer, () => undefined);
    if (chunk.length === 0) return builder.finish();
    builder.push(chunk);
    offset += chunk.length;
  }
}

const pieceBytes = 256 * 1024;

/** @returns what went wrong */
function attempt(step: () => void): AppError[] {
  try {
    step();
    return [];
  } catch (thrown) {
    return [toAppError(thrown)];
  }
}

/** The unpacked tar of a layer, here or to be made again. */
class LayerArchive {
  readonly #unpacking: Unpacking;
  readonly #layer: PackedLayer;
  #tar: UnpackedTar | null;
  #making: Promise<void> | null = null;

  constructor(unpacking: Unpacking, layer: PackedLayer, tar: UnpackedTar | null = null) {
    this.#unpacking = unpacking;
    this.#layer = layer;
    this.#tar = tar;
  }

  readonly read: ReadArchive = (offset, count) => this.#tar?.read(offset, count) ?? this.#readAnew(offset, count);

  /** @throws AppError invalid unless the blob holds what its diff ID says */
  async make(onProgress: (bytes: number) => void, onChunk: (chunk: Uint8Array) => void): Promise<void> {
    const { content, tars, inflate, sha256 } = this.#unpacking;
    const { descriptor, diffId } = this.#layer;
    const packing = packingOf(descriptor);
    const writer = await tars.create(diffId, packing === 'gzip' ? await expectedSize(content, descriptor) : descriptor.size);
    try {
      const packed = counted(await content.open(descriptor.digest), onProgress);
      const tar = await unpacked(packing, packed, inflate);
      const digest = await spill(tar, await sha256(), async (chunk) => {
        onChunk(chunk);
        await writer.write(chunk);
      });
      if (digest !== diffId)
        throw new AppError('invalid', `layer verification failed for digest ${diffId}: got ${digest}`, { detail: { diffId, got: digest } });
      this.#tar = await writer.commit();
    } finally {
      await writer.abort();
    }
  }

  async #readAnew(offset: number, count: number): Promise<Uint8Array> {
    this.#making ??= this.make(
      () => undefined,
      () => undefined,
    ).finally(() => (this.#making = null));
    await this.#making;
    const bytes = this.#tar?.read(offset, count);
    if (bytes !== null && bytes !== undefined) return bytes;
    throw new AppError('unavailable', `the unpacked layer ${this.#layer.diffId} is taken away as soon as it is made`);
  }
}

/** How a layer is compressed, by its type (OCI image-spec, layer.md; what was loaded may be packed in other ways, too). */
export function packingOf({ mediaType }: Descriptor): Packing {
  return packings.find((packing) => mediaType.endsWith(`+${packing}`) || mediaType.endsWith(`.${packing}`)) ?? 'none';
}

const packings = ['gzip', 'zstd', 'bzip2', 'xz'] as const;

/** A gzip file ends with the size of what it holds (RFC 1952, ISIZE); only a guess. */
async function expectedSize(content: Content, { digest, size }: Descriptor): Promise<number> {
  if (size < 18) return 0;
  const end = await readAll(await content.open(digest, { offset: size - 4, count: 4 }));
  const told = end.length === 4 ? new DataView(end.buffer, end.byteOffset, 4).getUint32(0, true) : 0;
  return Math.min(told, size * mostPerByte, largestLayer);
}

function counted(source: ByteSource, onProgress: (bytes: number) => void): ByteSource {
  let bytes = 0;
  return {
    async read() {
      onProgress(bytes);
      const chunk = await source.read();
      bytes += chunk?.length ?? 0;
      return chunk;
    },
    cancel: (reason) => source.cancel(reason),
  };
}

/** Hashes as it goes: the guest shares this thread and must not stand still for a whole layer. @returns the digest */
async function spill(
  source: ByteSource,
  hash: { update(bytes: Uint8Array): void; digest(): Uint8Array },
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<string> {
  const pace = createPace();
  let length = 0;
  try {
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
      if (pace.isDue()) await pace.turn();
      length += chunk.length;
      if (length > largestLayer) throw new AppError('exhausted', 'a layer is larger than this playground can hold');
      hash.update(chunk);
      await write(chunk);
    }
    return `sha256:${toHex(hash.digest())}`;
  } catch (thrown) {
    source.cancel(thrown);
    throw thrown;
  }
}
