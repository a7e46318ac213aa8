/** The records of pax's extended headers: pax(1), "pax Extended Header"; xattrs as star(1) writes them. */
import { concatBytes, fromUtf8, utf8 } from '../bytes.ts';
import { AppError } from '../errors.ts';
import { SparseFile } from './sparse.ts';

/** What pax headers or GNU's long names say about the entry that follows. */
export interface Overrides {
  path?: string;
  link?: string;
  size?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  sparse?: SparseFile;
  readonly xattrs: Map<string, Uint8Array>;
}

export const xattrPrefix = 'SCHILY.xattr.';
const sparsePrefix = 'GNU.sparse.';

/** Records "LENGTH KEY=VALUE\n", the length in bytes counting itself; a value may be any bytes. @throws AppError invalid */
export function readPax(data: Uint8Array, into: Overrides): void {
  let offset = 0;
  while (offset < data.length && data[offset] !== 0) {
    const space = data.indexOf(0x20, offset);
    const digits = space < 0 || space - offset > 8 ? '' : fromUtf8(data.subarray(offset, space));
    const end = offset + (/^\d+$/.test(digits) ? Number(digits) : Number.NaN);
    const equals = data.indexOf(0x3d, space);
    if (Number.isNaN(end) || end > data.length || equals < 0 || equals >= end || data[end - 1] !== 0x0a)
      throw new AppError('invalid', 'archive/tar: invalid pax record');
    apply(fromUtf8(data.subarray(space + 1, equals)), data.subarray(equals + 1, end - 1), into);
    offset = end;
  }
}

function apply(key: string, value: Uint8Array, into: Overrides): void {
  if (key.startsWith(sparsePrefix)) {
    into.sparse ??= new SparseFile();
    into.sparse.take(key.slice(sparsePrefix.length), value);
    return;
  }
  if (key.startsWith(xattrPrefix)) {
    const name = key.slice(xattrPrefix.length);
    if (name === '' || name.includes('\0')) throw new AppError('invalid', 'archive/tar: invalid name of an attribute');
    // A copy: the view would hold the whole header in memory.
    into.xattrs.set(name, value.slice());
    return;
  }
  const field = fields.get(key);
  if (field === undefined) return;
  // An empty value takes back what was said before.
  if (value.length === 0) delete into[field];
  else if (field === 'path' || field === 'link') into[field] = textOf(key, value);
  else into[field] = decimal(key, value);
}

const fields: ReadonlyMap<string, Exclude<keyof Overrides, 'xattrs' | 'sparse'>> = new Map([
  ['path', 'path'],
  ['linkpath', 'link'],
  ['size', 'size'],
  ['uid', 'uid'],
  ['gid', 'gid'],
  ['mtime', 'mtime'],
]);

function textOf(key: string, value: Uint8Array): string {
  if (value.includes(0)) throw new AppError('invalid', `archive/tar: invalid ${key}`);
  return fromUtf8(value);
}

function decimal(key: string, value: Uint8Array): number {
  const text = value.length > 64 ? '' : fromUtf8(value);
  const result = /^-?\d+(?:\.\d*)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(result) || (key !== 'mtime' && (result < 0 || !Number.isSafeInteger(result))))
    throw new AppError('invalid', `archive/tar: invalid ${key} "${text}"`);
  return result;
}

export function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = concatBytes([utf8(` ${key}=`), value, utf8('\n')]);
  let length = rest.length;
  while (`${length}`.length + rest.length !== length) length = `${length}`.length + rest.length;
  return concatBytes([utf8(`${length}`), rest]);
}
