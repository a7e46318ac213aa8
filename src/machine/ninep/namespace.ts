import { modeType, type ImmutableTree, type TreeNode } from '../../base/file-tree.ts';

/** A file of the share: a node of a tree under an inode number that is unique in the whole share. */
export interface ServedFile {
  readonly path: readonly string[];
  readonly inode: number;
  readonly node: TreeNode;
  /** 'channel' is the link to the agent, 'dynamic' a directory whose names change. */
  readonly role: 'immutable' | 'dynamic' | 'channel';
}

const inodeOf = { root: 1, layers: 2, channel: 3, tools: 4, firstTree: 16 } as const;

/** A tree that is made when somebody first looks into it. */
export interface LazyTree {
  /** Stands for the contents, as a layer's name does; known once it is loaded. */
  readonly load: () => Promise<{ readonly name: string; readonly tree: ImmutableTree }>;
}

/** What is looked for lies in a tree that has to be loaded before: whoever asks tries again after `load`. */
export class NotLoaded extends Error {
  readonly load: () => Promise<void>;

  constructor(load: () => Promise<void>) {
    super('the tree is not loaded');
    this.name = 'NotLoaded';
    this.load = load;
  }
}
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
 * The share: `/layers/NAME` for each tree, `/channel`, and `/tools`, whose tree is loaded when something in it is asked for. A name keeps its inode numbers for ever, also when its tree is taken away
 * and comes back, because the guest caches inodes (cache=loose).
 */
export class Namespace {
  readonly #trees = new Map<string, Mounted>();
  readonly #bases = new Map<string, { base: number; inodes: number }>();
  #nextInode: number = inodeOf.firstTree;
  #version = 0;
  readonly #tools: LazyTree | null;
  #loadedTools: Mounted | null = null;

  readonly root: ServedFile;

  constructor(tools: LazyTree | null = null) {
    this.#tools = tools;
    this.root = { path: [], inode: inodeOf.root, node: directory(inodeOf.root), role: 'dynamic' };
  }

  /** Adds or replaces a tree. A name stands for contents: a tree of the same name must be the same files. */
  add(name: string, tree: ImmutableTree): void {
    this.#trees.set(name, { tree, base: this.#baseOf(name, tree) });
    this.#version++;
  }

  #baseOf(name: string, tree: ImmutableTree): number {
    const known = this.#bases.get(name);
    if (known !== undefined && known.inodes >= tree.inodes) return known.base;
    const base = this.#nextInode;
    this.#nextInode += tree.inodes;
    this.#bases.set(name, { base, inodes: tree.inodes });
    return base;
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
      if (name === 'tools' && this.#tools !== null) return { path, inode: inodeOf.tools, node: toolsNode, role: 'immutable' };
      return null;
    }
    if (parent.inode === inodeOf.layers) {
      const mounted = this.#trees.get(name);
      return mounted === undefined
        ? null
        : { path, inode: mounted.base + mounted.tree.root.ino, node: mounted.tree.root, role: 'immutable' };
    }
    if (parent.inode === inodeOf.tools) {
      const { tree, base } = this.#needTools();
      const node = tree.root.children?.get(name);
      return node === undefined ? null : { path, inode: base + node.ino, node, role: 'immutable' };
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
        ? ['layers', 'channel', ...(this.#tools === null ? [] : ['tools'])]
        : file.inode === inodeOf.layers
          ? [...this.#trees.keys()]
          : [...((file.inode === inodeOf.tools ? this.#needTools().tree.root : file.node).children?.keys() ?? [])];
    return names.flatMap((name) => {
      const child = this.lookup(file, name);
      return child === null ? [] : [[name, child] as const];
    });
  }

  /** @throws NotLoaded */
  #needTools(): Mounted {
    const tools = this.#tools;
    if (this.#loadedTools !== null || tools === null) return this.#loadedTools ?? { tree: { root: toolsNode, inodes: 0 }, base: 0 };
    throw new NotLoaded(async () => {
      const { name, tree } = await tools.load();
      this.#loadedTools ??= { tree, base: this.#baseOf(`tools:${name}`, tree) };
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

const toolsNode = directory(inodeOf.tools);

function directory(ino: number): TreeNode {
  return { ino, mode: modeType.directory | 0o755, uid: 0, gid: 0, size: 0, mtime: bootTime };
}
