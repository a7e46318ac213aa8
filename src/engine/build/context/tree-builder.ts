/** Puts a context's tree together of entries in the order of an archive or of a walk. */
import { clip } from '../../../base/clip.ts';
import { AppError } from '../../../base/errors.ts';
import { Steps } from '../../../base/steps.ts';
import { contextEntry, type ContextEntry, type EntryStat } from './entry.ts';
import { lookUp, partsOfName } from './look-up.ts';

/** Parts of paths and of links in them, of all entries together: some ten for each of ten million files. */
const mostSteps = 100_000_000;

/** What a folder is that nobody described: as BuildKit makes it. */
const plainFolder: EntryStat = {
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  target: '',
  major: 0,
  minor: 0,
  xattrs: new Map(),
};

/** An entry while there is more to come. */
class Draft {
  stat: EntryStat;
  readonly content: string;
  readonly children = new Map<string, Draft>();

  constructor(stat: EntryStat, content: string) {
    this.stat = stat;
    this.content = content;
  }

  get type(): string {
    return this.stat.type;
  }

  get target(): string {
    return this.stat.target;
  }
}

export class TreeBuilder {
  readonly #root = new Draft(plainFolder, '');
  readonly #steps: Steps;

  constructor(steps = new Steps(mostSteps, 'what the links of the context lead through')) {
    this.#steps = steps;
  }

  /**
   * A later one takes an earlier one's place, but a directory an earlier one's description only. Parents are made where they are missing, links in them
   * followed inside of the tree.
   * @throws AppError invalid in BuildKit's words
   */
  add(name: string, stat: EntryStat, content = ''): void {
    const parts = partsOf(name);
    if (parts.length === 0) {
      if (stat.type === 'directory') this.#root.stat = stat;
      return;
    }
    const { siblings, base } = this.#placeOf(parts);
    const before = siblings.get(base);
    if (stat.type === 'directory' && before?.type === 'directory') before.stat = stat;
    else siblings.set(base, new Draft(stat, content));
  }

  /** A further name of what an earlier entry made. @throws AppError invalid in BuildKit's words */
  addLink(name: string, target: string): void {
    const parts = partsOf(name);
    const targetParts = partsOfName(target);
    if (targetParts === null) throw new AppError('invalid', `invalid hardlink target "${clip(target, 255)}"`);
    const { entry } = lookUp(this.#root, targetParts.join('/'), { followsLast: false, steps: this.#steps });
    const what = `linkat ${clip(targetParts.join('/'), 255)} ${clip(parts.join('/'), 255)}`;
    if (entry === null) throw new AppError('invalid', `${what}: no such file or directory`);
    if (entry.type === 'directory' || parts.length === 0) throw new AppError('invalid', `${what}: operation not permitted`);
    const { siblings, base } = this.#placeOf(parts);
    siblings.set(base, entry);
  }

  finish(): ContextEntry {
    return finished(this.#root, new Map());
  }

  #placeOf(parts: readonly string[]): { readonly siblings: Map<string, Draft>; readonly base: string } {
    const refused = (): AppError => new AppError('invalid', `openat ${clip(parts.join('/'), 255)}: not a directory`);
    const make = (parent: Draft, name: string): Draft => {
      if (parent.type !== 'directory') throw refused();
      const made = new Draft(plainFolder, '');
      parent.children.set(name, made);
      return made;
    };
    const { entry } = lookUp(this.#root, parts.slice(0, -1).join('/'), { followsLast: true, make, steps: this.#steps });
    if (entry?.type !== 'directory') throw refused();
    return { siblings: entry.children, base: parts.at(-1) ?? '' };
  }
}

/** @param done hard links stay one entry */
function finished(draft: Draft, done: Map<Draft, ContextEntry>): ContextEntry {
  const before = done.get(draft);
  if (before !== undefined) return before;
  const children = new Map([...draft.children].map(([name, child]) => [name, finished(child, done)] as const));
  const entry = contextEntry(draft.stat, draft.content, children);
  done.set(draft, entry);
  return entry;
}

function partsOf(name: string): readonly string[] {
  const parts = partsOfName(name);
  if (parts === null) throw new AppError('invalid', `invalid entry name "${clip(name, 255)}"`);
  return parts;
}
