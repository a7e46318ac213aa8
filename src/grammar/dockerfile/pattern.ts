/** Patterns of `${NAME#…}`, `%` and `/`: `*` any text, `?` any character (moby/buildkit: frontend/dockerfile/shell, lex.go). */
import { AppError } from '../../base/errors.ts';
import { Steps } from '../../base/steps.ts';

type Token = { readonly kind: 'any' } | { readonly kind: 'one' } | { readonly kind: 'letter'; readonly letter: string };

/** @throws AppError invalid: a backslash before what needs none */
export function readPattern(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '*') tokens.push({ kind: 'any' });
    else if (letter === '?') tokens.push({ kind: 'one' });
    else if (letter !== '\\') tokens.push({ kind: 'letter', letter });
    else {
      const next = text.charAt((at += 1));
      if (!['*', '?', '\\', '/', '}'].includes(next)) throw new AppError('invalid', `invalid escape '\\${next}'`);
      tokens.push({ kind: 'letter', letter: next });
    }
  }
  return tokens;
}

export interface MatchOptions {
  /** The longest of all matches, not the shortest. */
  readonly greedy: boolean;
  readonly steps?: Steps;
}

/** Where a match that begins at `from` ends; null: none does. Never goes back: one step for each character and place in the pattern. */
export function matchAt(
  pattern: readonly Token[],
  text: readonly string[],
  from: number,
  { greedy, steps = new Steps() }: MatchOptions,
): number | null {
  let places = reachable(pattern, [0]);
  let end: number | null = null;
  for (let at = from; places.size > 0; at += 1) {
    steps.take(places.size);
    if (places.has(pattern.length)) {
      end = at;
      if (!greedy) return end;
    }
    if (at >= text.length) break;
    places = step(pattern, places, text[at] ?? '');
  }
  return end;
}

function step(pattern: readonly Token[], places: ReadonlySet<number>, letter: string): ReadonlySet<number> {
  const next: number[] = [];
  for (const place of places) {
    const token = pattern[place];
    if (token === undefined) continue;
    if (token.kind === 'letter' ? token.letter === letter : letter !== '\n') next.push(token.kind === 'any' ? place : place + 1);
  }
  return reachable(pattern, next);
}

/** With the places behind a `*`, which may stand for nothing. */
function reachable(pattern: readonly Token[], places: Iterable<number>): ReadonlySet<number> {
  const all = new Set<number>();
  for (let place of places) {
    all.add(place);
    for (; pattern[place]?.kind === 'any'; place += 1) all.add(place + 1);
  }
  return all;
}

export function withoutPrefix(pattern: readonly Token[], text: string, options: MatchOptions): string {
  const letters = [...text];
  return letters.slice(matchAt(pattern, letters, 0, options) ?? 0).join('');
}

export function withoutSuffix(pattern: readonly Token[], text: string, options: MatchOptions): string {
  const backwards = withoutPrefix([...pattern].reverse(), [...text].reverse().join(''), options);
  return text.slice(0, backwards.length);
}

/** The first match, or each, becomes `other`. */
export function replaced(pattern: readonly Token[], text: string, other: string, { all, steps }: { all: boolean; steps: Steps }): string {
  const letters = [...text];
  const between = (from: number, to?: number): string => letters.slice(from, to).join('');
  let result = '';
  let done = 0;
  for (let at = 0; at <= letters.length; at += 1) {
    const end = matchAt(pattern, letters, at, { greedy: true, steps });
    if (end === null) continue;
    steps.take(other.length);
    result += between(done, at) + other;
    done = end;
    if (!all) break;
    // Behind a match of nothing the next character stays.
    if (end > at) at = end - 1;
  }
  return result + between(done);
}
