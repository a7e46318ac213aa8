import type { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';

const firstCapacity = 64 * 1024;

/** A stream whose reader wants so many bytes at once: never more than that and a chunk are held, in however small pieces they come. */
export class PackedBytes {
  readonly #source: ByteSource;
  readonly #truncated: () => AppError;
  #buffer = new Uint8Array(firstCapacity);
  #start = 0;
  #end = 0;
  #over = false;

  /** @param truncated of a stream that ends where more must come */
  constructor(source: ByteSource, truncated: () => AppError) {
    this.#source = source;
    this.#truncated = truncated;
  }

  /** Waits until so many bytes are there. false: the stream has fewer. */
  async has(count: number): Promise<boolean> {
    while (this.#end - this.#start < count && !this.#over) {
      const chunk = await this.#source.read();
      if (chunk === null) this.#over = true;
      else this.#append(chunk, count);
    }
    return this.#end - this.#start >= count;
  }

  /** The next bytes, which count as read: a view until the next call. @throws AppError */
  async take(count: number): Promise<Uint8Array> {
    if (!(await this.has(count))) throw this.#truncated();
    this.#start += count;
    return this.#buffer.subarray(this.#start - count, this.#start);
  }

  /** What is there and not yet read: a view until the next call. */
  get ahead(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Bytes of `ahead` were read. */
  skip(count: number): void {
    this.#start += count;
  }

  cancel(reason?: unknown): void {
    this.#over = true;
    this.#source.cancel(reason);
  }

  #append(chunk: Uint8Array, wanted: number): void {
    const kept = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      const room = Math.max(wanted, kept) + chunk.length;
      const to = room > this.#buffer.length ? new Uint8Array(Math.max(room, 2 * kept)) : this.#buffer;
      to.set(this.#buffer.subarray(this.#start, this.#end));
      [this.#buffer, this.#start, this.#end] = [to, 0, kept];
    }
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }
}

/** What a decoder makes, as it is read. Who cancels gets null from then on. */
export function decodedSource(packed: PackedBytes, decode: (packed: PackedBytes) => AsyncGenerator<Uint8Array, void>): ByteSource {
  const pieces = decode(packed);
  let over = false;
  return {
    async read() {
      if (over) return null;
      try {
        const { done, value } = await pieces.next();
        return over || done === true ? null : value;
      } catch (thrown) {
        if (over) return null;
        packed.cancel(thrown);
        throw thrown;
      }
    },
    cancel(reason) {
      over = true;
      packed.cancel(reason);
      void pieces.return().catch(() => undefined);
    },
  };
}
