/** Reads `recipe.json`: which packages, what of each, and where the guest shows it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowKeys, readMap, readObject, readString, readStrings } from '../../images/builder/json.ts';

export interface Recipe {
  /** Paths (glob.ts) to take of a package of programs, as Debian has them. */
  readonly packages: ReadonlyMap<string, readonly string[]>;
  /** Packages of which the shared libraries that a program needs are taken. */
  readonly libraries: readonly string[];
  /** Symbolic links to add, by path. */
  readonly links: ReadonlyMap<string, string>;
  /** Links of the guest's root into the tools, by path: the path below the tools that each leads to. */
  readonly shown: ReadonlyMap<string, string>;
  /** Directories whose every entry the guest's root shows under the same path. */
  readonly shownBelow: readonly string[];
}

export function loadRecipe(folder: string): Recipe {
  const where = 'recipe.json';
  const root = readObject(JSON.parse(readFileSync(join(folder, where), 'utf8')), where);
  allowKeys(root, ['packages', 'libraries', 'links', 'shown', 'shownBelow'], where);
  return {
    packages: readMap(root['packages'], `${where}.packages`, readStrings),
    libraries: readStrings(root['libraries'], `${where}.libraries`),
    links: readMap(root['links'], `${where}.links`, readString),
    shown: readMap(root['shown'], `${where}.shown`, readString),
    shownBelow: readStrings(root['shownBelow'], `${where}.shownBelow`),
  };
}
