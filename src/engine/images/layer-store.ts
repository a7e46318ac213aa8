import type { ImmutableTree } from '../../base/file-tree.ts';
import { toDisposable, type Disposable } from '../../base/disposable.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { Descriptor } from '../registry/oci.ts';
import type { Layer } from './layer-tree.ts';

/** An upper directory of which a layer is made. */
export interface LayerOrigin {
  readonly container: string;
  /** In the guest. */
  readonly upper: string;
  /** Renamed: no bytes move, and the container, which has to be gone, has no files any more. Otherwise copied. */
  readonly moves: boolean;
}

/** Where the guest has layers: in the machine's tree of trees by name, on its own disk by path. */
export interface LayerHost {
  add(name: string, tree: ImmutableTree): void;
  /** Of either kind; what lies on the disk goes behind. */
  remove(directory: string): void;
  /** Makes a directory on the disk, which nobody else writes to. @returns its path */
  keep(origin: LayerOrigin): Promise<string>;
  /** A directory on the disk, as the agent's archive of a layer. */
  read(path: string): Promise<ByteSource>;
  /** Directories on the disk that were removed and are there still. */
  going(): readonly string[];
  /** Of a machine that was restored: these are removed, in place of all others. */
  resume(going: readonly string[]): void;
}

/** What a layer is made of. */
export type LayerSource =
  /** As it was pulled: the tree is unpacked from the blob. */
  | { readonly kind: 'blob'; readonly descriptor: Descriptor }
  /** A directory on the guest's disk, a commit's or a build's; its tar, of this digest, is made again whenever it is read. */
  | { readonly kind: 'directory'; readonly descriptor: Descriptor };

export interface StoredLayer {
  readonly source: LayerSource;
  /** Its name in the guest's layer tree; the path of one on the disk. */
  readonly directory: string;
  /** Bytes of its files. */
  readonly size: number;
}

export interface RestoredLayer extends StoredLayer {
  readonly diffId: string;
  /** null: the guest has it on its disk. */
  readonly tree: ImmutableTree | null;
}

/** Where the guest sees a layer. */
export function layerPath(layerRoot: string, directory: string): string {
  return directory.startsWith('/') ? directory : `${layerRoot}/${directory}`;
}

/** Unpacked layers by diff ID, each once however many images have it. */
export class LayerStore {
  readonly #host: LayerHost;
  readonly #layers = new Map<string, StoredLayer>();
  /** Layers of pulls under way, which no image names yet. */
  readonly #pins = new Map<string, number>();
  /** Of the build cache: in a snapshot, too. */
  readonly #kept = new Set<{ readonly diffId: string }>();

  constructor(host: LayerHost) {
    this.#host = host;
  }

  get(diffId: string): StoredLayer | undefined {
    return this.#layers.get(diffId);
  }

  all(): readonly (readonly [diffId: string, layer: StoredLayer])[] {
    return [...this.#layers];
  }

  add(diffId: string, { tree, size }: Layer, source: LayerSource): void {
    if (this.#layers.has(diffId)) return;
    const directory = this.#nameFor(diffId);
    this.#host.add(directory, tree);
    this.#layers.set(diffId, { directory, size, source });
  }

  /** One that lies on the guest's disk. @returns false where there is such a layer already: the directory is not its */
  addDirectory(diffId: string, layer: Omit<StoredLayer, 'source'> & { readonly descriptor: Descriptor }): boolean {
    if (this.#layers.has(diffId)) return false;
    const { directory, size, descriptor } = layer;
    this.#layers.set(diffId, { directory, size, source: { kind: 'directory', descriptor } });
    return true;
  }

  /** Whether a layer is unpacked from the blob with this digest. */
  names(digest: string): boolean {
    return [...this.#layers.values()].some(({ source }) => source.kind === 'blob' && source.descriptor.digest === digest);
  }

  /** Bytes of all layers. */
  totalSize(): number {
    return [...this.#layers.values()].reduce((sum, layer) => sum + layer.size, 0);
  }

  pin(diffIds: readonly string[]): void {
    for (const id of diffIds) this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1);
  }

  /** Stays, over a checkpoint as well, until what is returned is disposed or all layers are replaced. */
  keep(diffId: string): Disposable {
    const kept = { diffId };
    this.#kept.add(kept);
    return toDisposable(() => this.#kept.delete(kept));
  }

  /** Diff IDs of what is kept. */
  kept(): ReadonlySet<string> {
    return new Set([...this.#kept].map(({ diffId }) => diffId));
  }

  unpin(diffIds: readonly string[]): void {
    for (const id of diffIds) {
      const left = (this.#pins.get(id) ?? 1) - 1;
      if (left > 0) this.#pins.set(id, left);
      else this.#pins.delete(id);
    }
  }

  /** In place of all there is; layers that stay keep their trees' places. */
  replace(layers: readonly RestoredLayer[]): void {
    const directories = new Set(layers.map(({ directory }) => directory));
    // What lies on a disk is the restored machine's to have or not.
    for (const { directory, source } of this.#layers.values())
      if (source.kind === 'blob' && !directories.has(directory)) this.#host.remove(directory);
    this.#layers.clear();
    this.#kept.clear();
    for (const { diffId, directory, tree, size, source } of layers) {
      if (tree !== null) this.#host.add(directory, tree);
      this.#layers.set(diffId, { directory, size, source });
    }
  }

  /** Drops every layer that neither `used`, a pin nor the build cache names. @returns diff IDs and bytes of what went */
  sweep(used: ReadonlySet<string>): { readonly removed: readonly string[]; readonly bytes: number } {
    const removed: string[] = [];
    const kept = this.kept();
    let bytes = 0;
    for (const [diffId, layer] of this.#layers) {
      if (used.has(diffId) || kept.has(diffId) || this.#pins.has(diffId)) continue;
      this.#host.remove(layer.directory);
      this.#layers.delete(diffId);
      removed.push(diffId);
      bytes += layer.size;
    }
    return { removed, bytes };
  }

  /** 16 digits do for all layers a page can hold; more of them where two begin alike. */
  #nameFor(diffId: string): string {
    const hex = diffId.slice(diffId.indexOf(':') + 1);
    const taken = new Set([...this.#layers.values()].map((layer) => layer.directory));
    const short = hex.slice(0, 16);
    return taken.has(short) ? hex : short;
  }
}
