/** A header block: ustar (pax(1), "ustar Interchange Format") with GNU's base-256 numbers (tar(5)). */
import { fromUtf8 } from '../bytes.ts';
import { clip } from '../clip.ts';
import { AppError } from '../errors.ts';
import { blockBytes, type TarHeader, type TarType } from './entry.ts';
import type { Overrides } from './pax.ts';

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

export function flagOf(header: Uint8Array): string {
  return String.fromCharCode(header[156] ?? 0);
}

/** Bytes that follow a header of this flag, by its size field. Links, devices, directories and fifos may name a size, but nothing follows them (tar(5)). */
export function storedBytes(header: Uint8Array, size: number | undefined): number {
  return ['1', '2', '3', '4', '5', '6'].includes(flagOf(header)) ? 0 : (size ?? number(header, 124, 12));
}

/** @throws AppError invalid */
export function headerOf(header: Uint8Array, overrides: Overrides, stored: number): TarHeader {
  const flag = flagOf(header);
  const path = overrides.path ?? pathOf(header);
  const type = types[flag];
  // moby (pkg/archive, createTarFile).
  if (type === undefined) throw new AppError('invalid', `unhandled tar header type ${header[156] ?? 0}`);
  const isDevice = type === 'character' || type === 'block';
  // Before ustar, a directory was a file whose name ends in a slash.
  const actual = type === 'file' && path.endsWith('/') ? 'directory' : type;
  return {
    path,
    type: actual,
    mode: number(header, 100, 8) & 0o7777,
    uid: overrides.uid ?? number(header, 108, 8),
    gid: overrides.gid ?? number(header, 116, 8),
    mtime: overrides.mtime ?? number(header, 136, 12),
    link: overrides.link ?? cString(header.subarray(157, 257)),
    major: isDevice ? number(header, 329, 8) : 0,
    minor: isDevice ? number(header, 337, 8) : 0,
    xattrs: overrides.xattrs,
    size: actual === 'file' ? stored : 0,
  };
}

function pathOf(header: Uint8Array): string {
  const name = cString(header.subarray(0, 100));
  // GNU's own format has other fields where ustar has the prefix; its magic ends in a blank.
  const isUstar = cString(header.subarray(257, 263)) === 'ustar';
  const prefix = isUstar ? cString(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
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
  if (!/^[0-7]+$/.test(text)) throw new AppError('invalid', 'archive/tar: invalid tar header', { detail: { number: clip(text, 40) } });
  return Number.parseInt(text, 8);
}

/** Whether the sum of the header's bytes, with its own field as spaces, is what the header says; old writers added signed bytes. */
export function isHeader(header: Uint8Array): boolean {
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < blockBytes; index += 1) {
    const byte = index >= 148 && index < 156 ? 0x20 : (header[index] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const written = number(header, 148, 8);
  return written === unsigned || written === signed;
}

export function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return fromUtf8(end < 0 ? bytes : bytes.subarray(0, end));
}
