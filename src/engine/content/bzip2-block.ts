import { AppError } from '../../base/errors.ts';
import type { BigEndianBits } from './big-endian-bits.ts';

/** A block as the transform undone: each symbol with its byte, and above that the place of the next. */
export interface Block {
  readonly symbols: Uint32Array;
  readonly count: number;
  readonly start: number;
}

/** In the words of Go's compress/bzip2. */
export function damaged(what: string): AppError {
  return new AppError('invalid', `bzip2 data invalid: ${what}`);
}

const [runA, runB] = [0, 1];
const groupSymbols = 50;
const longestCode = 20;

/** @param symbols room for a block, which it is read into @throws AppError invalid */
export function readBlock(bits: BigEndianBits, symbols: Uint32Array): Block {
  if (bits.read(1) === 1) throw damaged('deprecated randomized files');
  const origin = bits.read(24);
  const bytes = readBytesUsed(bits);
  if (bytes.length === 0) throw damaged('no symbols in input');
  const codeCount = bits.read(3);
  if (codeCount < 2 || codeCount > 6) throw damaged('invalid number of Huffman trees');
  const selectors = readSelectors(bits, codeCount);
  const codes = Array.from({ length: codeCount }, () => readCode(bits, bytes.length + 2));
  const count = readSymbols(bits, { bytes, selectors, codes }, symbols);
  if (origin >= count) throw damaged('pointer out of bounds');
  return { symbols, count, start: linked(symbols, count, origin) };
}

/** The bytes that occur, in order: sixteen bits for groups of sixteen, then each group that has any. */
function readBytesUsed(bits: BigEndianBits): number[] {
  const bytes: number[] = [];
  const groups = bits.read(16);
  for (let group = 0; group < 16; group += 1) {
    if ((groups & (0x8000 >> group)) === 0) continue;
    const used = bits.read(16);
    for (let at = 0; at < 16; at += 1) if ((used & (0x8000 >> at)) !== 0) bytes.push(group * 16 + at);
  }
  return bytes;
}

/** Which code each fifty symbols have, moved to front. */
function readSelectors(bits: BigEndianBits, codeCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15));
  if (selectors.length === 0) throw damaged('no tree selectors given');
  const order = Array.from({ length: codeCount }, (_, at) => at);
  for (let index = 0; index < selectors.length; index += 1) {
    let place = 0;
    while (bits.read(1) === 1) {
      place += 1;
      if (place >= codeCount) throw damaged('tree index too large');
    }
    selectors[index] = toFront(order, place);
  }
  return selectors;
}

function toFront(order: number[], place: number): number {
  const value = order[place] ?? 0;
  for (let at = place; at > 0; at -= 1) order[at] = order[at - 1] ?? 0;
  order[0] = value;
  return value;
}

/** A canonical Huffman code: of each length, the first code that is longer, and where its symbols stand. */
interface Code {
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
  readonly shortest: number;
}

function readCode(bits: BigEndianBits, symbolCount: number): Code {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    for (;;) {
      if (length < 1 || length > longestCode) throw damaged('Huffman length out of range');
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return codeOf(lengths);
}

function codeOf(lengths: Uint8Array): Code {
  const limits = new Int32Array(longestCode + 2);
  const bases = new Int32Array(longestCode + 2);
  const symbols = new Uint16Array(lengths.length);
  const shortest = Math.min(...lengths);
  let [code, placed] = [0, 0];
  for (let length = 1; length <= longestCode; length += 1) {
    code *= 2;
    bases[length] = placed - code;
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue;
      symbols[placed++] = symbol;
      code += 1;
    }
    limits[length] = code;
    if (code > 2 ** length) throw damaged('Huffman tree has too many codes');
  }
  return { limits, bases, symbols, shortest };
}

function readSymbol(bits: BigEndianBits, { limits, bases, symbols, shortest }: Code): number {
  let length = shortest;
  let code = bits.read(length);
  while (code >= (limits[length] ?? 0)) {
    if (length >= longestCode) throw damaged('invalid Huffman code');
    code = code * 2 + bits.read(1);
    length += 1;
  }
  return symbols[code + (bases[length] ?? 0)] ?? 0;
}

interface Tables {
  readonly bytes: readonly number[];
  readonly selectors: Uint8Array;
  readonly codes: readonly Code[];
}

/** @returns how many bytes the block has */
function readSymbols(bits: BigEndianBits, { bytes, selectors, codes }: Tables, into: Uint32Array): number {
  const order = [...bytes];
  const last = bytes.length + 1;
  let [count, run, weight] = [0, 0, 1];
  for (let read = 0; ; read += 1) {
    const code = codes[selectors[Math.floor(read / groupSymbols)] ?? -1];
    if (code === undefined) throw damaged('insufficient selector indices for number of decoded symbols');
    const symbol = readSymbol(bits, code);
    if (symbol === runA || symbol === runB) {
      // A run's length in bijective base 2, the least digit first.
      run += weight * (symbol + 1);
      weight *= 2;
      if (run > into.length - count) throw damaged('data exceeds block size');
      continue;
    }
    if (run > 0) {
      into.fill(order[0] ?? 0, count, count + run);
      count += run;
      [run, weight] = [0, 1];
    }
    if (symbol === last) return count;
    if (count >= into.length) throw damaged('data exceeds block size');
    into[count++] = toFront(order, symbol - 1);
  }
}

/** Burrows and Wheeler's transform undone: each symbol is given the place of the one that follows. @returns the first one's */
function linked(symbols: Uint32Array, count: number, origin: number): number {
  const places = new Uint32Array(256);
  for (let at = 0; at < count; at += 1) {
    const byte = symbols[at] ?? 0;
    places[byte] = (places[byte] ?? 0) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const many = places[byte] ?? 0;
    places[byte] = sum;
    sum += many;
  }
  for (let at = 0; at < count; at += 1) {
    const byte = (symbols[at] ?? 0) & 0xff;
    const place = places[byte] ?? 0;
    symbols[place] = (symbols[place] ?? 0) | (at << 8);
    places[byte] = place + 1;
  }
  return (symbols[origin] ?? 0) >>> 8;
}
