import type { Hint } from '../../protocol/tutorial.ts';
import type { Predicate } from '../../protocol/tutorial-check.ts';
import { parseDuration } from '../quantities.ts';

export interface ShownHint {
  /** Index in the step's hints. */
  readonly index: number;
  readonly say: string;
}

/** The first hint whose `when` holds, else the last whose time has come. @param elapsed milliseconds since entry */
export async function chooseHint(
  hints: readonly Hint[],
  elapsed: number,
  holds: (when: Predicate, index: number) => Promise<boolean>,
): Promise<ShownHint | null> {
  for (const [index, { when, say }] of hints.entries()) if (when !== undefined && (await holds(when, index))) return { index, say };
  const due = hints.flatMap(({ after, say }, index) => (after !== undefined && parseDuration(after) <= elapsed ? [{ index, say }] : []));
  return due.at(-1) ?? null;
}

/** Milliseconds until the next timed hint; null when there is none left. */
export function untilNextHint(hints: readonly Hint[], elapsed: number): number | null {
  const left = hints.flatMap(({ after }) => (after === undefined ? [] : [parseDuration(after) - elapsed])).filter((wait) => wait > 0);
  return left.length === 0 ? null : Math.min(...left);
}
