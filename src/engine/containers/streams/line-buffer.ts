/** A longer line is kept in pieces of this size (daemon/logger/copier.go). */
export const longestPiece = 16 * 1024;

/** Cuts a stream at newlines, and where a line is longer than `longestPiece`. */
export class LineBuffer {
  /** The line that has not ended, at its beginning; grows as it is needed. */
  #bytes = new Uint8Array(0);
  #size = 0;

  /** Bytes of memory. */
  get cost(): number {
    return this.#bytes.length;
  }

  /** The lines that these bytes end, each with its newline; views, good until the next is asked for. */
  *push(data: Uint8Array): Generator<Uint8Array> {
    let start = 0;
    while (start < data.length) {
      const limit = start + longestPiece - this.#size;
      const newline = data.indexOf(10, start);
      const end = newline >= 0 && newline < limit ? newline + 1 : Math.min(limit, data.length);
      const piece = data.subarray(start, end);
      start = end;
      const isWhole = end - 1 === newline || this.#size + piece.length >= longestPiece;
      if (isWhole && this.#size === 0) {
        yield piece;
        continue;
      }
      this.#keep(piece);
      if (isWhole) yield this.#take();
    }
  }

  flush(): Uint8Array | null {
    const rest = this.#size === 0 ? null : this.#take();
    this.#bytes = new Uint8Array(0);
    return rest;
  }

  /** What there is of the line that has not ended. */
  rest(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  #keep(piece: Uint8Array): void {
    const needed = this.#size + piece.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(longestPiece, Math.max(needed, 2 * this.#bytes.length, 64)));
      larger.set(this.rest());
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#size);
    this.#size = needed;
  }

  #take(): Uint8Array {
    const line = this.rest();
    this.#size = 0;
    return line;
  }
}
