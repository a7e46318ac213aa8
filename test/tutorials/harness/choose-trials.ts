import { execFileSync } from 'node:child_process';
import { AppError } from '../../../src/base/errors.ts';
import type { LoadedTutorial } from '../../../src/tutorial/load/index.ts';

export interface Shard {
  /** From 1 on. */
  readonly index: number;
  readonly count: number;
}

/** @throws AppError `invalid` for anything but `INDEX/COUNT` with 1 ≤ INDEX ≤ COUNT */
export function parseShard(text: string): Shard {
  const [, index, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text) ?? [];
  if (index === undefined || count === undefined || Number(index) > Number(count))
    throw new AppError('invalid', `a shard is INDEX/COUNT, such as 1/4, not ${text}`);
  return { index: Number(index), count: Number(count) };
}

/** Every COUNT-th of them, so that each shard has its part of every step. */
export const inShard = <T>(all: readonly T[], { index, count }: Shard): readonly T[] => all.filter((_, at) => at % count === index - 1);

/** Minutes of the world's time for the trials of all tutorials together, unless all are asked for. Those typed through in Chromium take four more. */
export const usualMinutes = 6;

/** What is known of the repository's history. */
export interface History {
  /** Files below `tutorials/` that differ from the commit before, saved or not; from the repository's root. */
  readonly changed: readonly string[];
  /** Hexadecimal. */
  readonly commit: string;
}

/** What was changed comes first; of the others each commit begins with another one, so that none is left out for long. */
export function inOrder(tutorials: readonly LoadedTutorial[], { changed, commit }: History): readonly LoadedTutorial[] {
  const isChanged = ({ tutorial }: LoadedTutorial): boolean =>
    changed.some((path) => path.startsWith(`tutorials/${tutorial.manifest.id}/`));
  const others = tutorials.filter((tutorial) => !isChanged(tutorial));
  const first = others.length === 0 ? 0 : Number.parseInt(commit.slice(0, 8), 16) % others.length;
  return [...tutorials.filter(isChanged), ...others.slice(first), ...others.slice(0, first)];
}

/** Where git cannot tell, nothing was changed and the commit is 0. */
export function readHistory(): History {
  const changed = git(['diff', '--name-only', '--relative', 'HEAD~1', '--', 'tutorials']).split('\n');
  return { changed: changed.filter((path) => path !== ''), commit: git(['rev-parse', 'HEAD']).trim() || '0' };
}

function git(words: readonly string[]): string {
  try {
    return execFileSync('git', words, { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return '';
  }
}

/** Trials are begun until so much time is over; the one that is under way then is finished. */
export class Budget {
  readonly #now: () => number;
  readonly #end: number;
  readonly #leftOut = new Map<string, { left: number; all: number }>();
  readonly #minutes: number;

  /** @param minutes `Infinity` for all of them @param now milliseconds */
  constructor(minutes: number, now: () => number) {
    this.#minutes = minutes;
    this.#now = now;
    this.#end = now() + minutes * 60_000;
  }

  /** Whether there is time for one more. One that there is none for is counted as left out. @param of trials that the tutorial has */
  allows(tutorial: string, of: number): boolean {
    if (this.#now() < this.#end) return true;
    const { left } = this.#leftOut.get(tutorial) ?? { left: 0 };
    this.#leftOut.set(tutorial, { left: left + 1, all: of });
    return false;
  }

  /** What was left out, in words; null when nothing was. */
  get leftOut(): string | null {
    if (this.#leftOut.size === 0) return null;
    const each = [...this.#leftOut].map(([id, { left, all }]) => `${id} (${left === all ? `all ${all}` : `${left} of ${all}`} trials)`);
    return `left out after ${this.#minutes} minutes: ${each.join(', ')}; npm run tutorials:all tries all`;
  }
}
