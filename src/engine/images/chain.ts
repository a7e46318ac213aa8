import { utf8 } from '../../base/bytes.ts';
import { digestOf } from '../content/verified.ts';

/** The IDs of a stack of layers, bottom first (OCI image-spec, config.md, "Layer ChainID"). */
export function chainIds(diffIds: readonly string[]): readonly string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : digestOf(utf8(`${below} ${diffId}`)));
  }
  return chain;
}
