/**
 * Archives as ustar where an entry fits into it, else with a pax extended header (pax(1)); xattrs as SCHILY.xattr. The bytes depend on the entries alone: no
 * names, times or numbers of this machine.
 */
import { concatBytes, utf8 } from '../bytes.ts';
import { AppError } from '../errors.ts';
import type { ByteSource } from '../streams.ts';
import { blockBytes, paddingOf, type TarHeader, type TarType } from './entry.ts';
import { paxRecord, xattrPrefix } from './pax.ts';

export interface TarInput {
  readonly header: TarHeader;
  /** Of a file with a size; exactly `header.size` bytes. */
  readonly contents?: ByteSource;
}

const flags: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

/** Two blocks of zeros. */
export const tarEnd: Uint8Array = new Uint8Array(2 * blockBytes);

/** An archive of entries in the order they come, read as it is made. @throws AppError invalid where contents are shorter or longer than the header says */
export function tarOf(entries: AsyncIterable<TarInput> | Iterable<TarInput>): ByteSource {
  const chunks = archive(entries);
  return {
    async read() {
      const { done, value } = await chunks.next();
      return done === true ? null : value;
    },
    cancel: () => void chunks.return(),
  };
}

async function* archive(entries: AsyncIterable<TarInput> | Iterable<TarInput>): AsyncGenerator<Uint8Array, void> {
  for await (const { header, contents } of entries) {
    yield headerBytes(header);
    if (header.type !== 'file' || header.size === 0) continue;
    let written = 0;
    let ended = false;
    try {
      for (let chunk = await contents?.read(); chunk !== null && chunk !== undefined; chunk = await contents?.read()) {
        written += chunk.length;
        if (written > header.size) throw new AppError('invalid', `archive/tar: write too long: ${header.path}`);
        yield chunk;
      }
      ended = true;
    } finally {
      if (!ended) contents?.cancel();
    }
    if (written < header.size)
      throw new AppError('invalid', `archive/tar: missed writing ${header.size - written} bytes of ${header.path}`);
    if (paddingOf(written) > 0) yield new Uint8Array(paddingOf(written));
  }
  yield tarEnd;
}

/** The blocks before an entry's contents. @throws AppError invalid for what no archive can hold */
export function headerBytes(header: TarHeader): Uint8Array {
  const records = paxRecords(header);
  if (records.length === 0) return block(header, flags[header.type]);
  const data = concatBytes(records);
  return concatBytes([
    block({ ...plain, path: paxName(header.path), size: data.length }, 'x'),
    data,
    new Uint8Array(paddingOf(data.length)),
    block(header, flags[header.type]),
  ]);
}

const plain: TarHeader = {
  path: '',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: 0,
  link: '',
  major: 0,
  minor: 0,
  xattrs: new Map(),
  size: 0,
};

/** What the header block cannot say, sorted by key. */
function paxRecords(header: TarHeader): Uint8Array[] {
  const { path, link, uid, gid, mtime, size, xattrs } = header;
  for (const text of [path, link, ...xattrs.keys()])
    if (text.includes('\0')) throw new AppError('invalid', 'archive/tar: a name with a NUL byte');
  const records = new Map<string, Uint8Array>();
  const say = (key: string, value: string): void => void records.set(key, utf8(value));
  if (ustarName(path) === null) say('path', path);
  if (!isAscii(link) || link.length > 100) say('linkpath', link);
  if (!fits(uid, 7)) say('uid', whole(uid, 'uid'));
  if (!fits(gid, 7)) say('gid', whole(gid, 'gid'));
  if (!fits(size, 11)) say('size', whole(size, 'size'));
  if (!fits(mtime, 11)) say('mtime', time(mtime));
  for (const [name, value] of xattrs) {
    // pax(1) has no way to write the sign that ends a key in one.
    if (name === '' || name.includes('=')) throw new AppError('invalid', `archive/tar: invalid name of an attribute "${name}"`);
    records.set(`${xattrPrefix}${name}`, value);
  }
  return [...records].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, value]) => paxRecord(key, value));
}

function whole(value: number, what: string): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new AppError('invalid', `archive/tar: invalid ${what} ${value}`);
  return String(value);
}

/** Up to nanoseconds, without an exponent or zeros at the end. */
function time(seconds: number): string {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > Number.MAX_SAFE_INTEGER)
    throw new AppError('invalid', `archive/tar: invalid mtime ${seconds}`);
  const text = seconds.toFixed(9);
  let end = text.length;
  while (text[end - 1] === '0') end -= 1;
  return text.slice(0, text[end - 1] === '.' ? end - 1 : end);
}

/** Whether a number is octal digits of a field. */
function fits(value: number, digits: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 8 ** digits;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}

/** A path as ustar's name of 100 bytes and prefix of 155, split at a slash. null: it does not fit. */
function ustarName(path: string): { readonly name: string; readonly prefix: string } | null {
  if (!isAscii(path)) return null;
  if (path.length <= 100) return { name: path, prefix: '' };
  if (path.length > 256) return null;
  // The slash of a directory's end is part of its name.
  const slash = path.indexOf('/', path.length - 101);
  if (slash <= 0 || slash > 155 || slash >= path.length - 1) return null;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

/** What a reader that knows no pax headers makes a file of; any name does. */
function paxName(path: string): string {
  const base = path.replace(/\/$/, '').split('/').at(-1) ?? '';
  const ascii = isAscii(base) ? base : 'x';
  return `PaxHeaders.0/${ascii.slice(0, 80)}`;
}

function block(header: TarHeader, flag: string): Uint8Array {
  const bytes = new Uint8Array(blockBytes);
  const put = (text: string, at: number): void => bytes.set(utf8(text), at);
  const octal = (value: number, at: number, digits: number): void =>
    put((fits(value, digits) ? value : 0).toString(8).padStart(digits, '0'), at);
  const { name, prefix } = ustarName(header.path) ?? { name: truncated(header.path), prefix: '' };
  put(name, 0);
  octal(header.mode & 0o7777, 100, 7);
  octal(header.uid, 108, 7);
  octal(header.gid, 116, 7);
  octal(flag === '0' || flag === 'x' ? header.size : 0, 124, 11);
  octal(header.mtime, 136, 11);
  put(flag, 156);
  put(isAscii(header.link) && header.link.length <= 100 ? header.link : truncated(header.link), 157);
  put('ustar', 257);
  put('00', 263);
  if (flag === '3' || flag === '4') {
    for (const device of [header.major, header.minor])
      if (!fits(device, 7)) throw new AppError('invalid', 'archive/tar: device number too large');
    octal(header.major, 329, 7);
    octal(header.minor, 337, 7);
  }
  put(prefix, 345);
  put('        ', 148);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** What is said in full in the pax header. */
function truncated(text: string): string {
  return [...text]
    .map((character) => (isAscii(character) ? character : '_'))
    .slice(0, 100)
    .join('');
}
