/** A list of patterns over a tree that is walked from its root (moby/patternmatcher, PatternMatcher; tonistiigi/fsutil, FilterFS). */
import { Steps } from '../../base/steps.ts';
import { cleanPath } from '../clean-path.ts';
import { trimSpace } from './ignore-file.ts';
import { pathPattern, type PathPattern } from './path-pattern.ts';

/** Which of the patterns matched a folder: what is in it need not be asked again. */
export type MatchedParent = readonly boolean[];

export interface Match {
  readonly matched: boolean;
  /** For what is in this one, where it is a folder. */
  readonly asParent: MatchedParent;
}

export interface PathPatterns {
  /** @param path clean, relative @param parent of its folder; null in the root @throws AppError invalid, exhausted */
  match(path: string, parent: MatchedParent | null): Match;
  /** Whether an exception may be about something in a folder that matched. What no exception can take back is not walked. */
  mayTakeBackIn(folder: string): boolean;
}

/** Of 10 ns at worst, for all that is asked of one list. */
const mostSteps = 2_000_000_000;

/** @throws AppError invalid in Go's words */
export async function pathPatterns(
  written: readonly string[],
  steps = new Steps(mostSteps, 'what the patterns are asked about'),
): Promise<PathPatterns> {
  const patterns: PathPattern[] = [];
  for (const each of written.map(trimSpace)) if (each !== '') patterns.push(await pathPattern(cleanPath(each), steps));
  const exceptions = patterns.filter(({ isException }) => isException).map(({ text }) => withoutTrailingStars(text));
  const anyIsGlob = exceptions.some((text) => /[*[\]?^"\\]/.test(text));
  return {
    match: (path, parent) => {
      steps.take(patterns.length);
      return matchOf(patterns, path, parent);
    },
    mayTakeBackIn: (folder) => {
      steps.take(exceptions.length);
      return anyIsGlob || exceptions.some((text) => `${text}/`.startsWith(`${folder}/`));
    },
  };
}

/** Of those that could change nothing it is not asked whether they match, which what is below then sees as no match. */
function matchOf(patterns: readonly PathPattern[], path: string, parent: MatchedParent | null): Match {
  let matched = false;
  const asParent = patterns.map((pattern, index) => {
    if (parent?.[index] !== true && (pattern.isException !== matched || !matchesOrParent(pattern, path, parent))) return false;
    matched = !pattern.isException;
    return true;
  });
  return { matched, asParent };
}

function matchesOrParent(pattern: PathPattern, path: string, parent: MatchedParent | null): boolean {
  if (pattern.matches(path)) return true;
  if (parent !== null) return false;
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    if (pattern.matches(path.slice(0, slash))) return true;
  return false;
}

function withoutTrailingStars(text: string): string {
  return text.replace(/\/\*\*$/, '').replace(/\/\*$/, '');
}
