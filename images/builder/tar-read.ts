/** Reads ustar and GNU tar archives into entries, in archive order. */
import { type Entry } from './tree.ts';

const BLOCK = 512;

export interface TarEntry {
  /** Exactly as the archive has it. */
  readonly name: string;
  /** The type flag byte as a character. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly target: string;
  readonly data: Buffer;
}

function text(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

function number(block: Buffer, start: number, length: number): number {
  return parseInt(text(block, start, length).trim() || '0', 8);
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function withPrefix(block: Buffer): string {
  const prefix = text(block, 257, 8).startsWith('ustar') && block[263] === 0x30 ? text(block, 345, 155) : '';
  return prefix === '' ? text(block, 0, 100) : `${prefix}/${text(block, 0, 100)}`;
}

export function* readTar(archive: Buffer): Generator<TarEntry> {
  let longName: string | undefined;
  let longTarget: string | undefined;
  for (let offset = 0; offset + BLOCK <= archive.length;) {
    const block = archive.subarray(offset, offset + BLOCK);
    if (isZero(block)) return;
    const size = number(block, 124, 12);
    const data = archive.subarray(offset + BLOCK, offset + BLOCK + size);
    const type = text(block, 156, 1) || '0';
    offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'L') longName = text(data, 0, size);
    else if (type === 'K') longTarget = text(data, 0, size);
    else {
      yield {
        name: longName ?? withPrefix(block),
        type,
        mode: number(block, 100, 8) & 0o7777,
        uid: number(block, 108, 8),
        gid: number(block, 116, 8),
        mtime: number(block, 136, 12),
        target: longTarget ?? text(block, 157, 100),
        data,
      };
      longName = undefined;
      longTarget = undefined;
    }
  }
}

/** `./usr/bin/` and `/usr/bin` both name `usr/bin`. */
export function normalisePath(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

export function toEntry(entry: TarEntry): Entry {
  const { mode, uid, gid } = entry;
  switch (entry.type) {
    case '0':
      return { kind: 'file', mode, uid, gid, data: entry.data };
    case '1':
      return { kind: 'hardlink', mode, uid, gid, target: normalisePath(entry.target) };
    case '2':
      return { kind: 'symlink', mode: 0o777, uid, gid, target: entry.target };
    case '5':
      return { kind: 'directory', mode, uid, gid };
    default:
      throw new Error(`${entry.name}: unexpected tar entry of type ${entry.type}`);
  }
}
