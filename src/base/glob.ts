import { AppError } from './errors.ts';
import type { Steps } from './steps.ts';

/** A part of a pattern that stands for exactly one character, or `*`. */
type Part = { readonly star: true } | { readonly star: false; matches(char: number): boolean };

const star: Part = { star: true };
const slash = 0x2f;
/** Characters of a pattern. Go has no such limit, and nobody a name that long. */
const longestPattern = 4096;

/** A pattern of Go's path.Match. Only `*` crosses more than one character, and neither it nor `?` a slash; a class may. */
export interface Glob {
  /** Does it match the whole name? In time linear to pattern times name at worst. */
  matches(name: string, steps?: Steps): boolean;
}

/**
 * Go's path.Match: `*` and `?` stop at slashes, `[a-z]` and `[^a-z]`, a backslash takes the next character as it is.
 * @throws AppError invalid "syntax error in pattern"
 */
export function parseGlob(pattern: string, steps?: Steps): Glob {
  if (pattern.length > longestPattern) throw badPattern();
  const parts = partsOf(pattern, steps);
  return { matches: (name, counted) => matchParts(parts, codePoints(name), counted) };
}

function partsOf(pattern: string, steps: Steps | undefined): readonly Part[] {
  const parts: Part[] = [];
  const chars = codePoints(pattern);
  const end = chars.length;
  let at = 0;
  /** A character of a class or of the text, a backslash before it taken away. */
  const literal = (): number => {
    if (chars[at] === 0x5c) at += 1;
    const char = chars[at];
    if (char === undefined) throw badPattern();
    at += 1;
    return char;
  };
  const classLiteral = (): number => {
    if (chars[at] === 0x2d || chars[at] === 0x5d) throw badPattern();
    return literal();
  };
  const readClass = (): Part => {
    at += 1;
    const negated = chars[at] === 0x5e;
    if (negated) at += 1;
    const ranges: (readonly [number, number])[] = [];
    while (ranges.length === 0 || chars[at] !== 0x5d) {
      steps?.take();
      const low = classLiteral();
      let high = low;
      if (chars[at] === 0x2d) {
        at += 1;
        high = classLiteral();
      }
      ranges.push([low, high]);
    }
    at += 1;
    return { star: false, matches: (char) => ranges.some(([low, high]) => low <= char && char <= high) !== negated };
  };
  while (at < end) {
    steps?.take();
    const char = chars[at];
    if (char === 0x2a) {
      at += 1;
      if (parts.at(-1) !== star) parts.push(star);
    } else if (char === 0x3f) {
      at += 1;
      parts.push({ star: false, matches: (found) => found !== slash });
    } else if (char === 0x5b) parts.push(readClass());
    else {
      const wanted = literal();
      parts.push({ star: false, matches: (found) => found === wanted });
    }
  }
  return parts;
}

/** Only the last star is ever tried again: what an earlier one took more, the later can take as well. */
function matchParts(parts: readonly Part[], name: readonly number[], steps: Steps | undefined): boolean {
  let part = 0;
  let at = 0;
  let retryPart = -1;
  let retryAt = 0;
  while (at < name.length || part < parts.length) {
    steps?.take();
    const wanted = parts[part];
    if (wanted?.star === true) {
      retryPart = part;
      retryAt = at;
      part += 1;
      continue;
    }
    const char = name[at];
    if (wanted !== undefined && char !== undefined && wanted.matches(char)) {
      part += 1;
      at += 1;
      continue;
    }
    if (retryPart < 0 || retryAt >= name.length || name[retryAt] === slash) return false;
    retryAt += 1;
    part = retryPart + 1;
    at = retryAt;
  }
  return true;
}

function codePoints(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0) ?? 0);
}

function badPattern(): AppError {
  return new AppError('invalid', 'syntax error in pattern');
}
