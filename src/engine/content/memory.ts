/** Stores in memory, for the page and for tests. */
import { GrowingBytes } from '../../base/growing-bytes.ts';
import { AppError } from '../../base/errors.ts';
import { readAll, type ByteSource } from '../../base/streams.ts';
import type { BlobStore, UnpackedTar, UnpackedTars } from './blob-store.ts';

/** Bytes of one blob or one unpacked layer. */
const largest = 1024 * 1024 * 1024;

export function memoryBlobs(): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  return {
    has: (digest) => Promise.resolve(blobs.has(digest)),
    put: async (digest, source) => void blobs.set(digest, await readAll(source, largest)),
    stage() {
      const bytes = new GrowingBytes(0, largest, 'a blob');
      return Promise.resolve({
        write: (chunk) => Promise.resolve().then(() => bytes.push(chunk)),
        commit: (digest) => Promise.resolve(void blobs.set(digest, blobs.get(digest) ?? bytes.bytes().slice())),
        abort: () => Promise.resolve(),
      });
    },
    open(digest, { offset, count } = { offset: 0, count: largest }) {
      const bytes = blobs.get(digest);
      if (bytes === undefined) return Promise.reject(new AppError('not_found', `blob ${digest} is not there`));
      return Promise.resolve(inPieces(bytes.subarray(offset, offset + count)));
    },
    delete: (digest) => Promise.resolve(void blobs.delete(digest)),
    list: () => Promise.resolve([...blobs].map(([digest, { length }]) => ({ digest, bytes: length }))),
  };
}

const pieceBytes = 256 * 1024;

function inPieces(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    read() {
      const piece = bytes.subarray(at, at + pieceBytes);
      at += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece);
    },
    cancel() {
      at = bytes.length;
    },
  };
}

/** Nothing is kept here: a tar lives as long as somebody reads it, and is found until then. */
export function memoryTars(): UnpackedTars {
  const read = new Map<string, WeakRef<UnpackedTar>>();
  return {
    create(diffId, expectedBytes) {
      const bytes = new GrowingBytes(expectedBytes, largest, 'a layer');
      return Promise.resolve({
        write: (chunk) => Promise.resolve().then(() => bytes.push(chunk)),
        commit() {
          const whole = bytes.bytes();
          const tar: UnpackedTar = { read: (offset, count) => whole.subarray(offset, offset + count) };
          read.set(diffId, new WeakRef(tar));
          return Promise.resolve(tar);
        },
        abort: () => Promise.resolve(),
      });
    },
    find: (diffId) => Promise.resolve(read.get(diffId)?.deref() ?? null),
  };
}
