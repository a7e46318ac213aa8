/** A tree of entries as what COPY and ADD read. */
import type { ByteSource } from '../../../base/streams.ts';
import { Steps } from '../../../base/steps.ts';
import type { TarHeader } from '../../../base/tar/entry.ts';
import type { TarInput } from '../../../base/tar/write.ts';
import type { ContextEntry } from './entry.ts';
import { lookUp } from './look-up.ts';
import type { DigestedFile, ListedFile, SourceFile, SourceFiles } from './source-files.ts';

/** Parts of paths and of links in them, for all that one tree is asked. */
const mostSteps = 100_000_000;

export interface TreeOptions {
  readonly ref: string;
  /** Seconds since the epoch: the time of what has none of its own. */
  readonly now: number;
  /** A file's bytes. */
  readonly read: (entry: ContextEntry) => Promise<ByteSource>;
}

export class TreeFiles implements SourceFiles {
  readonly ref: string;
  readonly #root: ContextEntry;
  readonly #options: TreeOptions;
  readonly #steps = new Steps(mostSteps, 'what the links of the context lead through');

  constructor(root: ContextEntry, options: TreeOptions) {
    this.ref = options.ref;
    this.#root = root;
    this.#options = options;
  }

  find(path: string): Promise<SourceFile | null> {
    return Promise.resolve().then(() => {
      const found = lookUp(this.#root, path, { followsLast: true, steps: this.#steps });
      if (found.entry === null) return null;
      return { path: found.path, isFolder: found.entry.type === 'directory', modified: this.#timeOf(found.entry) };
    });
  }

  list(folder: string): Promise<readonly ListedFile[]> {
    const names = [...this.#at(folder).children].map(([name, { type }]) => {
      return { name, type: type === 'directory' || type === 'symlink' ? type : ('other' as const) };
    });
    return Promise.resolve(names);
  }

  async *walk({ path }: SourceFile): AsyncGenerator<TarInput, void> {
    const names = new Map<ContextEntry, string>();
    for (const [name, entry] of below(this.#at(path))) {
      const first = names.get(entry);
      const link = first ?? (entry.type === 'symlink' ? entry.target : '');
      if (first === undefined && entry.type !== 'directory') names.set(entry, name);
      const header = this.#headerOf(entry, name, link);
      if (first !== undefined) yield { header: { ...header, type: 'hardlink', size: 0 } };
      else if (entry.type === 'file') yield { header, contents: late(() => this.#options.read(entry)) };
      else yield { header };
    }
  }

  async *digests({ path }: SourceFile): AsyncGenerator<DigestedFile, void> {
    for (const [name, { digest, type }] of below(this.#at(path))) yield { path: name, isFolder: type === 'directory', digest };
  }

  #at(path: string): ContextEntry {
    return lookUp(this.#root, path, { followsLast: false, steps: this.#steps }).entry ?? this.#root;
  }

  #timeOf(entry: ContextEntry): number {
    return entry.modified ?? this.#options.now;
  }

  #headerOf(entry: ContextEntry, path: string, link: string): TarHeader {
    const { type, mode, uid, gid, size, major, minor, xattrs } = entry;
    return { path, type, mode, uid, gid, mtime: this.#timeOf(entry), link, major, minor, xattrs, size };
  }
}

function* below(top: ContextEntry): Generator<readonly [string, ContextEntry], void> {
  if (top.type !== 'directory') yield ['', top];
  const open = [{ prefix: '', entries: [...top.children].reverse() }];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const next = level.entries.pop();
    if (next === undefined) {
      open.pop();
      continue;
    }
    const [name, entry] = next;
    const path = `${level.prefix}${name}`;
    yield [path, entry];
    if (entry.children.size > 0) open.push({ prefix: `${path}/`, entries: [...entry.children].reverse() });
  }
}

/** A source that is opened when it is first read. */
export function late(open: () => Promise<ByteSource>): ByteSource {
  let source: Promise<ByteSource> | null = null;
  return {
    async read() {
      source ??= open();
      return (await source).read();
    },
    cancel(reason) {
      void source?.then((opened) => opened.cancel(reason)).catch(() => undefined);
    },
  };
}
