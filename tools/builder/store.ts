/** The tree as what a guest's machine reads: `index.json`, and below `blobs/` each file's contents once, by their SHA-256, in zstd's format. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../images/builder/digest.ts';
import { run } from '../../images/builder/run.ts';
import { type Tree } from '../../images/builder/tree.ts';
import type { LockedBlob } from '../../images/builder/lock.ts';
import type { ToolFile } from '../../src/protocol/tools.ts';

export interface PackedStore {
  readonly blobs: readonly LockedBlob[];
  readonly index: string;
}

/** Directories first, then by path: an index in which a parent stands before its children. */
export function toIndex(tree: Tree): ToolFile[] {
  return [...tree.keys()].sort().map((path) => {
    const entry = tree.get(path);
    switch (entry?.kind) {
      case 'directory':
        return { path, mode: entry.mode };
      case 'symlink':
        return { path, target: entry.target };
      case 'file':
        return { path, mode: entry.mode, size: entry.data.length, blob: sha256(entry.data) };
      default:
        throw new Error(`${path}: cannot be stored`);
    }
  });
}

/** Writes the store anew. zstd makes an eighth less of programs than gzip, and the playground reads it anyway. One thread: the bytes depend on nothing else. */
export function writeStore(folder: string, tree: Tree, epoch: number): PackedStore {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'blobs'), { recursive: true });
  const blobs = new Map<string, LockedBlob>();
  for (const path of [...tree.keys()].sort()) {
    const entry = tree.get(path);
    if (entry?.kind !== 'file') continue;
    const digest = sha256(entry.data);
    if (blobs.has(digest)) continue;
    const packed = run('zstd', ['-q', '-19', '--single-thread', '--no-check', '-c'], { input: entry.data });
    writeFileSync(join(folder, 'blobs', digest), packed);
    blobs.set(digest, { digest, size: packed.length, role: path });
  }
  const lines = toIndex(tree).map((file) => `  ${JSON.stringify(file)}`);
  const index = `{"version":1,"mtime":${epoch},"files":[\n${lines.join(',\n')}\n]}\n`;
  writeFileSync(join(folder, 'index.json'), index);
  return { blobs: [...blobs.values()], index };
}
