import { AppError, toAppError } from '../base/errors.ts';
import { pointInTime } from '../grammar/point-in-time.ts';
import { parseTimestamp } from '../grammar/timestamp.ts';
import { createPace } from '../base/pace.ts';
import { compilePattern, type Pattern } from '../base/pattern.ts';
import { Steps } from '../base/steps.ts';

/** The `filters` parameter of lists and prunes: values by name. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** "key" or "key=value". */
export function hasLabel(labels: Readonly<Record<string, string>> | null, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  const key = equals < 0 ? wanted : wanted.slice(0, equals);
  if (labels === null || !Object.hasOwn(labels, key)) return false;
  return equals < 0 || labels[key] === wanted.slice(equals + 1);
}

/** `label` and `label!` of prune and of the image list: all of the one, none of the other. */
export function matchesLabels(labels: Readonly<Record<string, string>> | null, filters: Filters): boolean {
  return (
    (filters['label'] ?? []).every((wanted) => hasLabel(labels, wanted)) &&
    !(filters['label!'] ?? []).some((wanted) => hasLabel(labels, wanted))
  );
}

/** Steps that all the patterns of one request may take together, at some 10 ns. */
const patternBudget = 30_000_000;

/**
 * A filter of moby's Args.Match (api/types/filters): the very text, or a regular expression that matches anywhere in it. One that cannot be parsed matches
 * nothing, as in Docker, whose users never see the reason.
 * @throws AppError invalid where the patterns are too large to be tried; Docker has no such limit
 */
export async function patternFilter(name: string, patterns: readonly string[]): Promise<(texts: readonly string[]) => Promise<boolean>> {
  const exact = new Set(patterns);
  const budget = new Steps(patternBudget, 'the set of patterns');
  const pace = createPace();
  const compiled: Pattern[] = [];
  const tooLarge = (thrown: unknown): AppError =>
    new AppError('invalid', `invalid filter '${name}': ${toAppError(thrown).message}`, { cause: thrown });
  for (const pattern of patterns) {
    if (pace.isDue()) await pace.turn();
    try {
      compiled.push(await compilePattern(pattern, budget));
    } catch (thrown) {
      if (toAppError(thrown).kind !== 'invalid') throw tooLarge(thrown);
    }
  }
  return async (texts) => {
    if (texts.some((text) => exact.has(text))) return true;
    for (const pattern of compiled) {
      if (pace.isDue()) await pace.turn();
      try {
        if (texts.some((text) => pattern.test(text))) return true;
      } catch (thrown) {
        throw tooLarge(thrown);
      }
    }
    return false;
  };
}

/**
 * The `until` filter: a duration before now ("10m", "1h30m"), Unix seconds, or RFC 3339 (api/types/time/timestamp.go).
 * @returns nanoseconds since the epoch, null where there is none
 * @throws AppError invalid
 */
export function untilOf(filters: Filters, now: bigint): bigint | null {
  const [value, ...more] = filters['until'] ?? [];
  if (value === undefined) return null;
  if (more.length > 0) throw new AppError('invalid', 'more than one until filter specified');
  return parseTimestamp(pointInTime(value, now));
}
