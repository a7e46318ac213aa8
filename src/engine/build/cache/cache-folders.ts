import { tarOf } from '../../../base/tar/write.ts';
import { unixSeconds } from '../../clock.ts';
import type { Needs } from '../../containers/context.ts';
import { sizeOfTree } from '../../containers/view/size.ts';
import { layerPath } from '../../images/layer-store.ts';
import type { MountOwner } from '../plan/model.ts';
import { folderOf } from '../solve/copy-entries.ts';

export interface FolderOrigin {
  /** Of the folder itself, where nothing is copied into it. */
  readonly owner: MountOwner;
  /** What it begins with: a folder of these layers, topmost first. null: nothing */
  readonly seed: { readonly layers: readonly string[]; readonly path: string } | null;
}

type Context = Needs<'runtime' | 'changes' | 'host' | 'clock'>;

/** Folders of the guest's disk that outlive the builds that write to them. */
export class CacheFolders {
  readonly #context: Context;
  /** To be taken away. */
  readonly #going = new Set<string>();
  #sweeping: Promise<void> = Promise.resolve();

  constructor(context: Context) {
    this.#context = context;
  }

  pathOf(id: string): string {
    return `${this.#home(id)}/fs`;
  }

  /** @throws what the guest says; nothing is left of it then */
  async make(id: string, { owner, seed }: FolderOrigin): Promise<void> {
    const { runtime, changes, host, clock } = this.#context;
    const home = this.#home(id);
    try {
      await changes.run(async () => {
        await runtime.files.write({ directories: [home] });
        const { mode, uid, gid } = owner;
        const folder = folderOf('/fs', { mode: mode ?? 0o755, uid: uid ?? 0, gid: gid ?? 0 }, unixSeconds(clock.now()));
        await runtime.archives.extract({ root: home, path: '/' }, tarOf([folder]));
        if (seed === null) return;
        const layers = seed.layers.map((directory) => layerPath(host.layerRoot, directory));
        await runtime.volumes.fill({
          layers,
          view: `/run/drydock/volumes/${id}`,
          path: seed.path,
          folder: this.pathOf(id),
          subpath: '',
        });
      });
    } catch (thrown) {
      this.forget(id);
      throw thrown;
    }
  }

  /** Bytes. */
  size(id: string): Promise<number> {
    return sizeOfTree(this.#context.runtime.facts, this.pathOf(id));
  }

  /** It is taken away behind; what could not be is tried again with the next. */
  forget(id: string): void {
    this.#going.add(id);
    this.#sweeping = this.#sweeping.then(() => this.#sweep());
  }

  /** Resolves when all that was forgotten is gone. */
  settled(): Promise<void> {
    return this.#sweeping;
  }

  /** Those that are still there and should not be. */
  going(): readonly string[] {
    return [...this.#going];
  }

  restore(going: readonly string[]): void {
    this.#going.clear();
    for (const id of going) this.forget(id);
  }

  async #sweep(): Promise<void> {
    const { runtime, changes } = this.#context;
    for (const id of this.#going)
      await changes
        .run(() => runtime.files.write({ remove: [this.#home(id)] }))
        .then(
          () => this.#going.delete(id),
          () => undefined,
        );
  }

  #home(id: string): string {
    return `${this.#context.host.dataRoot}/buildkit/${id}`;
  }
}
