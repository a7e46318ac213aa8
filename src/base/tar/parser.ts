import { AppError } from '../errors.ts';
import type { Steps } from '../steps.ts';
import { blockBytes, paddingOf, type PlacedHeader, type TarHeader } from './entry.ts';
import type { SparseFile } from './sparse.ts';
import { cString, flagOf, headerOf, isHeader, storedBytes } from './header.ts';
import { readPax, type Overrides } from './pax.ts';

/** Bytes of extended headers and long names, as in Go's archive/tar (maxSpecialFileSize). */
const longestMeta = 1024 * 1024;
/** They go with every entry that follows. Nobody writes any. */
const mostGlobalXattrs = 64;

/** What an archive has, in its order. */
export interface TarVisitor {
  entry(header: PlacedHeader): void;
  /** The next bytes of the last entry's file: a view of what was pushed. */
  data?(chunk: Uint8Array): void;
}

/** What the bytes at hand are. */
type Part =
  | { readonly kind: 'header' }
  /** An extended header or a long name, collected whole. */
  | { readonly kind: 'meta'; readonly flag: string; readonly bytes: Uint8Array }
  /** What of a sparse file is where, before its data; `left` bytes are still to come, this block of it among them. */
  | { readonly kind: 'map'; readonly header: TarHeader; readonly sparse: SparseFile; readonly left: number }
  /** Of a file; `skipped` is what stands behind a directory of old. */
  | { readonly kind: 'data' | 'skipped' }
  | { readonly kind: 'padding' }
  | { readonly kind: 'end' };

/**
 * Reads an uncompressed archive piece by piece: ustar, pax (extended headers with xattrs, sparse files) and GNU (long names, base-256 numbers); see pax(1) and tar(5).
 * Global pax headers apply to all that follows. It holds a block and at most a megabyte of extended headers, whatever the archive is.
 */
export class TarParser {
  readonly #visitor: TarVisitor;
  readonly #steps: Steps | undefined;
  readonly #block = new Uint8Array(blockBytes);
  #part: Part = { kind: 'header' };
  /** Bytes of the part that are still to come, and the padding after it. */
  #left = blockBytes;
  #padding = 0;
  #offset = 0;
  #global: Overrides = { xattrs: new Map() };
  #own: Overrides = { xattrs: new Map() };

  constructor(visitor: TarVisitor, steps?: Steps) {
    this.#visitor = visitor;
    this.#steps = steps;
  }

  /** Whether the end of the archive was seen; what follows is no part of it. */
  get ended(): boolean {
    return this.#part.kind === 'end';
  }

  /** @throws AppError invalid for anything damaged or unknown; what the visitor throws */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && this.#part.kind !== 'end') {
      const taken = chunk.subarray(at, at + this.#left);
      at += taken.length;
      this.#take(taken);
    }
  }

  /** Nothing more comes. An archive without its final blocks is one, as for tar. @throws AppError invalid where it ends inside an entry */
  finish(): void {
    const { kind } = this.#part;
    const isWhole = kind === 'end' || kind === 'padding' || (kind === 'header' && this.#left === blockBytes);
    if (!isWhole) throw this.#broken('unexpected EOF');
  }

  #take(bytes: Uint8Array): void {
    const part = this.#part;
    if (part.kind === 'header' || part.kind === 'map') this.#block.set(bytes, blockBytes - this.#left);
    else if (part.kind === 'meta') part.bytes.set(bytes, part.bytes.length - this.#left);
    else if (part.kind === 'data') this.#visitor.data?.(bytes);
    this.#left -= bytes.length;
    this.#offset += bytes.length;
    if (this.#left > 0) return;
    if (part.kind === 'header') this.#readHeader();
    else if (part.kind === 'map') this.#readMap(part);
    else {
      if (part.kind === 'meta') this.#readMeta(part.flag, part.bytes);
      if (part.kind !== 'padding' && this.#padding > 0) this.#expect({ kind: 'padding' }, this.#padding);
      else this.#expectHeader();
    }
  }

  #expect(part: Part, bytes: number): void {
    this.#part = part;
    this.#left = bytes;
  }

  #expectHeader(): void {
    this.#expect({ kind: 'header' }, blockBytes);
  }

  #readHeader(): void {
    const block = this.#block;
    this.#steps?.take(blockBytes);
    if (block.every((byte) => byte === 0)) return this.#expect({ kind: 'end' }, 0);
    if (!isHeader(block)) throw this.#broken('archive/tar: invalid tar header');
    const flag = flagOf(block);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      const size = storedBytes(block, undefined);
      if (size > longestMeta) throw this.#broken('archive/tar: header field too long');
      this.#steps?.take(size);
      this.#padding = paddingOf(size);
      if (size > 0) this.#expect({ kind: 'meta', flag, bytes: new Uint8Array(size) }, size);
      else this.#expectHeader();
      return;
    }
    const stored = storedBytes(block, this.#own.size ?? this.#global.size);
    if (!Number.isSafeInteger(this.#offset + stored)) throw this.#broken('archive/tar: file too large');
    const xattrs = this.#own.xattrs.size === 0 ? this.#global.xattrs : new Map([...this.#global.xattrs, ...this.#own.xattrs]);
    const header = headerOf(block, { ...this.#global, ...this.#own, xattrs }, stored);
    const { sparse } = this.#own;
    this.#own = { xattrs: new Map() };
    this.#padding = paddingOf(stored);
    if (sparse !== undefined && header.type === 'file' && sparse.kind !== 'plain') {
      const named = sparse.name === '' ? header : { ...header, path: sparse.name };
      if (sparse.kind === 'leading') this.#expectMap({ kind: 'map', header: named, sparse, left: stored });
      else this.#beginSparse(named, sparse, stored);
      return;
    }
    // Before the visitor may throw: the parser stands where it stands.
    if (stored > 0) this.#expect({ kind: header.type === 'file' ? 'data' : 'skipped' }, stored);
    else this.#expectHeader();
    this.#visitor.entry({ ...header, offset: this.#offset });
  }

  #expectMap(part: Extract<Part, { kind: 'map' }>): void {
    if (part.left < blockBytes) throw this.#broken('archive/tar: invalid tar header');
    this.#expect(part, blockBytes);
  }

  #readMap({ header, sparse, left }: Extract<Part, { kind: 'map' }>): void {
    this.#steps?.take(blockBytes);
    if (sparse.takeBlock(this.#block)) this.#expectMap({ kind: 'map', header, sparse, left: left - blockBytes });
    else this.#beginSparse(header, sparse, left - blockBytes);
  }

  #beginSparse(header: TarHeader, sparse: SparseFile, stored: number): void {
    const { size, extents } = sparse.finish(stored);
    if (stored > 0) this.#expect({ kind: 'data' }, stored);
    else this.#expectHeader();
    this.#visitor.entry({ ...header, size, extents, offset: this.#offset });
  }

  #readMeta(flag: string, data: Uint8Array): void {
    if (flag === 'x') readPax(data, this.#own);
    else if (flag === 'L') this.#own.path = cString(data);
    else if (flag === 'K') this.#own.link = cString(data);
    else if (flag === 'g') {
      // A new one: entries that were given it keep what they were given.
      this.#global = { ...this.#global, xattrs: new Map(this.#global.xattrs) };
      readPax(data, this.#global);
      // Of one file alone, as in Go.
      delete this.#global.sparse;
      if (this.#global.xattrs.size > mostGlobalXattrs) throw this.#broken('archive/tar: too many global attributes');
    }
  }

  #broken(what: string): AppError {
    return new AppError('invalid', what, { detail: { byte: this.#offset } });
  }
}
