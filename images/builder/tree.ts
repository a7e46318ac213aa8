/** A root file system in memory: paths without leading slash to entries. No device nodes: the engine makes /dev. */

interface Common {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}
export type Entry =
  | (Common & { readonly kind: 'directory' })
  | (Common & { readonly kind: 'file'; readonly data: Buffer })
  | (Common & { readonly kind: 'symlink'; readonly target: string })
  | (Common & { readonly kind: 'hardlink'; readonly target: string });
export type Tree = Map<string, Entry>;

export const ROOT_DIRECTORY: Entry = { kind: 'directory', mode: 0o755, uid: 0, gid: 0 };

export function file(data: Buffer, mode = 0o644): Entry {
  return { kind: 'file', mode, uid: 0, gid: 0, data };
}

export function symlink(target: string): Entry {
  return { kind: 'symlink', mode: 0o777, uid: 0, gid: 0, target };
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function requireFile(tree: Tree, path: string): Buffer {
  const entry = tree.get(path);
  if (entry?.kind !== 'file') throw new Error(`${path}: no such file in the layer`);
  return entry.data;
}

/** Adds the directories above each path that no package listed. */
export function addParents(tree: Tree): void {
  for (const path of [...tree.keys()]) {
    for (let parent = parentOf(path); parent !== '' && !tree.has(parent); parent = parentOf(parent)) tree.set(parent, ROOT_DIRECTORY);
  }
}

function sameEntry(left: Entry | undefined, right: Entry): boolean {
  if (left === undefined || left.kind !== right.kind) return false;
  if (left.mode !== right.mode || left.uid !== right.uid || left.gid !== right.gid) return false;
  if (left.kind === 'file' && right.kind === 'file') return left.data.equals(right.data);
  if (left.kind === 'symlink' && right.kind === 'symlink') return left.target === right.target;
  if (left.kind === 'hardlink' && right.kind === 'hardlink') return left.target === right.target;
  return true;
}

/**
 * What `child` adds to or changes in `parent`, with the directories above each change: overlayfs takes a merged
 * directory's mode and owner from the topmost layer that has it, so a layer must state them again.
 */
export function difference(parent: Tree, child: Tree): Tree {
  for (const path of parent.keys()) {
    if (!child.has(path)) throw new Error(`${path}: a layer cannot remove what its parent has; drop it there`);
  }
  const changed: Tree = new Map();
  for (const [path, entry] of child) {
    if (sameEntry(parent.get(path), entry)) continue;
    changed.set(path, entry);
    for (let above = parentOf(path); above !== ''; above = parentOf(above)) {
      const directory = child.get(above);
      if (directory !== undefined) changed.set(above, directory);
    }
  }
  return changed;
}
