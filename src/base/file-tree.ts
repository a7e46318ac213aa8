/** A file tree that never changes, e.g. a layer of an image. Nodes are shared by reference: two names of one node object are hard links. */
export interface ImmutableTree {
  readonly root: TreeNode;
  /** Every node's `ino` is below this. */
  readonly inodes: number;
}

export interface TreeNode {
  /** Unique in its tree and the same whenever the tree is made again, because a saved guest remembers it. */
  readonly ino: number;
  /** Type and permissions as st_mode. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; 0 for what is neither file nor symlink. */
  readonly size: number;
  /** Seconds since the epoch, whole. */
  readonly mtime: number;
  /** 1 unless given; of a directory it is counted. */
  readonly nlink?: number;
  /** Of a device node; 0:0 of a character device is overlayfs's whiteout. */
  readonly device?: { readonly major: number; readonly minor: number };
  /** Of a symlink: its target. */
  readonly target?: string;
  /** Full names, e.g. "trusted.overlay.opaque", "security.capability". */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
  /** Of a directory. */
  readonly children?: ReadonlyMap<string, TreeNode>;
  /** Of a file: up to `count` bytes from `offset`; fewer only at the end. What it rejects with, the guest sees as EIO. */
  read?(offset: number, count: number): Uint8Array | Promise<Uint8Array>;
}

/** Type bits of st_mode (inode(7)). */
export const modeType = {
  mask: 0o170000,
  socket: 0o140000,
  symlink: 0o120000,
  file: 0o100000,
  blockDevice: 0o060000,
  directory: 0o040000,
  characterDevice: 0o020000,
  fifo: 0o010000,
} as const;
