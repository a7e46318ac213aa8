import { toHex } from '../../base/bytes.ts';
import type { Disposable } from '../../base/disposable.ts';
import { AppError } from '../../base/errors.ts';
import type { StagedBlob } from './blob-store.ts';
import type { Sha256 } from './sha256.ts';

/** A blob that is in the store, held until it is disposed. */
export interface Taken extends Disposable {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** @returns what holds the digest */
export type Keep = (digest: string, staged: StagedBlob) => Promise<Disposable>;

/** A blob that comes piece by piece, however long that takes, and is known by its digest only when all of it is there. One write at a time. */
export class Incoming {
  readonly #staged: StagedBlob;
  readonly #hash: Sha256;
  readonly #keep: Keep;
  #size = 0;

  constructor(staged: StagedBlob, hash: Sha256, keep: Keep) {
    this.#staged = staged;
    this.#hash = hash;
    this.#keep = keep;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#staged.write(chunk);
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  /**
   * Into the store; it is over, whatever comes of it.
   * @param expected the digest that it has to have @throws AppError invalid: it has another
   */
  async finish(expected?: string): Promise<Taken> {
    try {
      const digest = `sha256:${toHex(this.#hash.digest())}`;
      if (expected !== undefined && digest !== expected) throw new AppError('invalid', `digest mismatch: ${digest}, not ${expected}`);
      const held = await this.#keep(digest, this.#staged);
      return { digest, size: this.#size, dispose: () => held.dispose() };
    } finally {
      await this.#staged.abort();
    }
  }

  /** Forgets what came. Idempotent. */
  abort(): Promise<void> {
    return this.#staged.abort();
  }
}
