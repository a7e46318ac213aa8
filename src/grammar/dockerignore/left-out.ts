/** What of a context's folder a build gets (tonistiigi/fsutil, FilterFS). */
import { AppError, toAppError } from '../../base/errors.ts';
import type { MatchedParent, PathPatterns } from './path-patterns.ts';

/** What a walk is told about an entry, in the order of the walk: a folder before what is in it. */
export type Admission =
  /** It is in the context. `parents`: folders that matched and are in it for this one, the outermost first. */
  | { readonly kind: 'taken'; readonly parents: readonly string[] }
  /** Not unless something in it is. */
  | { readonly kind: 'left' }
  /** Nor is what is in it, which need not be looked at. */
  | { readonly kind: 'skipped' };

interface OpenFolder {
  readonly path: string;
  readonly matched: MatchedParent;
  isTaken: boolean;
}

/** Goes along a walk of the context's folder, which it must see in the walk's order. */
export class IgnoreWalk {
  readonly #patterns: PathPatterns;
  /** Folders around the last entry, the outermost first. */
  #open: OpenFolder[] = [];

  constructor(patterns: PathPatterns) {
    this.#patterns = patterns;
  }

  /** @param path clean, relative @throws AppError invalid in BuildKit's words */
  visit(path: string, isFolder: boolean): Admission {
    while (this.#open.length > 0 && !path.startsWith(`${this.#open.at(-1)?.path ?? ''}/`)) this.#open.pop();
    const { matched, asParent } = this.#match(path);
    if (matched && isFolder && !this.#patterns.mayTakeBackIn(path)) return { kind: 'skipped' };
    const around = this.#open.filter(({ isTaken }) => !isTaken);
    if (!matched) for (const folder of around) folder.isTaken = true;
    if (isFolder) this.#open.push({ path, matched: asParent, isTaken: !matched });
    return matched ? { kind: 'left' } : { kind: 'taken', parents: around.map((folder) => folder.path) };
  }

  #match(path: string): ReturnType<PathPatterns['match']> {
    try {
      return this.#patterns.match(path, this.#open.at(-1)?.matched ?? null);
    } catch (thrown) {
      const { kind, message } = toAppError(thrown);
      throw new AppError(kind, `error from sender: failed to match excludepatterns: ${message}`, { cause: thrown });
    }
  }
}
