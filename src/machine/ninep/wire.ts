import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { LinuxError, errno } from './errno.ts';

/** Message types of 9P2000.L (diod's protocol.md; include/net/9p/9p.h). A reply's type is its request's plus one. */
export const messageType = {
  lerror: 7,
  statfs: 8,
  lopen: 12,
  lcreate: 14,
  symlink: 16,
  mknod: 18,
  rename: 20,
  readlink: 22,
  getattr: 24,
  setattr: 26,
  xattrwalk: 30,
  xattrcreate: 32,
  readdir: 40,
  fsync: 50,
  lock: 52,
  getlock: 54,
  link: 70,
  mkdir: 72,
  renameat: 74,
  unlinkat: 76,
  version: 100,
  auth: 102,
  attach: 104,
  flush: 108,
  walk: 110,
  read: 116,
  write: 118,
  clunk: 120,
  remove: 122,
} as const;

/** size[4] type[1] tag[2] */
export const messageHeaderBytes = 7;

/** type[1] version[4] path[8] */
export interface Qid {
  readonly type: number;
  readonly version: number;
  /** Unique per file, below 2^53; the guest's inode number. */
  readonly path: number;
}

export const qidType = { directory: 0x80, symlink: 0x02, file: 0x00 } as const;

/** Reads a message's body; a message that is too short is EINVAL. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }

  #take(size: number): number {
    const start = this.#offset;
    if (size > this.#bytes.length - start) throw new LinuxError(errno.EINVAL);
    this.#offset = start + size;
    return start;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Offsets beyond 2^53 lose bits; no file here is that long. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  bytes(size: number): Uint8Array {
    const start = this.#take(size);
    return this.#bytes.subarray(start, start + size);
  }

  string(): string {
    return fromUtf8(this.bytes(this.u16()));
  }
}

/** Writes a message into a buffer that grows; `finish` puts the size in. */
export class MessageWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #offset = messageHeaderBytes;

  constructor(type: number, tag: number, capacity = 160) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
    this.#view.setUint8(4, type);
    this.#view.setUint16(5, tag, true);
  }

  #reserve(size: number): number {
    const start = this.#offset;
    this.#offset = start + size;
    if (this.#offset > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#offset, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  u64(value: number): this {
    const at = this.#reserve(8);
    this.#view.setUint32(at, value >>> 0, true);
    this.#view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  string(value: string): this {
    const encoded = utf8(value);
    return this.u16(encoded.length).bytes(encoded);
  }

  qid(qid: Qid): this {
    return this.u8(qid.type).u32(qid.version).u64(qid.path);
  }

  get length(): number {
    return this.#offset;
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#view.setUint32(0, this.#offset, true);
    return this.#bytes.subarray(0, this.#offset);
  }
}
