import { toHex } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { GrowingBytes } from '../../base/growing-bytes.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { Descriptor } from '../registry/oci.ts';
import { buildLayer, type Layer } from './layer-tree.ts';
import type { Sha256, StartSha256 } from './sha256.ts';

/** gunzip of a stream; given from outside, where the host has one. */
export type Inflate = (source: ByteSource) => ByteSource;

const sliceBytes = 256 * 1024;
/** deflate cannot make more out of a byte (zlib's manual). */
const mostPerByte = 1032;
const largestLayer = 1024 * 1024 * 1024;

export interface UnpackOptions {
  readonly inflate: Inflate;
  readonly sha256: StartSha256;
  /** Compressed bytes so far. */
  readonly onProgress: (bytes: number) => void;
}

/**
 * Layer blob to tree. The unpacked tar stays in memory once; files are views of it.
 * @throws AppError invalid when the tar is not what the image's config says (rootfs.diff_ids) or is damaged
 */
export async function unpackLayer(
  blob: Uint8Array,
  { descriptor, diffId }: { readonly descriptor: Descriptor; readonly diffId: string },
  { inflate, sha256, onProgress }: UnpackOptions,
): Promise<Layer> {
  const packed = slices(blob, onProgress);
  const source = isGzip(descriptor) ? inflate(packed) : packed;
  const { tar, digest: actual } = await collect(source, expectedSize(blob, descriptor), await sha256());
  if (actual !== diffId) throw new AppError('invalid', `layer verification failed for digest ${diffId}: got ${actual}`);
  return buildLayer(tar);
}

function isGzip({ mediaType }: Descriptor): boolean {
  if (/[+.]gzip$/.test(mediaType)) return true;
  if (/[+.]zstd$/.test(mediaType)) throw new AppError('not_implemented', `layers of type ${mediaType} are not supported`);
  return false;
}

/** A gzip file ends with the size of what it holds (RFC 1952, ISIZE); only a guess. */
function expectedSize(blob: Uint8Array, descriptor: Descriptor): number {
  if (!isGzip(descriptor)) return blob.length;
  if (blob.length < 18) return 0;
  const size = new DataView(blob.buffer, blob.byteOffset, blob.length).getUint32(blob.length - 4, true);
  return Math.min(size, blob.length * mostPerByte, largestLayer);
}

function slices(blob: Uint8Array, onProgress: (bytes: number) => void): ByteSource {
  let offset = 0;
  return {
    read() {
      onProgress(offset);
      if (offset >= blob.length) return Promise.resolve(null);
      const slice = blob.subarray(offset, offset + sliceBytes);
      offset += slice.length;
      return Promise.resolve(slice);
    },
    cancel() {
      offset = blob.length;
    },
  };
}

/** Hashes as it goes: the guest shares this thread and must not stand still for a whole layer. */
async function collect(source: ByteSource, expected: number, hash: Sha256): Promise<{ readonly tar: Uint8Array; readonly digest: string }> {
  const tar = new GrowingBytes(expected, largestLayer, 'a layer');
  try {
    for (;;) {
      const chunk = await source.read();
      if (chunk === null) return { tar: tar.bytes(), digest: `sha256:${toHex(hash.digest())}` };
      hash.update(chunk);
      tar.push(chunk);
    }
  } catch (thrown) {
    source.cancel(thrown);
    throw thrown;
  }
}
