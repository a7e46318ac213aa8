/** Checksums of compressed formats, each over bytes that come piece by piece. */
import type { Sha256 } from './sha256.ts';

function reflected(low: number, high: number): readonly [low: Int32Array, high: Int32Array] {
  const [lows, highs] = [new Int32Array(256), new Int32Array(256)];
  for (let byte = 0; byte < 256; byte += 1) {
    let [one, other] = [byte, 0];
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = (one & 1) !== 0;
      one = (one >>> 1) | (other << 31);
      other >>>= 1;
      if (isOdd) [one, other] = [one ^ low, other ^ high];
    }
    [lows[byte], highs[byte]] = [one, other];
  }
  return [lows, highs];
}

/** ISO 3309 and ECMA-182, their bits in reverse: what xz has ("The .xz File Format", 6). */
const [table32] = reflected(0xedb88320 | 0, 0);
const [low64, high64] = reflected(0xd7870f42 | 0, 0xc96c5795 | 0);

export function crc32(bytes: Uint8Array): number {
  const crc = new Crc32();
  crc.update(bytes);
  return crc.value;
}

export class Crc32 implements Sha256 {
  #crc = -1;

  update(bytes: Uint8Array): void {
    let crc = this.#crc;
    for (let at = 0; at < bytes.length; at += 1) crc = (crc >>> 8) ^ (table32[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
    this.#crc = crc;
  }

  get value(): number {
    return ~this.#crc >>> 0;
  }

  /** As xz writes it: the least byte first. */
  digest(): Uint8Array {
    return littleEndian(~this.#crc);
  }
}

export class Crc64 implements Sha256 {
  #low = -1;
  #high = -1;

  update(bytes: Uint8Array): void {
    let [low, high] = [this.#low, this.#high];
    for (let at = 0; at < bytes.length; at += 1) {
      const index = (low ^ (bytes[at] ?? 0)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (low64[index] ?? 0);
      high = (high >>> 8) ^ (high64[index] ?? 0);
    }
    [this.#low, this.#high] = [low, high];
  }

  digest(): Uint8Array {
    return new Uint8Array([...littleEndian(~this.#low), ...littleEndian(~this.#high)]);
  }
}

function littleEndian(value: number): Uint8Array {
  return new Uint8Array([value, value >>> 8, value >>> 16, value >>> 24]);
}

const forward = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});

/** bzip2's: that of ISO 3309 with its bits as they are. */
export class ForwardCrc32 {
  #crc = -1;

  update(bytes: Uint8Array): void {
    let crc = this.#crc;
    for (let at = 0; at < bytes.length; at += 1) crc = (crc << 8) ^ (forward[(crc >>> 24) ^ (bytes[at] ?? 0)] ?? 0);
    this.#crc = crc;
  }

  get value(): number {
    return ~this.#crc >>> 0;
  }
}
