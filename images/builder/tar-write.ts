/** A deterministic ustar writer (POSIX.1-1988, pax(1) "ustar Interchange Format"). */
import { type Entry, type Tree } from './tree.ts';

const BLOCK = 512;

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width - 1, '0') + '\0';
}

/** ustar keeps 100 bytes of name and 155 of prefix, split at a slash. */
function splitName(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) !== path.length) throw new Error(`${path}: only ASCII paths are written`);
  if (path.length <= 100) return { name: path, prefix: '' };
  const slash = path.indexOf('/', path.length - 101);
  if (slash < 0 || slash > 155) throw new Error(`${path}: too long for ustar`);
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

const TYPE_FLAGS = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;

function header(path: string, entry: Entry, mtime: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const { name, prefix } = splitName(entry.kind === 'directory' ? `${path}/` : path);
  const target = entry.kind === 'symlink' || entry.kind === 'hardlink' ? entry.target : '';
  if (target.length > 100) throw new Error(`${path}: link target too long for ustar`);
  block.write(name, 0);
  block.write(octal(entry.mode, 8), 100);
  block.write(octal(entry.uid, 8), 108);
  block.write(octal(entry.gid, 8), 116);
  block.write(octal(entry.kind === 'file' ? entry.data.length : 0, 12), 124);
  block.write(octal(mtime, 12), 136);
  block.write('        ', 148);
  block.write(TYPE_FLAGS[entry.kind], 156);
  block.write(target, 157);
  block.write('ustar\u000000', 257);
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Sorted by byte order with hard links last, because a hard link must follow the file it names. */
function order([leftPath, left]: [string, Entry], [rightPath, right]: [string, Entry]): number {
  const links = Number(left.kind === 'hardlink') - Number(right.kind === 'hardlink');
  if (links !== 0) return links;
  return leftPath < rightPath ? -1 : 1;
}

/** `mtime` in seconds since 1970 is given to every entry. */
export function writeTar(tree: Tree, mtime: number): Buffer {
  const parts: Buffer[] = [];
  for (const [path, entry] of [...tree].sort(order)) {
    parts.push(header(path, entry, mtime));
    if (entry.kind !== 'file') continue;
    parts.push(entry.data, Buffer.alloc((BLOCK - (entry.data.length % BLOCK)) % BLOCK));
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(parts);
}
