/** Paths in a tree, links followed inside of it (moby/buildkit: cache/contenthash, getFollowLinks). */
import { AppError } from '../../../base/errors.ts';
import type { Steps } from '../../../base/steps.ts';
import { cleanPath } from '../../../grammar/clean-path.ts';

/** What paths go through. */
export interface Node<Self> {
  readonly target: string;
  readonly type: string;
  readonly children: ReadonlyMap<string, Self>;
}

export interface Found<T> {
  /** Absolute, without links. */
  readonly path: string;
  /** null: nothing is there. */
  readonly entry: T | null;
}

/** Links on the way of one path. */
const mostLinks = 255;

export interface LookUpOptions<T> {
  /** Follows a link also where the path ends at one. */
  readonly followsLast: boolean;
  /** Makes what is missing in a folder or refuses to; nothing is made unless given. */
  readonly make?: (parent: T, name: string) => T;
  /** One for each part of the path and of the links in it. */
  readonly steps?: Steps;
}

/** @throws AppError invalid "too many links"; what `make` and `steps` throw */
export function lookUp<T extends Node<T>>(root: T, path: string, { followsLast, make, steps }: LookUpOptions<T>): Found<T> {
  const left = partsOf(path).reverse();
  const trail: { readonly name: string; readonly entry: T | null }[] = [];
  const here = (): T | null => (trail.length === 0 ? root : (trail.at(-1)?.entry ?? null));
  let links = 0;
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    steps?.take();
    if (part === '..') {
      trail.pop();
      continue;
    }
    const parent = here();
    const entry = parent === null ? null : (parent.children.get(part) ?? make?.(parent, part) ?? null);
    if (entry?.type !== 'symlink' || (!followsLast && left.length === 0)) {
      trail.push({ name: part, entry });
      continue;
    }
    if ((links += 1) > mostLinks) throw new AppError('invalid', 'too many links');
    if (entry.target.startsWith('/')) trail.length = 0;
    for (const each of partsOf(entry.target).reverse()) left.push(each);
  }
  return { path: `/${trail.map(({ name }) => name).join('/')}`, entry: here() };
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** Linux's PATH_MAX and NAME_MAX, in bytes; of UTF-16 they are at most as many. */
const longestPath = 4096;
const longestName = 255;

/** The parts of an entry's name; it may stand for the root. null: it leads out, or is longer than the kernel takes. */
export function partsOfName(name: string): readonly string[] | null {
  if (name.length > longestPath || name.includes('\0')) return null;
  const parts = partsOf(cleanPath(name));
  return parts[0] === '..' || parts.some((part) => part.length > longestName) ? null : parts;
}
