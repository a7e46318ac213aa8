import { AppError } from './errors.ts';

/** Bytes that are taken on nobody's word. */
const firstCapacity = 1024 * 1024;

/** Collects bytes whose number somebody outside foretold: memory is taken for what came, at most twice as much, and never for what was only said. */
export class GrowingBytes {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  readonly #expected: number;
  readonly #limit: number;
  readonly #what: string;

  /** @param expected a guess; where it holds, nothing is left over @param limit bytes @param what of an error, "a layer" */
  constructor(expected: number, limit: number, what: string) {
    this.#expected = Math.min(expected, limit);
    this.#limit = limit;
    this.#what = what;
    this.#bytes = new Uint8Array(Math.min(this.#expected, firstCapacity));
  }

  /** @throws AppError exhausted beyond the limit */
  push(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#limit) throw new AppError('exhausted', `${this.#what} is larger than this playground can hold`);
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes of memory. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** What came so far, as a view. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(length: number): void {
    const doubled = Math.min(Math.max(2 * length, firstCapacity), this.#limit);
    const grown = new Uint8Array(length <= this.#expected ? Math.min(doubled, this.#expected) : doubled);
    grown.set(this.bytes());
    this.#bytes = grown;
  }
}
