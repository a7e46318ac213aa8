import type { Hint } from '../format/step.ts';
import type { Predicate } from '../predicates/registry.ts';
import { parseDuration } from '../quantities.ts';

export interface ShownHint {
  /** Its name among the step's hints. */
  readonly id: string;
  readonly say: string;
}

/** The first hint whose `when` holds, else the last whose time has come. @param elapsed milliseconds since entry */
export async function chooseHint(
  hints: Readonly<Record<string, Hint>>,
  elapsed: number,
  holds: (when: Predicate, id: string) => Promise<boolean>,
): Promise<ShownHint | null> {
  for (const [id, { when, say }] of Object.entries(hints)) if (when !== undefined && (await holds(when, id))) return { id, say };
  const due = Object.entries(hints).flatMap(([id, { after, say }]) =>
    after !== undefined && parseDuration(after) <= elapsed ? [{ id, say }] : [],
  );
  return due.at(-1) ?? null;
}

/** Milliseconds until the next timed hint; null when there is none left. */
export function untilNextHint(hints: Readonly<Record<string, Hint>>, elapsed: number): number | null {
  const left = Object.values(hints)
    .flatMap(({ after }) => (after === undefined ? [] : [parseDuration(after) - elapsed]))
    .filter((wait) => wait > 0);
  return left.length === 0 ? null : Math.min(...left);
}
