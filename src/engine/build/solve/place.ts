/** Paths of a tree that the guest shows, each link followed below the tree's root alone (containerd/continuity, fs.RootPath). */
import { AppError } from '../../../base/errors.ts';
import { modeType } from '../../../base/file-tree.ts';
import { cleanFromRoot } from '../../../grammar/clean-path.ts';
import { errnoText } from '../../../grammar/errno-text.ts';
import type { FileStat } from '../../../protocol/facts.ts';
import { errno, type Runtime } from '../../runtime.ts';

const mostLinks = 255;

export interface Place {
  /** Absolute, without links; what is behind a name that is not there is taken as it stands. */
  readonly path: string;
  /** null: nothing is there. */
  readonly stat: FileStat | null;
  /** Names above it that have to be made, the outermost first. */
  readonly missing: readonly string[];
  /** Something above it that is no folder; null: all of them are. */
  readonly blocked: string | null;
}

type Facts = Pick<Runtime, 'facts'>;

/** @param root the tree's, in the guest @throws AppError invalid "too many links"; the kernel's words */
export async function findPlace(runtime: Facts, root: string, path: string): Promise<Place> {
  let done: readonly string[] = [];
  let rest = partsOf(path);
  for (let links = 0; ;) {
    const found = await walkTo(runtime, root, done, rest);
    if (!('link' in found)) return found;
    if ((links += 1) > mostLinks) throw new AppError('invalid', 'too many links');
    done = found.link.startsWith('/') ? [] : found.above;
    // The names before it are no links, so that ".." may be taken away as text there.
    rest = [...partsOf(found.link), ...found.rest];
  }
}

interface Link {
  readonly link: string;
  readonly above: readonly string[];
  readonly rest: readonly string[];
}

async function walkTo(runtime: Facts, root: string, start: readonly string[], names: readonly string[]): Promise<Place | Link> {
  let above = start;
  let left = names;
  let last: FileStat | null = null;
  while (left.length > 0) {
    if (left[0] === '..') {
      [above, left, last] = [above.slice(0, -1), left.slice(1), null];
      continue;
    }
    const up = left.indexOf('..');
    const run = up < 0 ? left : left.slice(0, up);
    const paths = run.map((_, index) => `/${[...above, ...run.slice(0, index + 1)].join('/')}`);
    const answers = await runtime.facts.inspect(paths.map((each) => ({ op: 'lstat', path: each, root })));
    for (const [index, answer] of answers.entries()) {
      const here = [...above, ...run.slice(0, index)];
      if (answer.errno === errno.ENOENT) return missingBehind(here, left.slice(index));
      const whole = cleanFromRoot([...above, ...left].join('/'));
      if (answer.errno === errno.ENOTDIR) return { path: whole, stat: null, missing: [], blocked: `/${here.join('/')}` };
      if (answer.errno !== 0 || answer.stat === null) throw new AppError('internal', `lstat ${whole}: ${errnoText(answer.errno)}`);
      if (isLink(answer.stat)) return { link: answer.stat.link, above: here, rest: left.slice(index + 1) };
      last = answer.stat;
    }
    [above, left] = [[...above, ...run], left.slice(run.length)];
  }
  const path = `/${above.join('/')}`;
  return { path, stat: last ?? (await statOf(runtime, root, path)), missing: [], blocked: null };
}

/** @param names behind what is there; the first is not */
function missingBehind(there: readonly string[], names: readonly string[]): Place {
  const path = cleanFromRoot([...there, ...names].join('/'));
  const parts = partsOf(path);
  const missing = parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`).slice(there.length, -1);
  return { path, stat: null, missing, blocked: null };
}

async function statOf(runtime: Facts, root: string, path: string): Promise<FileStat | null> {
  const [answer] = await runtime.facts.inspect([{ op: 'lstat', path, root }]);
  return answer?.stat ?? null;
}

export function isFolder({ mode }: Pick<FileStat, 'mode'>): boolean {
  return (mode & modeType.mask) === modeType.directory;
}

export function isLink({ mode }: Pick<FileStat, 'mode'>): boolean {
  return (mode & modeType.mask) === modeType.symlink;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

export function isFile({ mode }: Pick<FileStat, 'mode'>): boolean {
  return (mode & modeType.mask) === modeType.file;
}
