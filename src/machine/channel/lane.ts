import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';

interface Reader {
  resolve(chunk: Uint8Array | null): void;
  reject(reason: unknown): void;
}

/** What the agent sent on one lane and nobody read yet. `consumed` is told every byte that left, for the window to open again. */
export class LaneSource implements ByteSource {
  readonly #consumed: (bytes: number) => void;
  #chunks: Uint8Array[] = [];
  #ended = false;
  #failure: unknown = null;
  #cancelled = false;
  #reader: Reader | null = null;

  constructor(consumed: (bytes: number) => void) {
    this.#consumed = consumed;
  }

  read(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#consumed(chunk.length);
      return Promise.resolve(chunk);
    }
    if (this.#failure !== null && !this.#cancelled) return Promise.reject(this.#failure);
    if (this.#ended || this.#cancelled) return Promise.resolve(null);
    if (this.#reader !== null) return Promise.reject(new AppError('internal', 'a second read of the same lane'));
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    const dropped = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#chunks = [];
    if (dropped > 0) this.#consumed(dropped);
    this.#takeReader()?.resolve(null);
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#cancelled || this.#ended) {
      this.#consumed(chunk.length);
      return;
    }
    const reader = this.#takeReader();
    if (reader === null) {
      this.#chunks.push(chunk);
      return;
    }
    reader.resolve(chunk);
    this.#consumed(chunk.length);
  }

  end(): void {
    this.#ended = true;
    this.#takeReader()?.resolve(null);
  }

  /** Reads reject, after what has arrived was read. */
  fail(reason: unknown): void {
    if (this.#ended || this.#failure !== null) return;
    this.#failure = reason;
    this.#takeReader()?.reject(reason);
  }

  save(): { readonly chunks: readonly Uint8Array[]; readonly ended: boolean; readonly cancelled: boolean } {
    return { chunks: [...this.#chunks], ended: this.#ended, cancelled: this.#cancelled };
  }

  restore(state: { readonly chunks: readonly Uint8Array[]; readonly ended: boolean; readonly cancelled: boolean }): void {
    this.#chunks = [...state.chunks];
    this.#ended = state.ended;
    this.#cancelled = state.cancelled;
  }

  #takeReader(): Reader | null {
    const reader = this.#reader;
    this.#reader = null;
    return reader;
  }
}
