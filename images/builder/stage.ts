/** Writes a tree to a real folder for the steps that run programs on it. Ownership and special bits stay in the tree. */
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Entry, type Tree } from './tree.ts';

function stageEntry(folder: string, path: string, entry: Entry): void {
  const target = join(folder, path);
  switch (entry.kind) {
    case 'directory':
      mkdirSync(target, { recursive: true });
      return;
    case 'file':
      writeFileSync(target, entry.data, { mode: entry.mode & 0o111 ? 0o755 : 0o644 });
      return;
    case 'symlink':
      symlinkSync(entry.target, target);
      return;
    case 'hardlink':
      linkSync(join(folder, entry.target), target);
  }
}

export function stageTree(tree: Tree, folder: string): void {
  for (const [path, entry] of tree) if (entry.kind === 'directory') stageEntry(folder, path, entry);
  for (const [path, entry] of tree) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (entry.kind !== 'directory' && entry.kind !== 'hardlink') stageEntry(folder, path, entry);
  }
  for (const [path, entry] of tree) if (entry.kind === 'hardlink') stageEntry(folder, path, entry);
}
