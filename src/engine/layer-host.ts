/** Where the guest has its layers: what is unpacked in the machine's tree, what containers wrote on its own disk. */
import type { ImmutableTree } from '../base/file-tree.ts';
import { overlayDirectories, type HostSettings } from './containers/context.ts';
import type { NextContainer } from './containers/next-container.ts';
import type { LayerHost, LayerOrigin } from './images/layer-store.ts';
import type { Changes } from './lock.ts';
import { randomId, type Random } from './random.ts';
import type { Runtime } from './runtime.ts';

/** The machine's tree of layers. */
export interface LayerTrees {
  add(name: string, tree: ImmutableTree): void;
  remove(name: string): void;
}

interface Parts {
  readonly trees: LayerTrees;
  readonly runtime: Runtime;
  readonly next: NextContainer;
  readonly changes: Changes;
  readonly random: Random;
  readonly host: HostSettings;
}

export class GuestLayerHost implements LayerHost {
  readonly #parts: Parts;
  /** Directories that nobody needs and that are there still. */
  readonly #going = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(name: string, tree: ImmutableTree): void {
    this.#parts.trees.add(name, tree);
  }

  /** What the guest has mounted of it for a container that may never come goes, too. */
  remove(directory: string): void {
    const { trees, runtime, next, changes, host } = this.#parts;
    const isOnDisk = directory.startsWith('/');
    if (isOnDisk) this.#going.add(directory);
    else trees.remove(directory);
    // With what is forgotten: a snapshot names it as long as the guest has it.
    const forget = async (): Promise<void> => {
      const id = next.forget(directory);
      if (id !== null) await runtime.processes.remove({ container: id, removeFiles: 1, ...overlayDirectories(host, id), cgroup: '' });
      if (!isOnDisk) return;
      await runtime.files.write({ remove: [directory] });
      this.#going.delete(directory);
    };
    // A machine that is gone has nothing mounted.
    changes.run(forget).catch(() => undefined);
  }

  async keep({ container, upper, moves }: LayerOrigin): Promise<string> {
    const { runtime, random, host } = this.#parts;
    const target = `${host.dataRoot}/layers/${randomId(random).slice(0, 16)}`;
    await runtime.layers.keep({ container, upper, target, copy: moves ? 0 : 1 });
    return target;
  }

  read(path: string) {
    return this.#parts.runtime.archives.read({ path, layer: 1 });
  }

  going(): readonly string[] {
    return [...this.#going];
  }

  resume(going: readonly string[]): void {
    this.#going.clear();
    for (const directory of going) this.remove(directory);
  }
}
