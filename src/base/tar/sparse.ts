/**
 * Sparse files in pax archives as GNU tar writes them (its manual, "Storing Sparse Files": 0.0, 0.1 and 1.0), with what Go's archive/tar makes of them. GNU's own
 * older form ("S") is none of Docker's types.
 */
import { fromUtf8 } from '../bytes.ts';
import { AppError } from '../errors.ts';
import { clip } from '../clip.ts';
import { blockBytes } from './entry.ts';

/** Bytes of a map before the data, as in Go. */
const longestMap = 1024 * 1024;

function broken(): AppError {
  return new AppError('invalid', 'archive/tar: invalid tar header', { detail: { field: 'sparse map' } });
}

/** What extended headers say of the file that follows, and its map as it comes. */
export class SparseFile {
  readonly #numbers = new Map<string, number>();
  /** Offset and size in turn. */
  readonly #extents: number[] = [];
  #offset: number | null = null;
  #end = 0;
  #data = 0;
  #isMapped = false;
  #line = '';
  #lines = -1;
  #read = 0;
  #name = '';

  /** The file's own name; '': what the entry says. */
  get name(): string {
    return this.#name;
  }

  /** A record whose key begins with "GNU.sparse.", without that. @throws AppError invalid */
  take(key: string, value: Uint8Array): void {
    const text = fromUtf8(value);
    if (key === 'name') this.#name = text;
    else if (key === 'map') this.#takeMap(text);
    else if (key === 'offset' || key === 'numbytes') {
      if ((this.#offset === null) !== (key === 'offset')) throw broken();
      this.#isMapped = true;
      this.#put(numberOf(text));
    } else if (['major', 'minor', 'size', 'realsize', 'numblocks'].includes(key)) this.#numbers.set(key, numberOf(text));
  }

  /** plain: nothing that is known was said; leading: the map stands before the data. */
  get kind(): 'plain' | 'mapped' | 'leading' {
    const [major, minor] = [this.#numbers.get('major'), this.#numbers.get('minor')];
    if (major === 1 && minor === 0) return 'leading';
    if (major === 0 && (minor === 0 || minor === 1)) return 'mapped';
    return major === undefined && minor === undefined && this.#isMapped ? 'mapped' : 'plain';
  }

  /** Takes a block of the map before the data. @returns whether there is more of it @throws AppError invalid */
  takeBlock(block: Uint8Array): boolean {
    this.#read += blockBytes;
    if (this.#read > longestMap) throw broken();
    for (const byte of block) {
      if (byte !== 0x0a) {
        if (this.#line.length > 20) throw broken();
        this.#line += String.fromCharCode(byte);
        continue;
      }
      const number = numberOf(this.#line);
      this.#line = '';
      if (this.#lines < 0) {
        if (number > longestMap) throw broken();
        this.#lines = 2 * number;
      } else {
        this.#lines -= 1;
        this.#put(number);
      }
      if (this.#lines === 0) return false;
    }
    return true;
  }

  /** Bytes of the file, and those of it that are there. @param stored bytes in the archive, without the map @throws AppError invalid */
  finish(stored: number): { readonly size: number; readonly extents: Float64Array } {
    const size = this.#numbers.get('size') ?? this.#numbers.get('realsize') ?? stored;
    if (this.#end > size || this.#data !== stored || this.#offset !== null) throw broken();
    return { size, extents: Float64Array.from(this.#extents) };
  }

  #takeMap(text: string): void {
    if (this.#isMapped) throw broken();
    this.#isMapped = true;
    if (text !== '') for (const number of text.split(',')) this.#put(numberOf(number));
  }

  /** They do not overlap; empty ones say nothing. */
  #put(number: number): void {
    if (this.#offset === null) {
      if (number < this.#end) throw broken();
      this.#offset = number;
      return;
    }
    this.#end = this.#offset + number;
    this.#data += number;
    if (!Number.isSafeInteger(this.#end)) throw broken();
    if (number > 0) this.#extents.push(this.#offset, number);
    this.#offset = null;
  }
}

function numberOf(text: string): number {
  const number = text.length <= 20 && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new AppError('invalid', 'archive/tar: invalid tar header', { detail: { number: clip(text, 40) } });
  return number;
}
