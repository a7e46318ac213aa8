import type { Matcher } from '../format/matcher.ts';
import type { Miss, Want } from './finding.ts';
import { mismatch, readingText, type Operand, type Reading } from './match.ts';

export interface FieldTest extends Want {
  /** Undefined: the candidate has no such thing. */
  readonly reading: Reading | undefined;
  readonly operand: Operand;
}

/** What makes a candidate the one that is meant. */
const weights: Readonly<Record<string, number>> = { name: 2, image: 1, id: 1 };

export interface Assessment {
  /** How much of what tells it from others is as wanted. */
  readonly score: number;
  readonly miss: Miss | null;
}

export function testField({ field, matcher, reading, operand }: FieldTest): Miss | null {
  if (reading === undefined) return isDenial(matcher) ? null : { field, relation: 'equal', expected: matcherText(matcher), actual: null };
  const found = mismatch(reading, matcher, operand);
  return found === null ? null : { ...found, field, actual: readingText(reading) };
}

/** `{ not: x }` alone holds of what is not there. */
const isDenial = (matcher: Matcher): boolean =>
  typeof matcher === 'object' && matcher.not !== undefined && matcher.not !== '' && Object.keys(matcher).length === 1;

export function matcherText(matcher: Matcher): string {
  return typeof matcher === 'object'
    ? Object.entries(matcher)
        .map(([word, value]) => `${word} ${String(value)}`)
        .join(', ')
    : String(matcher);
}

export function assess(tests: readonly FieldTest[]): Assessment {
  let score = 0;
  let miss: Miss | null = null;
  for (const test of tests) {
    const found = testField(test);
    if (found === null) score += weights[test.field] ?? 0;
    else miss ??= found;
  }
  return { score, miss };
}

/** The one that matches, else the one that is likeliest meant; of equals the last. */
export function nearest<T>(
  candidates: readonly { readonly item: T; readonly assessment: Assessment }[],
): { readonly item: T; readonly assessment: Assessment } | undefined {
  let best: { readonly item: T; readonly assessment: Assessment } | undefined;
  const rank = ({ score, miss }: Assessment): number => (miss === null ? Number.POSITIVE_INFINITY : score);
  for (const candidate of candidates) if (best === undefined || rank(candidate.assessment) >= rank(best.assessment)) best = candidate;
  return best;
}
