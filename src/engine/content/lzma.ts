/**
 * LZMA as Igor Pavlov's "LZMA specification" has it, for the chunks of LZMA2: a range coder over adaptive bits, literals and matches out of a dictionary. What is
 * made is made in pieces, so that nobody waits for a chunk of 2 MiB.
 */
import { AppError } from '../../base/errors.ts';

/** As the `xz` that Docker runs says it. */
export function corrupt(): AppError {
  return new AppError('invalid', 'exit status 1: xz: (stdin): Compressed data is corrupt');
}

const pieceBytes = 64 * 1024;
const firstDictionary = 256 * 1024;
const probabilityBits = 11;
const half = 1 << (probabilityBits - 1);
const moveBits = 5;
const sign = 0x80000000 | 0;
const shortestMatch = 2;

/** Where the probabilities of each kind begin. */
const at = {
  isMatch: 0,
  isRep: 192,
  isRepG0: 204,
  isRepG1: 216,
  isRepG2: 228,
  isRep0Long: 240,
  slot: 432,
  special: 688,
  align: 804,
  length: 820,
  repLength: 1334,
  literal: 1848,
} as const;
/** Inside of a length's. */
const choice2 = 1;
const [lowAt, middleAt, highAt] = [2, 130, 258];
const literalCoder = 0x300;
const mostLiteralBits = 4;

export class Dictionary {
  readonly #size: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #full = 0;
  #taken = 0;

  /** @param size bytes that may be referred back to; memory grows with what is made */
  constructor(size: number) {
    this.#size = size;
  }

  reset(): void {
    this.#full = 0;
  }

  /** Bytes that there is room for until `taken` is called. */
  room(wanted: number): number {
    if (this.#at === this.#size) this.#at = this.#taken = 0;
    if (this.#at + Math.min(wanted, pieceBytes) > this.#bytes.length && this.#bytes.length < this.#size) {
      const grown = new Uint8Array(Math.min(this.#size, Math.max(firstDictionary, 2 * this.#bytes.length)));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return Math.min(wanted, pieceBytes, this.#bytes.length - this.#at);
  }

  /** What was put since the last call, as a copy. */
  taken(): Uint8Array {
    const made = this.#bytes.slice(this.#taken, this.#at);
    this.#taken = this.#at;
    return made;
  }

  put(byte: number): void {
    this.#bytes[this.#at++] = byte;
    if (this.#full < this.#size) this.#full += 1;
  }

  putAll(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#full = Math.min(this.#size, this.#full + bytes.length);
  }

  /** The byte so far back, 0 the last one. */
  back(distance: number): number {
    const place = this.#at - 1 - distance;
    return this.#bytes[place < 0 ? place + this.#size : place] ?? 0;
  }

  /** @throws AppError invalid for a distance before the beginning */
  repeat(distance: number, count: number): void {
    if (distance >= this.#full) throw corrupt();
    for (let left = count; left > 0; left -= 1) this.put(this.back(distance));
  }

  get isEmpty(): boolean {
    return this.#full === 0;
  }
}

export class LzmaDecoder {
  readonly #dictionary: Dictionary;
  #probabilities = new Uint16Array(0);
  #literalContext = 0;
  #literalPosition = 0;
  #position = 0;
  #state = 0;
  #reps = [0, 0, 0, 0];
  /** Of a match that did not fit into the piece. */
  #pending = 0;
  /** Bytes since the properties were told: literals and matches know their place by it. */
  #made = 0;
  #bytes = new Uint8Array(0);
  #next = 0;
  #range = 0;
  #code = 0;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  /** @throws AppError invalid */
  setProperties(byte: number): void {
    if (byte > (4 * 5 + 4) * 9 + 8) throw corrupt();
    this.#literalContext = byte % 9;
    this.#literalPosition = Math.floor(byte / 9) % 5;
    this.#position = Math.floor(byte / 45);
    if (this.#literalContext + this.#literalPosition > mostLiteralBits) throw corrupt();
    this.reset();
  }

  reset(): void {
    if (this.#probabilities.length === 0) this.#probabilities = new Uint16Array(at.literal + (literalCoder << mostLiteralBits));
    this.#probabilities.fill(half);
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
  }

  /** The dictionary was begun anew: places are counted from here. */
  restartPlaces(): void {
    this.#made = 0;
  }

  /** Bytes that came as they are. */
  skipPlaces(count: number): void {
    this.#made += count;
  }

  /** Decodes a chunk of so many bytes into the dictionary, a piece at each turn. @throws AppError invalid */
  *decode(chunk: Uint8Array, size: number): Generator<Uint8Array, void> {
    this.#start(chunk);
    this.#pending = 0;
    for (let left = size; left > 0;) {
      const room = this.#dictionary.room(left);
      this.#decode(room);
      left -= room;
      yield this.#dictionary.taken();
    }
    this.#normalize();
    if (this.#pending > 0 || this.#code !== 0 || this.#next !== this.#bytes.length) throw corrupt();
  }

  #start(chunk: Uint8Array): void {
    if (chunk.length < 5 || chunk[0] !== 0) throw corrupt();
    this.#bytes = new Uint8Array(chunk);
    this.#range = -1;
    this.#code = 0;
    for (this.#next = 1; this.#next < 5; this.#next += 1) this.#code = (this.#code << 8) | (chunk[this.#next] ?? 0);
  }

  #decode(count: number): void {
    let left = count;
    while (left > 0) {
      if (this.#pending > 0) left -= this.#repeat(left);
      else if (this.#bit(at.isMatch + (this.#state << 4) + this.#place()) === 0) {
        this.#literal();
        left -= 1;
      } else if (this.#bit(at.isRep + this.#state) === 0) this.#match();
      else if (this.#again()) left -= 1;
    }
  }

  #place(): number {
    return this.#made & ((1 << this.#position) - 1);
  }

  #repeat(most: number): number {
    const some = Math.min(most, this.#pending);
    this.#dictionary.repeat(this.#reps[0] ?? 0, some);
    this.#pending -= some;
    this.#made += some;
    return some;
  }

  #literal(): void {
    const dictionary = this.#dictionary;
    const before = dictionary.isEmpty ? 0 : dictionary.back(0);
    const place = this.#made & ((1 << this.#literalPosition) - 1);
    const coder = at.literal + literalCoder * ((place << this.#literalContext) + (before >> (8 - this.#literalContext)));
    let symbol = 1;
    if (this.#state >= 7) {
      let matched = dictionary.back(this.#reps[0] ?? 0);
      while (symbol < 0x100) {
        const expected = (matched >> 7) & 1;
        matched <<= 1;
        const bit = this.#bit(coder + ((1 + expected) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== expected) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.#bit(coder + symbol);
    dictionary.put(symbol & 0xff);
    this.#made += 1;
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  #match(): void {
    const length = this.#length(at.length);
    this.#reps = [this.#distance(length), this.#reps[0] ?? 0, this.#reps[1] ?? 0, this.#reps[2] ?? 0];
    this.#state = this.#state < 7 ? 7 : 10;
    this.#pending = length + shortestMatch;
  }

  /** A match at one of the last four distances. true: of a single byte, which is put. */
  #again(): boolean {
    const state = this.#state;
    const [zeroth = 0, first = 0, second = 0, third = 0] = this.#reps;
    if (this.#bit(at.isRepG0 + state) === 0) {
      if (this.#bit(at.isRep0Long + (state << 4) + this.#place()) === 0) {
        this.#state = state < 7 ? 9 : 11;
        this.#dictionary.repeat(zeroth, 1);
        this.#made += 1;
        return true;
      }
    } else if (this.#bit(at.isRepG1 + state) === 0) this.#reps = [first, zeroth, second, third];
    else if (this.#bit(at.isRepG2 + state) === 0) this.#reps = [second, zeroth, first, third];
    else this.#reps = [third, zeroth, first, second];
    this.#pending = this.#length(at.repLength) + shortestMatch;
    this.#state = state < 7 ? 8 : 11;
    return false;
  }

  #length(coder: number): number {
    if (this.#bit(coder) === 0) return this.#tree(coder + lowAt + (this.#place() << 3), 3);
    if (this.#bit(coder + choice2) === 0) return 8 + this.#tree(coder + middleAt + (this.#place() << 3), 3);
    return 16 + this.#tree(coder + highAt, 8);
  }

  /** @throws AppError invalid for the mark of an end, which LZMA2 has not */
  #distance(length: number): number {
    const slot = this.#tree(at.slot + (Math.min(length, 3) << 6), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return base + this.#reverseTree(at.special + base - slot, bits);
    let high = 0;
    for (let left = bits - 4; left > 0; left -= 1) high = high * 2 + this.#direct();
    const distance = base + high * 16 + this.#reverseTree(at.align, 4);
    if (distance > 0xfffffffe) throw corrupt();
    return distance;
  }

  #tree(probabilities: number, bits: number): number {
    let symbol = 1;
    for (let left = bits; left > 0; left -= 1) symbol = (symbol << 1) | this.#bit(probabilities + symbol);
    return symbol - (1 << bits);
  }

  #reverseTree(probabilities: number, bits: number): number {
    let [symbol, value] = [1, 0];
    for (let index = 0; index < bits; index += 1) {
      const bit = this.#bit(probabilities + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << index;
    }
    return value;
  }

  #normalize(): void {
    if ((this.#range & 0xff000000) !== 0) return;
    if (this.#next >= this.#bytes.length) throw corrupt();
    this.#range <<= 8;
    this.#code = (this.#code << 8) | (this.#bytes[this.#next] ?? 0);
    this.#next += 1;
  }

  /** Both are unsigned numbers of 32 bits held as signed ones. */
  #bit(index: number): number {
    this.#normalize();
    const probability = this.#probabilities[index] ?? 0;
    const bound = Math.imul(this.#range >>> probabilityBits, probability);
    if ((this.#code ^ sign) < (bound ^ sign)) {
      this.#range = bound;
      this.#probabilities[index] = probability + (((1 << probabilityBits) - probability) >> moveBits);
      return 0;
    }
    this.#range = (this.#range - bound) | 0;
    this.#code = (this.#code - bound) | 0;
    this.#probabilities[index] = probability - (probability >> moveBits);
    return 1;
  }

  #direct(): number {
    this.#normalize();
    this.#range >>>= 1;
    if ((this.#code ^ sign) < (this.#range ^ sign)) return 0;
    this.#code = (this.#code - this.#range) | 0;
    return 1;
  }
}
