/** A context that is a folder somewhere, of which a walk lists what is in it; files are read only where they may have changed. */
import type { EntryStat, ContextEntry } from './entry.ts';
import { IgnoreWalk } from '../../../grammar/dockerignore/left-out.ts';
import type { PathPatterns } from '../../../grammar/dockerignore/path-patterns.ts';
import { TreeBuilder } from './tree-builder.ts';

/** By what a file is known to be the one it was: a write changes its ctime, another file in its place has another number. */
export interface FileIdentity {
  /** Nanoseconds, as a text: they are more than a number holds. */
  readonly mtime: string;
  readonly ctime: string;
  readonly inode: string;
  readonly size: number;
}

export interface ListedEntry extends EntryStat, Omit<FileIdentity, 'size'> {
  /** Relative to the context, clean. */
  readonly path: string;
}

/** What an earlier build knew of the files, by path. */
export type ContentMemo = ReadonlyMap<string, FileIdentity & { readonly content: string }>;

export interface ListedContext {
  readonly root: ContextEntry;
  /** For the next build: the files that are in the context now. */
  readonly memo: ContentMemo;
  /** Files whose bytes were read, in the order of the walk. */
  readonly read: readonly string[];
}

export interface ListingOptions {
  /** null: nothing is left out. */
  readonly ignored: PathPatterns | null;
  readonly memo: ContentMemo;
  /** Of a file's bytes, SHA-256 in hex digits. */
  readonly contentOf: (path: string) => Promise<string>;
}

/**
 * Owners become root's, as buildx sends them.
 * @param listing a folder before what is in it, and that before its next sibling @throws AppError invalid in BuildKit's words; what `contentOf` rejects with
 */
export async function contextOfListing(
  listing: Iterable<ListedEntry> | AsyncIterable<ListedEntry>,
  options: ListingOptions,
): Promise<ListedContext> {
  const context = new Listing(options);
  for await (const entry of listing) await context.visit(entry);
  return context.finish();
}

class Listing {
  readonly #options: ListingOptions;
  readonly #walk: IgnoreWalk | null;
  readonly #builder = new TreeBuilder();
  readonly #memo = new Map<string, FileIdentity & { readonly content: string }>();
  readonly #read: string[] = [];
  /** Folders that are only in it if something in them is. */
  readonly #left = new Map<string, ListedEntry>();
  #skipped: string | null = null;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#walk = options.ignored === null ? null : new IgnoreWalk(options.ignored);
  }

  async visit(entry: ListedEntry): Promise<void> {
    const { path, type } = entry;
    if (this.#skipped !== null && path.startsWith(this.#skipped)) return;
    const admission = this.#walk?.visit(path, type === 'directory') ?? { kind: 'taken', parents: [] };
    if (admission.kind === 'skipped') this.#skipped = `${path}/`;
    else if (admission.kind === 'taken') {
      for (const parent of admission.parents) await this.#take(this.#left.get(parent));
      await this.#take(entry);
    } else if (type === 'directory') this.#left.set(path, entry);
  }

  finish(): ListedContext {
    return { root: this.#builder.finish(), memo: this.#memo, read: this.#read };
  }

  async #take(entry: ListedEntry | undefined): Promise<void> {
    if (entry === undefined) return;
    const content = entry.type === 'file' ? await this.#contentOf(entry) : '';
    this.#builder.add(entry.path, { ...entry, uid: 0, gid: 0 }, content);
  }

  async #contentOf({ path, mtime, ctime, inode, size }: ListedEntry): Promise<string> {
    const before = this.#options.memo.get(path);
    const isSame = before?.mtime === mtime && before.ctime === ctime && before.inode === inode && before.size === size;
    if (!isSame) this.#read.push(path);
    const content = isSame ? before.content : await this.#options.contentOf(path);
    this.#memo.set(path, { mtime, ctime, inode, size, content });
    return content;
  }
}
