import type { ByteSource } from '../../base/streams.ts';

/** Raw bytes by digest, "sha256:" and 64 hex digits. It trusts its callers: `Content` verifies what it puts in. */
export interface BlobStore {
  has(digest: string): Promise<boolean>;
  /** Keeps all the source gives, once it ended well; one that rejects leaves nothing behind, and the put rejects with the same. Idempotent. */
  put(digest: string, source: ByteSource): Promise<void>;
  /** For what is known by its digest only once all of it has come. */
  stage(): Promise<StagedBlob>;
  /** @param range of its bytes, all unless given; less where it ends before @throws AppError not_found */
  open(digest: string, range?: { readonly offset: number; readonly count: number }): Promise<ByteSource>;
  /** Idempotent. Who reads it may read on or be told `not_found`. */
  delete(digest: string): Promise<void>;
  list(): Promise<readonly { readonly digest: string; readonly bytes: number }[]>;
}

/** A blob on its way in, which nobody finds yet. */
export interface StagedBlob {
  write(chunk: Uint8Array): Promise<void>;
  /** Whole: from now on it is found under this digest. One that is there already stays. */
  commit(digest: string): Promise<void>;
  /** Forgets what was written. Idempotent, and without effect after `commit`. */
  abort(): Promise<void>;
}

/** A layer's uncompressed tar, made once and read by offset. */
export interface UnpackedTar {
  /** Up to `count` bytes from `offset`. null: it was taken away; make it again from its blob. */
  read(offset: number, count: number): Uint8Array | null;
}

export interface TarWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Whole and verified: from now on it can be found. */
  commit(): Promise<UnpackedTar>;
  /** Forgets what was written. Idempotent, and without effect after `commit`. */
  abort(): Promise<void>;
}

/** Where unpacked layers lie: a cache, by diff ID. Whatever is in it may go at any time. */
export interface UnpackedTars {
  /** @param expectedBytes a guess */
  create(diffId: string, expectedBytes: number): Promise<TarWriter>;
  find(diffId: string): Promise<UnpackedTar | null>;
}
