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

/** What was changed is tried first. @param paths of changed files from the repository's root */
export function changedFirst(tutorials: readonly LoadedTutorial[], paths: readonly string[]): readonly LoadedTutorial[] {
  const rank = ({ tutorial }: LoadedTutorial): number =>
    paths.some((path) => path.startsWith(`tutorials/${tutorial.manifest.id}/`)) ? 0 : 1;
  return tutorials.toSorted((a, b) => rank(a) - rank(b));
}

/** Files below `tutorials/` that differ from the commit before, saved or not; none where git cannot tell. */
export function changedTutorialFiles(): readonly string[] {
  try {
    const said = execFileSync('git', ['diff', '--name-only', '--relative', 'HEAD~1', '--', 'tutorials'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return said.split('\n').filter((path) => path !== '');
  } catch {
    return [];
  }
}
