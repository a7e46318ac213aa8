import type { ImmutableTree } from '../../base/file-tree.ts';
import type { Descriptor } from '../registry/oci.ts';
import type { Layer } from './layer-tree.ts';

/** Where the guest sees layers: the machine's tree of trees. */
export interface LayerHost {
  add(name: string, tree: ImmutableTree): void;
  remove(name: string): void;
}

/** What a layer is made of. */
export type LayerSource =
  /** As it was pulled: the tree is unpacked from the blob. */
  { readonly kind: 'blob'; readonly descriptor: Descriptor };

export interface StoredLayer {
  readonly source: LayerSource;
  /** Its name in the guest's layer tree. */
  readonly directory: string;
  /** Bytes of its files. */
  readonly size: number;
}

export interface RestoredLayer {
  readonly diffId: string;
  readonly directory: string;
  readonly layer: Layer;
  readonly source: LayerSource;
}

/** Unpacked layers by diff ID, each once however many images have it. */
export class LayerStore {
  readonly #host: LayerHost;
  readonly #layers = new Map<string, StoredLayer>();
  /** Layers of pulls under way, which no image names yet. */
  readonly #pins = new Map<string, number>();

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

  /** Whether a layer is unpacked from the blob with this digest. */
  names(digest: string): boolean {
    return [...this.#layers.values()].some(({ source }) => source.descriptor.digest === digest);
  }

  /** Bytes of all layers. */
  totalSize(): number {
    return [...this.#layers.values()].reduce((sum, layer) => sum + layer.size, 0);
  }

  pin(diffIds: readonly string[]): void {
    for (const id of diffIds) this.#pins.set(id, (this.#pins.get(id) ?? 0) + 1);
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
    for (const { directory } of this.#layers.values()) if (!directories.has(directory)) this.#host.remove(directory);
    this.#layers.clear();
    for (const { diffId, directory, layer, source } of layers) {
      this.#host.add(directory, layer.tree);
      this.#layers.set(diffId, { directory, size: layer.size, source });
    }
  }

  /** Drops every layer that neither `used` nor a pin names. @returns diff IDs and bytes of what went */
  sweep(used: ReadonlySet<string>): { readonly removed: readonly string[]; readonly bytes: number } {
    const removed: string[] = [];
    let bytes = 0;
    for (const [diffId, layer] of this.#layers) {
      if (used.has(diffId) || this.#pins.has(diffId)) continue;
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
