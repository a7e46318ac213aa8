/**
 * bzip2 as Julian Seward's "bzip2 and libbzip2" and the BZIP2 format specification (J. Tsai) have it: blocks of up to 900 000 bytes, each Huffman, move to front and
 * Burrows and Wheeler's transform over runs. A block is decoded at once (6 MB at most); what its runs make comes out in pieces.
 */
import { AppError } from '../../base/errors.ts';
import { createPace, type Pace } from '../../base/pace.ts';
import type { ByteSource } from '../../base/streams.ts';
import { damaged, readBlock, type Block } from './bzip2-block.ts';
import { BigEndianBits } from './big-endian-bits.ts';
import { ForwardCrc32 } from './checksums.ts';
import { decodedSource, PackedBytes } from './packed-bytes.ts';

/** The most that a block can take: 900 000 symbols of 20 bits, its selectors and tables. */
const longestBlock = 2_400_000;
const blockUnit = 100_000;
const pieceBytes = 64 * 1024;
const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;

/** Out of bzip2, as it is read; streams behind one another are one. @throws AppError invalid for what is damaged, in the words of Go's compress/bzip2 */
export function unbzip2(source: ByteSource): ByteSource {
  return decodedSource(new PackedBytes(source, unexpectedEnd), decode);
}

function unexpectedEnd(): AppError {
  return new AppError('invalid', 'unexpected EOF');
}

/** What streams of a kind have in common: memory for a block, which is not there before one is. */
interface Room {
  readonly pace: Pace;
  symbols: Uint32Array | null;
}

async function* decode(packed: PackedBytes): AsyncGenerator<Uint8Array, void> {
  const room: Room = { pace: createPace(), symbols: null };
  // A second stream begins where the first one's last byte ends.
  for (let first = true; first || (await packed.has(1)); first = false) yield* decodeStream(packed, room);
}

async function* decodeStream(packed: PackedBytes, room: Room): AsyncGenerator<Uint8Array, void> {
  const [b, z, h, level = 0] = await packed.take(4);
  if (b !== 0x42 || z !== 0x5a) throw damaged('bad magic value');
  if (h !== 0x68) throw damaged('non-Huffman entropy encoding');
  if (level < 0x31 || level > 0x39) throw damaged('invalid compression level');
  const { pace } = room;
  let sum = 0;
  /** Bits of the first byte that belong to the block before. */
  for (let used = 0; ;) {
    if (pace.isDue()) await pace.turn();
    await packed.has(longestBlock);
    const bits = new BigEndianBits(packed.ahead, used);
    const magic = bits.read(24) * 2 ** 24 + bits.read(24);
    const expected = bits.read(16) * 2 ** 16 + bits.read(16);
    if (bits.isOver) throw unexpectedEnd();
    if (magic === endMagic) {
      if (expected !== sum) throw damaged('file checksum mismatch');
      return packed.skip(Math.ceil(bits.position / 8));
    }
    if (magic !== blockMagic) throw damaged('bad magic value found');
    room.symbols ??= new Uint32Array(9 * blockUnit);
    const block = readBlock(bits, room.symbols.subarray(0, (level - 0x30) * blockUnit));
    const crc = new ForwardCrc32();
    if (bits.isOver) throw unexpectedEnd();
    used = bits.position % 8;
    packed.skip(Math.floor(bits.position / 8));
    for (const runs = new Runs(block); ;) {
      if (pace.isDue()) await pace.turn();
      const piece = runs.next();
      if (piece.length === 0) break;
      crc.update(piece);
      yield piece;
    }
    if (crc.value !== expected) throw damaged('block checksum mismatch');
    sum = (((sum << 1) | (sum >>> 31)) ^ expected) >>> 0;
  }
}

/** The bytes of a block: after four that are alike stands how many more there are. */
class Runs {
  readonly #symbols: Uint32Array;
  #left: number;
  #at: number;
  #last = -1;
  #alike = 0;
  #repeats = 0;

  constructor({ symbols, count, start }: Block) {
    this.#symbols = symbols;
    this.#left = count;
    this.#at = start;
  }

  /** Empty at the end. */
  next(): Uint8Array {
    const piece = new Uint8Array(pieceBytes);
    let size = 0;
    while (size < pieceBytes && (this.#repeats > 0 || this.#left > 0)) {
      if (this.#repeats > 0) {
        const some = Math.min(this.#repeats, pieceBytes - size);
        piece.fill(this.#last, size, size + some);
        this.#repeats -= some;
        size += some;
        continue;
      }
      const byte = this.#symbol();
      if (this.#alike === 4) {
        this.#repeats = byte;
        this.#alike = 0;
        continue;
      }
      this.#alike = byte === this.#last ? this.#alike + 1 : 1;
      this.#last = byte;
      piece[size++] = byte;
    }
    return piece.subarray(0, size);
  }

  #symbol(): number {
    const entry = this.#symbols[this.#at] ?? 0;
    this.#at = entry >>> 8;
    this.#left -= 1;
    return entry & 0xff;
  }
}
