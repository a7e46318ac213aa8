import { decompress } from 'fzstd';
import { toHex } from '../../base/bytes.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import { readAll, type ByteSource } from '../../base/streams.ts';
import type { StartSha256 } from '../../engine/content/sha256.ts';
import type { ReadBlob } from './tool-tree.ts';

/** Bytes of contents that are kept: the guest keeps pages of what it read, and comes back for others of the same file. */
const keptBytes = 32 * 1024 * 1024;
const largestBlob = 64 * 1024 * 1024;

export interface BlobSource {
  /** A file of the tools' store, e.g. `blobs/…`. */
  open(path: string): Promise<ByteSource>;
  readonly sha256: StartSha256;
  /** A file could not be had: what the guest sees as an input/output error. */
  onFailure(message: string): void;
}

/** Loads contents when they are first asked for, and again when that failed or they were let go of. What is not as its name says is refused. @param limit bytes that are kept */
export function blobReader({ open, sha256, onFailure }: BlobSource, limit = keptBytes): ReadBlob {
  const kept = new Map<string, { readonly contents: Promise<Uint8Array>; readonly size: number }>();
  const load = async (digest: string, size: number): Promise<Uint8Array> => {
    if (size > largestBlob) throw new AppError('exhausted', `${size} bytes are more than a tool may have`);
    const packed = await readAll(await open(`blobs/${digest}`), largestBlob);
    const contents = unpack(packed, size);
    const hash = await sha256();
    hash.update(contents);
    if (contents.length !== size || toHex(hash.digest()) !== digest)
      throw new AppError('invalid', 'it is damaged: its contents have another digest');
    return contents;
  };
  return ({ digest, size, path }) => {
    const known = kept.get(digest);
    // The last one asked for goes last: the first is the one to let go of.
    if (known !== undefined) kept.delete(digest);
    const entry = known ?? { contents: load(digest, size), size };
    kept.set(digest, entry);
    letGo(kept, limit);
    entry.contents.catch((thrown: unknown) => {
      if (kept.get(digest) !== entry) return;
      kept.delete(digest);
      onFailure(`/${path} could not be loaded: ${toAppError(thrown).message}`);
    });
    return entry.contents;
  };
}

function letGo(kept: Map<string, { readonly size: number }>, limit: number): void {
  let total = [...kept.values()].reduce((sum, { size }) => sum + size, 0);
  for (const [digest, { size }] of kept) {
    if (total <= limit || kept.size === 1) return;
    kept.delete(digest);
    total -= size;
  }
}

function unpack(packed: Uint8Array, size: number): Uint8Array {
  if (size === 0) return new Uint8Array(0);
  try {
    return decompress(packed, new Uint8Array(size));
  } catch (cause) {
    throw new AppError('invalid', 'it is damaged: it cannot be unpacked', { cause });
  }
}
