import { modeType, type ImmutableTree, type TreeNode } from '../../base/file-tree.ts';

/** A file of the share: a node of a tree under an inode number that is unique in the whole share. */
export interface ServedFile {
  readonly path: readonly string[];
  readonly inode: number;
  readonly node: TreeNode;
  /** 'channel' is the link to the agent, 'dynamic' a directory whose names change. */
  readonly role: 'immutable' | 'dynamic' | 'channel';
}

const inodeOf = { root: 1, layers: 2, channel: 3, firstTree: 16 } as const;
const bootTime = 1_700_000_000;

interface Mounted {
  readonly tree: ImmutableTree;
  readonly base: number;
}

/** Names of the trees under /layers and the inode numbers they had, for the guest remembers those. */
export interface NamespaceState {
  readonly nextInode: number;
  readonly bases: readonly (readonly [name: string, base: number, inodes: number])[];
}

/**
 * The share: `/layers/NAME` for each tree, and `/channel`. A name keeps its inode numbers for ever, also when its tree is taken away
 * and comes back, because the guest caches inodes (cache=loose).
 */
export class Namespace {
  readonly #trees = new Map<string, Mounted>();
  readonly #bases = new Map<string, { base: number; inodes: number }>();
  #nextInode: number = inodeOf.firstTree;
  #version = 0;

  readonly root: ServedFile;

  constructor() {
    this.root = { path: [], inode: inodeOf.root, node: directory(inodeOf.root), role: 'dynamic' };
  }

  /** Adds or replaces a tree. A name stands for contents: a tree of the same name must be the same files. */
  add(name: string, tree: ImmutableTree): void {
    const known = this.#bases.get(name);
    const base = known !== undefined && known.inodes >= tree.inodes ? known.base : this.#nextInode;
    if (base === this.#nextInode) {
      this.#nextInode += tree.inodes;
      this.#bases.set(name, { base, inodes: tree.inodes });
    }
    this.#trees.set(name, { tree, base });
    this.#version++;
  }

  remove(name: string): void {
    if (this.#trees.delete(name)) this.#version++;
  }

  names(): readonly string[] {
    return [...this.#trees.keys()];
  }

  /** Counts changes of /layers. */
  get version(): number {
    return this.#version;
  }

  lookup(parent: ServedFile, name: string): ServedFile | null {
    if (name === '..') return this.resolve(parent.path.slice(0, -1));
    const path = [...parent.path, name];
    if (parent.inode === inodeOf.root) {
      if (name === 'layers') return { path, inode: inodeOf.layers, node: directory(inodeOf.layers), role: 'dynamic' };
      if (name === 'channel') return { path, inode: inodeOf.channel, node: channelNode, role: 'channel' };
      return null;
    }
    if (parent.inode === inodeOf.layers) {
      const mounted = this.#trees.get(name);
      return mounted === undefined
        ? null
        : { path, inode: mounted.base + mounted.tree.root.ino, node: mounted.tree.root, role: 'immutable' };
    }
    const node = parent.node.children?.get(name);
    if (node === undefined) return null;
    return { path, inode: parent.inode - parent.node.ino + node.ino, node, role: 'immutable' };
  }

  resolve(path: readonly string[]): ServedFile | null {
    let file: ServedFile | null = this.root;
    for (const name of path) {
      file = this.lookup(file, name);
      if (file === null) return null;
    }
    return file;
  }

  /** Names and files of a directory, in a stable order. */
  list(file: ServedFile): readonly (readonly [name: string, file: ServedFile])[] {
    const names =
      file.inode === inodeOf.root
        ? ['layers', 'channel']
        : file.inode === inodeOf.layers
          ? [...this.#trees.keys()]
          : [...(file.node.children?.keys() ?? [])];
    return names.flatMap((name) => {
      const child = this.lookup(file, name);
      return child === null ? [] : [[name, child] as const];
    });
  }

  save(): NamespaceState {
    return { nextInode: this.#nextInode, bases: [...this.#bases].map(([name, { base, inodes }]) => [name, base, inodes] as const) };
  }

  /** Before any tree is added. */
  restore(state: NamespaceState): void {
    this.#nextInode = state.nextInode;
    for (const [name, base, inodes] of state.bases) this.#bases.set(name, { base, inodes });
  }
}

const channelNode: TreeNode = { ino: inodeOf.channel, mode: modeType.file | 0o600, uid: 0, gid: 0, size: 0, mtime: bootTime };

function directory(ino: number): TreeNode {
  return { ino, mode: modeType.directory | 0o755, uid: 0, gid: 0, size: 0, mtime: bootTime };
}
