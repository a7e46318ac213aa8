/** What the guest's root shows of the tools: `links.txt`, a line `PATH TARGET` for each, which kernel/build-rootfs.sh makes symbolic links of. */
import { parentOf, type Tree } from '../../images/builder/tree.ts';
import type { Recipe } from './recipe.ts';

/** Where the machine serves the tools (src/machine/ninep/namespace.ts). */
const root = '/run/drydock/host/tools';

export function shownLinks(recipe: Recipe, tree: Tree): string {
  const links = new Map<string, string>();
  for (const [path, target] of recipe.shown) {
    if (!tree.has(target)) throw new Error(`recipe.json: ${path} is to show ${target}, which is not there`);
    links.set(path, target);
  }
  for (const path of tree.keys()) if (recipe.shownBelow.includes(parentOf(path)) && !links.has(path)) links.set(path, path);
  return [...links]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([path, target]) => `${path} ${root}/${target}\n`)
    .join('');
}
