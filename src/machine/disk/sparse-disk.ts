import { AppError } from '../../base/errors.ts';
import type { DiskTemplate } from './template.ts';

/** [block size, block indices, the blocks one after another, whether ranges come next]: only what was written. */
export type SparseDiskState = readonly [blockBytes: number, indices: Uint32Array, blocks: Uint8Array, expectsRanges?: boolean];

/** TRIM names sectors, whatever the blocks here are. */
const sectorBytes = 512;

/**
 * A disk as v86's IDE drive takes it: blocks of the template until they are written, zeros where neither has any. The names are
 * v86's (src/buffer.js); every answer comes at once, so that no request is ever under way when a state is saved.
 */
export class SparseDisk {
  readonly byteLength: number;
  onload: ((event: object) => void) | undefined = undefined;
  onprogress: ((event: object) => void) | undefined = undefined;
  readonly #template: DiskTemplate;
  readonly #written = new Map<number, Uint8Array<ArrayBuffer>>();
  #expectsRanges = false;

  constructor(template: DiskTemplate) {
    this.#template = template;
    this.byteLength = template.blockBytes * template.blockCount;
  }

  load(): void {
    this.onload?.({});
  }

  get(offset: number, length: number, done: (data: Uint8Array) => void): void {
    done(this.read(offset, length));
  }

  get_and_cache(offset: number, length: number, done: (data: Uint8Array) => void): void {
    done(this.read(offset, length));
  }

  get_from_cache(offset: number, length: number): Uint8Array {
    return this.read(offset, length);
  }

  set(offset: number, data: Uint8Array, done: () => void): void {
    if (this.#expectsRanges) this.#trim(data);
    else this.write(offset, data);
    this.#expectsRanges = false;
    done();
  }

  get_state(): SparseDiskState {
    const { blockBytes } = this.#template;
    const indices = Uint32Array.from([...this.#written.keys()].sort((a, b) => a - b));
    const blocks = new Uint8Array(indices.length * blockBytes);
    indices.forEach((index, position) => {
      const block = this.#written.get(index);
      if (block !== undefined) blocks.set(block, position * blockBytes);
    });
    return [blockBytes, indices, blocks, this.#expectsRanges];
  }

  set_state([blockBytes, indices, blocks, expectsRanges = false]: SparseDiskState): void {
    if (blockBytes !== this.#template.blockBytes) throw new AppError('invalid', 'the saved disk has blocks of another size');
    this.#written.clear();
    this.#expectsRanges = expectsRanges;
    indices.forEach((index, position) => this.#written.set(index, blocks.slice(position * blockBytes, (position + 1) * blockBytes)));
  }

  /** What is written next is the list of ranges of a TRIM, not data. */
  expectRanges(): void {
    this.#expectsRanges = true;
  }

  /** Bytes that the guest has written and not freed, in whole blocks. */
  get writtenBytes(): number {
    return this.#written.size * this.#template.blockBytes;
  }

  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const data = new Uint8Array(length);
    this.#eachBlock(offset, length, (index, start, end, position) => {
      const block = this.#written.get(index) ?? this.#template.blocks.get(index);
      if (block !== undefined) data.set(block.subarray(start, end), position);
    });
    return data;
  }

  write(offset: number, data: Uint8Array): void {
    this.#eachBlock(offset, data.length, (index, start, end, position) => {
      const piece = data.subarray(position, position + end - start);
      if (!this.#isHeld(index) && isZero(piece)) return;
      this.#writable(index).set(piece, start);
    });
  }

  /** Makes bytes zero and gives the memory of whole blocks back. Ends at the end of the disk. */
  free(offset: number, length: number): void {
    const { blockBytes, blocks } = this.#template;
    const within = Math.max(0, Math.min(length, this.byteLength - offset));
    this.#eachBlock(offset, within, (index, start, end) => {
      if (!this.#isHeld(index)) return;
      if (end - start === blockBytes && !blocks.has(index)) this.#written.delete(index);
      else this.#writable(index).fill(0, start, end);
    });
  }

  /** ATA8-ACS, DATA SET MANAGEMENT: entries of eight bytes, the first sector in the low 48 bits, how many in the others; zeros fill up. */
  #trim(entries: Uint8Array): void {
    const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
    for (let at = 0; at + 8 <= entries.length; at += 8) {
      const first = view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32;
      const count = view.getUint16(at + 6, true);
      if (count > 0 && first * sectorBytes < this.byteLength) this.free(first * sectorBytes, count * sectorBytes);
    }
  }

  #isHeld(index: number): boolean {
    return this.#written.has(index) || this.#template.blocks.has(index);
  }

  #writable(index: number): Uint8Array {
    const written = this.#written.get(index);
    if (written !== undefined) return written;
    const block = new Uint8Array(this.#template.blockBytes);
    const original = this.#template.blocks.get(index);
    if (original !== undefined) block.set(original);
    this.#written.set(index, block);
    return block;
  }

  #eachBlock(offset: number, length: number, visit: (index: number, start: number, end: number, position: number) => void): void {
    if (offset < 0 || offset + length > this.byteLength)
      throw new AppError('invalid', `bytes ${offset}+${length} are beyond the end of the disk`);
    const { blockBytes } = this.#template;
    let position = 0;
    while (position < length) {
      const index = Math.floor((offset + position) / blockBytes);
      const start = (offset + position) % blockBytes;
      const end = Math.min(blockBytes, start + length - position);
      visit(index, start, end, position);
      position += end - start;
    }
  }
}

/** Four bytes at a time: every byte that is written to the disk comes by here. */
function isZero(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, length } = bytes;
  const words = byteOffset % 4 === 0 && length % 4 === 0 ? new Int32Array(buffer, byteOffset, length / 4) : bytes;
  for (let at = 0; at < words.length; at += 1) if (words[at] !== 0) return false;
  return true;
}
