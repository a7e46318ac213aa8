import { utf8 } from '../../../src/base/bytes.ts';
import { modeType, type ImmutableTree, type TreeNode } from '../../../src/base/file-tree.ts';

const owner = { uid: 0, gid: 0, mtime: 1_600_000_000 };

/** Makes trees with numbers of their own, in the order of the calls. */
export class TreeMaker {
  #next = 0;
  /** Names of the files whose contents were asked for. */
  readonly reads: string[] = [];

  #ino(): number {
    return this.#next++;
  }

  file(name: string, contents: Uint8Array | string, extra: Partial<TreeNode> = {}): TreeNode {
    const bytes = typeof contents === 'string' ? utf8(contents) : contents;
    return {
      ...owner,
      ino: this.#ino(),
      mode: modeType.file | 0o644,
      size: bytes.length,
      read: async (offset, count) => {
        this.reads.push(name);
        return bytes.subarray(offset, offset + count);
      },
      ...extra,
    };
  }

  symlink(target: string): TreeNode {
    return { ...owner, ino: this.#ino(), mode: modeType.symlink | 0o777, size: target.length, target };
  }

  device(major: number, minor: number): TreeNode {
    return { ...owner, ino: this.#ino(), mode: modeType.characterDevice | 0o600, size: 0, device: { major, minor } };
  }

  directory(children: Record<string, TreeNode>, extra: Partial<TreeNode> = {}): TreeNode {
    return { ...owner, ino: this.#ino(), mode: modeType.directory | 0o755, size: 0, children: new Map(Object.entries(children)), ...extra };
  }

  tree(children: Record<string, TreeNode>): ImmutableTree {
    const root = this.directory(children);
    return { root, inodes: this.#next };
  }
}

export const opaque = new Map([['trusted.overlay.opaque', utf8('y')]]);
