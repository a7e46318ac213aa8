import type { Glob } from '../../base/glob.ts';
import type { Steps } from '../../base/steps.ts';
import { familiarName, familiarString, type Reference } from '../../grammar/reference.ts';

/** distribution/reference FamiliarMatch: against the name with or without its tag. */
export function familiarMatch(pattern: Glob, reference: Reference, steps?: Steps): boolean {
  return pattern.matches(familiarString(reference), steps) || pattern.matches(familiarName(reference), steps);
}
