import type { Namespace } from './ninep/namespace.ts';
import type { ImmutableTree } from '../base/file-tree.ts';

/** The trees that the guest sees below /run/drydock/host/layers. */
export interface LayerTrees {
  /** From now on `name` is there. A name stands for contents (a digest): the guest caches what it read of it for ever. */
  add(name: string, tree: ImmutableTree): void;
  /** Files that are open stay readable. */
  remove(name: string): void;
  names(): readonly string[];
}

export function layerTrees(namespace: Namespace): LayerTrees {
  return {
    add: (name, tree) => namespace.add(name, tree),
    remove: (name) => namespace.remove(name),
    names: () => namespace.names(),
  };
}
