/** Bits of bytes at hand, the highest first. */
export class BigEndianBits {
  readonly #bytes: Uint8Array;
  #at: number;
  #held = 0;
  #count = 0;

  /** @param skip bits of the first byte that were read before */
  constructor(bytes: Uint8Array, skip: number) {
    this.#bytes = bytes;
    this.#at = 0;
    if (skip > 0) this.read(skip);
  }

  /** Up to 24 bits as a number; zeros behind the end. */
  read(count: number): number {
    while (this.#count < count) {
      this.#held = (this.#held << 8) | (this.#bytes[this.#at] ?? 0);
      this.#at += 1;
      this.#count += 8;
    }
    this.#count -= count;
    return (this.#held >>> this.#count) & ((1 << count) - 1);
  }

  /** Bits read so far, those before among them. */
  get position(): number {
    return this.#at * 8 - this.#count;
  }

  /** Whether more was read than there is. */
  get isOver(): boolean {
    return this.position > this.#bytes.length * 8;
  }
}
