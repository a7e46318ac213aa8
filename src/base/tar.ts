import { AppError } from './errors.ts';
import type { Steps } from './steps.ts';

/** What a tar entry makes. */
export type TarType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

export interface TarEntry {
  /** As written in the archive: "./usr/bin/", "etc/passwd". */
  readonly path: string;
  readonly type: TarType;
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch, with a fraction where pax gives one. */
  readonly mtime: number;
  /** Of a symlink its target, of a hard link the path of the entry it shares. */
  readonly link: string;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** A view of the archive's bytes. */
  readonly data: Uint8Array;
}

const blockBytes = 512;
/** Bytes of extended headers and long names, as in Go's archive/tar (maxSpecialFileSize). */
const longestMeta = 1024 * 1024;
/** They go with every entry that follows. Nobody writes any. */
const mostGlobalXattrs = 64;
const decoder = new TextDecoder();
const noBytes = new Uint8Array(0);

const types: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
};

/** What pax headers or GNU's long names say about the entry that follows. */
interface Overrides {
  path?: string;
  link?: string;
  size?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  readonly xattrs: Map<string, Uint8Array>;
}

/**
 * The entries of an uncompressed archive in memory: ustar, pax (extended headers with xattrs) and GNU (long names, base-256 numbers); see
 * pax(1) and tar(5). Global pax headers apply to all that follows. @throws AppError invalid for anything damaged or unknown
 */
export function* readTar(archive: Uint8Array, steps?: Steps): Generator<TarEntry, void> {
  let global: Overrides = { xattrs: new Map() };
  let own: Overrides = { xattrs: new Map() };
  let offset = 0;
  while (offset + blockBytes <= archive.length) {
    const header = archive.subarray(offset, offset + blockBytes);
    steps?.take(blockBytes);
    if (isZero(header)) return;
    checkSum(header, offset);
    const flag = String.fromCharCode(header[156] ?? 0);
    const isMeta = flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K';
    const size = isMeta ? number(header, 124, 12) : (own.size ?? global.size ?? number(header, 124, 12));
    const start = offset + blockBytes;
    const stored = hasData(flag) ? size : 0;
    if (start + stored > archive.length) throw broken(offset, 'unexpected EOF');
    const data = archive.subarray(start, start + stored);
    if (isMeta) {
      if (stored > longestMeta) throw broken(offset, 'header field too long');
      steps?.take(stored);
    }
    offset = start + Math.ceil(stored / blockBytes) * blockBytes;
    if (flag === 'x') readPax(data, own);
    else if (flag === 'g') {
      // A new one: entries that were given it keep what they were given.
      global = { ...global, xattrs: new Map(global.xattrs) };
      readPax(data, global);
      if (global.xattrs.size > mostGlobalXattrs) throw broken(offset, 'too many global attributes');
    } else if (flag === 'L') own.path = cString(data);
    else if (flag === 'K') own.link = cString(data);
    else {
      const xattrs = own.xattrs.size === 0 ? global.xattrs : new Map([...global.xattrs, ...own.xattrs]);
      yield entryOf(header, data, { ...global, ...own, xattrs });
      own = { xattrs: new Map() };
    }
  }
}

function entryOf(header: Uint8Array, data: Uint8Array, overrides: Overrides): TarEntry {
  const flag = String.fromCharCode(header[156] ?? 0);
  const path = overrides.path ?? headerPath(header);
  const type = types[flag];
  if (type === undefined) throw new AppError('invalid', `archive/tar: entry ${path} has the unknown type "${flag}"`);
  const isDevice = type === 'character' || type === 'block';
  return {
    path,
    // Before ustar, a directory was a file whose name ends in a slash.
    type: type === 'file' && path.endsWith('/') ? 'directory' : type,
    mode: number(header, 100, 8) & 0o7777,
    uid: overrides.uid ?? number(header, 108, 8),
    gid: overrides.gid ?? number(header, 116, 8),
    mtime: overrides.mtime ?? number(header, 136, 12),
    link: overrides.link ?? cString(header.subarray(157, 257)),
    major: isDevice ? number(header, 329, 8) : 0,
    minor: isDevice ? number(header, 337, 8) : 0,
    xattrs: overrides.xattrs,
    data: type === 'file' ? data : noBytes,
  };
}

/** Links, devices, directories and fifos may name a size, but nothing follows them (tar(5)). */
function hasData(flag: string): boolean {
  return !['1', '2', '3', '4', '5', '6'].includes(flag);
}

function headerPath(header: Uint8Array): string {
  const name = cString(header.subarray(0, 100));
  const isUstar = cString(header.subarray(257, 263)) === 'ustar';
  const prefix = isUstar ? cString(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Records "LENGTH KEY=VALUE\n", the length in bytes counting itself; a value may be any bytes. */
function readPax(data: Uint8Array, into: Overrides): void {
  let offset = 0;
  while (offset < data.length && data[offset] !== 0) {
    const space = data.indexOf(0x20, offset);
    const length = space < 0 ? Number.NaN : Number(decoder.decode(data.subarray(offset, space)));
    const end = offset + length;
    const equals = data.indexOf(0x3d, space);
    if (!Number.isInteger(length) || end > data.length || equals < 0 || equals >= end || data[end - 1] !== 0x0a)
      throw broken(offset, 'invalid pax record');
    applyPax(decoder.decode(data.subarray(space + 1, equals)), data.subarray(equals + 1, end - 1), into);
    offset = end;
  }
}

const xattrPrefix = 'SCHILY.xattr.';

function applyPax(key: string, value: Uint8Array, into: Overrides): void {
  if (key.startsWith(xattrPrefix)) into.xattrs.set(key.slice(xattrPrefix.length), value);
  else if (key === 'path') into.path = decoder.decode(value);
  else if (key === 'linkpath') into.link = decoder.decode(value);
  else if (key === 'size' || key === 'uid' || key === 'gid' || key === 'mtime') into[key] = decimal(key, value);
  else if (key.startsWith('GNU.sparse.')) throw new AppError('invalid', 'archive/tar: sparse files are not supported');
}

function decimal(key: string, value: Uint8Array): number {
  const text = decoder.decode(value);
  const result = /^-?\d+(\.\d*)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(result) || (key !== 'mtime' && (result < 0 || !Number.isSafeInteger(result)))) {
    throw new AppError('invalid', `archive/tar: invalid ${key} "${text}"`);
  }
  return result;
}

/** Octal digits, or GNU's base 256 when the first bit is set. */
function number(header: Uint8Array, start: number, length: number): number {
  const field = header.subarray(start, start + length);
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    if ((first & 0x40) !== 0) return 0; // a negative time: before 1970
    let value = first & 0x3f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new AppError('invalid', 'archive/tar: number too large');
    return value;
  }
  const text = cString(field).trim();
  if (text === '') return 0;
  if (!/^[0-7]+$/.test(text)) throw new AppError('invalid', `archive/tar: invalid number "${text}"`);
  return Number.parseInt(text, 8);
}

/** The sum of the header's bytes with its own field as spaces; old writers added signed bytes. */
function checkSum(header: Uint8Array, offset: number): void {
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < blockBytes; index += 1) {
    const byte = index >= 148 && index < 156 ? 0x20 : (header[index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const written = number(header, 148, 8);
  if (written !== unsigned && written !== signed) throw broken(offset, 'invalid tar header');
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

function broken(offset: number, what: string): AppError {
  return new AppError('invalid', `archive/tar: ${what} at byte ${offset}`);
}
