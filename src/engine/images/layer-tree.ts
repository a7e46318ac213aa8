/** A layer's tar as a tree that an overlay takes for a lower directory. */
import { AppError } from '../../base/errors.ts';
import { modeType, type ImmutableTree, type TreeNode } from '../../base/file-tree.ts';
import { utf8 } from '../../base/bytes.ts';
import { clip } from '../../base/clip.ts';
import type { Steps } from '../../base/steps.ts';
import type { PlacedHeader } from '../../base/tar/entry.ts';
import { TarParser } from '../../base/tar/parser.ts';
import { readSparse } from './sparse-read.ts';
import { opaqueMarker, whiteoutPrefix } from '../../base/tar/whiteout.ts';

const noBytes = new Uint8Array(0);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A node while its layer is being read. */
interface Draft extends Mutable<Omit<TreeNode, 'children' | 'xattrs'>> {
  children?: Map<string, Draft>;
  xattrs?: Map<string, Uint8Array>;
}

const typeBits: Readonly<Record<PlacedHeader['type'], number>> = {
  file: modeType.file,
  hardlink: modeType.file,
  symlink: modeType.symlink,
  character: modeType.characterDevice,
  block: modeType.blockDevice,
  directory: modeType.directory,
  fifo: modeType.fifo,
};

/** OCI image-spec, layer.md, "Whiteouts". */
const metaPrefix = '.wh..wh.';
/** Linux's PATH_MAX and NAME_MAX. */
const longestPath = 4096;
const longestName = 255;

export interface Layer {
  readonly tree: ImmutableTree;
  /** Bytes of its files and of the words of its symbolic links: what Docker calls a layer's size. */
  readonly size: number;
}

/** Up to `count` bytes from `offset` of the archive. */
export type ReadArchive = (offset: number, count: number) => Uint8Array | Promise<Uint8Array>;

/** Makes a tree of a layer's tar as it comes; files are read from the archive by offset when somebody asks for them. */
export class LayerBuilder {
  readonly #tree: TreeBuilder;
  readonly #parser: TarParser;
  #size = 0;

  constructor(read: ReadArchive, steps?: Steps) {
    this.#tree = new TreeBuilder(read);
    const entry = (header: PlacedHeader): void => {
      this.#tree.add(header);
      this.#size += header.type === 'symlink' ? utf8(header.link).length : header.size;
    };
    this.#parser = new TarParser({ entry }, steps);
  }

  /** @throws AppError invalid for a damaged archive or a path that leaves the layer */
  push(chunk: Uint8Array): void {
    this.#parser.push(chunk);
  }

  /** @throws AppError invalid for an archive that ends too early */
  finish(): Layer {
    this.#parser.finish();
    return { tree: this.#tree.finish(), size: this.#size };
  }
}

class TreeBuilder {
  readonly #read: ReadArchive;
  #next = 1;
  readonly #root: Draft = this.#directory();

  constructor(read: ReadArchive) {
    this.#read = read;
  }

  add(entry: PlacedHeader): void {
    const path = pathOf(entry.path);
    const name = path.at(-1);
    if (name === undefined) return this.#describeRoot(entry);
    const parent = this.#parentOf(path);
    if (name === opaqueMarker) setXattr(parent, 'trusted.overlay.opaque', utf8('y'));
    else if (name.startsWith(metaPrefix)) return;
    else if (name.startsWith(whiteoutPrefix)) this.#whiteout(parent, name.slice(whiteoutPrefix.length));
    else this.#place(parent, name, entry);
  }

  finish(): ImmutableTree {
    return { root: this.#root, inodes: this.#next };
  }

  #describeRoot(entry: PlacedHeader): void {
    if (entry.type === 'directory') describe(this.#root, entry);
  }

  #place(parent: Draft, name: string, entry: PlacedHeader): void {
    const siblings = childrenOf(parent);
    const before = siblings.get(name);
    if (entry.type === 'hardlink') {
      const target = this.#find(pathOf(entry.link));
      if (target === undefined || target.children !== undefined)
        throw new AppError('invalid', `hard link ${entry.path}: ${entry.link} is not a file of this layer`);
      if (before === target) return;
      target.nlink = (target.nlink ?? 1) + 1;
      this.#replace(siblings, name, target);
    } else if (entry.type === 'directory' && before?.children !== undefined) describe(before, entry);
    else this.#replace(siblings, name, this.#node(entry));
  }

  #replace(siblings: Map<string, Draft>, name: string, node: Draft): void {
    const before = siblings.get(name);
    if (before?.nlink !== undefined) before.nlink -= 1;
    siblings.set(name, node);
  }

  /** What the layer itself has under that name comes first, wherever the whiteout stands in the archive. */
  #whiteout(parent: Draft, name: string): void {
    const siblings = childrenOf(parent);
    if (siblings.has(name) || name === '') return;
    siblings.set(name, { ...this.#blank(modeType.characterDevice), device: { major: 0, minor: 0 } });
  }

  #node(entry: PlacedHeader): Draft {
    if (entry.type === 'directory') return describe(this.#directory(), entry);
    const node = describe(this.#blank(typeBits[entry.type]), entry);
    if (entry.type === 'symlink') {
      if (entry.link.length >= longestPath) throw new AppError('invalid', `invalid link in layer: ${clip(entry.path, longestName)}`);
      node.target = entry.link;
      node.size = utf8(entry.link).length;
    } else if (entry.type === 'character' || entry.type === 'block') node.device = { major: entry.major, minor: entry.minor };
    else if (entry.type === 'file') {
      const { offset: start, size } = entry;
      const read = this.#read;
      node.size = size;
      if (entry.extents === undefined)
        node.read = (offset, count) => (offset >= size ? noBytes : read(start + offset, Math.min(count, size - offset)));
      else node.read = readSparse(entry.extents, size, (offset, count) => read(start + offset, count));
    }
    return node;
  }

  /** Directories that the archive does not name are made, as Docker does; a file in the way gives place. */
  #parentOf(path: readonly string[]): Draft {
    let node = this.#root;
    for (const name of path.slice(0, -1)) {
      const siblings = childrenOf(node);
      let next = siblings.get(name);
      if (next?.children === undefined) {
        next = this.#directory();
        this.#replace(siblings, name, next);
      }
      node = next;
    }
    return node;
  }

  #find(path: readonly string[]): Draft | undefined {
    let node: Draft | undefined = this.#root;
    for (const name of path) node = node?.children?.get(name);
    return node;
  }

  #directory(): Draft {
    return { ...this.#blank(modeType.directory | 0o755), children: new Map() };
  }

  #blank(mode: number): Draft {
    return { ino: this.#next++, mode, uid: 0, gid: 0, size: 0, mtime: 0 };
  }
}

function describe(node: Draft, entry: PlacedHeader): Draft {
  node.mode = (node.mode & modeType.mask) | entry.mode;
  node.uid = entry.uid;
  node.gid = entry.gid;
  node.mtime = Math.max(0, Math.floor(entry.mtime));
  for (const [name, value] of entry.xattrs) setXattr(node, name, value);
  return node;
}

function setXattr(node: Draft, name: string, value: Uint8Array): void {
  node.xattrs ??= new Map();
  node.xattrs.set(name, value);
}

function childrenOf(node: Draft): Map<string, Draft> {
  node.children ??= new Map();
  return node.children;
}

/** "./usr//bin/" -> usr, bin. */
function pathOf(path: string): readonly string[] {
  const parts = path.length > longestPath ? null : path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts === null || parts.some((part) => part === '..' || part.length > longestName || utf8(part).length > longestName))
    throw new AppError('invalid', `invalid entry name "${clip(path, longestName)}"`);
  return parts;
}
