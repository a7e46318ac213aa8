import { fromUtf8 } from '../../../base/bytes.ts';
import type { GuestFiles } from '../../runtime.ts';
import type { DeviceNode } from '../host-files.ts';
import { fillMap, type TestCalls } from './calls.ts';

export interface SavedFiles {
  readonly tree: ReadonlyMap<string, string>;
  readonly uppers: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** The guest's file system: texts by path. */
export class TestFiles implements GuestFiles {
  readonly tree = new Map<string, string>();
  readonly devices = new Map<string, DeviceNode>();
  /** Folders that were made. */
  readonly folders: string[] = [];
  /** What containers wrote: path and text by upper directory. */
  readonly uppers = new Map<string, Map<string, string>>();
  readonly #calls: TestCalls;

  constructor(calls: TestCalls, tree: Readonly<Record<string, string>>) {
    this.#calls = calls;
    for (const [path, text] of Object.entries(tree)) this.tree.set(path, text);
  }

  /** An upper directory, which is made where it is not there. */
  upper(path: string): Map<string, string> {
    const files = this.uppers.get(path) ?? new Map<string, string>();
    this.uppers.set(path, files);
    return files;
  }

  async write({ directories = [], files = [], remove = [] }: Parameters<GuestFiles['write']>[0]): Promise<void> {
    await this.#calls.call('write');
    this.folders.push(...directories);
    for (const { path = '', contents = new Uint8Array() } of files) this.tree.set(path, fromUtf8(contents));
    for (const gone of remove)
      for (const path of this.tree.keys()) if (path === gone || path.startsWith(`${gone}/`)) this.tree.delete(path);
    for (const gone of remove) this.uppers.delete(gone);
  }

  save(): SavedFiles {
    return { tree: new Map(this.tree), uppers: copyOf(this.uppers) };
  }

  restore({ tree, uppers }: SavedFiles): void {
    fillMap(this.tree, tree);
    fillMap(this.uppers, copyOf(uppers));
  }
}

/** Of folders of texts. */
export function copyOf(folders: ReadonlyMap<string, ReadonlyMap<string, string>>): Map<string, Map<string, string>> {
  return new Map([...folders].map(([path, files]) => [path, new Map(files)]));
}
