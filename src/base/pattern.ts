import type { RE2JS } from 're2js';
import { AppError } from './errors.ts';
import { toAppError } from './errors.ts';

/** A regular expression that somebody outside wrote, in the syntax of Go's regexp package (RE2), matched in time linear to the text. */
export interface Pattern {
  /** Is there a match anywhere in the text? @throws AppError exhausted where pattern and text are too large together */
  test(text: string): boolean;
}

/** Characters of a pattern. Go has no such limit, and nobody a filter that long. */
const longestPattern = 1024;
/** Characters, times what their repetitions make of them at most: compiling takes some 100 ns for each. */
const largestEstimate = 256 * 1024;
/** Instructions of a compiled pattern. */
const largestProgram = 20_000;
/** Instructions times characters: what one match may take at worst, some 10 ns each. */
const largestProduct = 4_000_000;

let loading: Promise<typeof RE2JS> | null = null;

/** The matcher is a quarter of a megabyte that few sessions need: it comes with the first pattern, or earlier by this. */
export function loadPatterns(): Promise<typeof RE2JS> {
  loading ??= import('re2js').then(
    (module) => module.RE2JS,
    (thrown: unknown) => {
      loading = null;
      throw new AppError('unavailable', 'the pattern matcher could not be loaded', { cause: thrown });
    },
  );
  return loading;
}

/**
 * @throws AppError invalid in Go's words, "error parsing regexp: missing closing ): `(a`"; exhausted for what Go would take and is too large here
 */
export async function compilePattern(source: string): Promise<Pattern> {
  if (source.length > longestPattern || estimate(source) > largestEstimate) throw tooLarge();
  const compiled = compile(await loadPatterns(), source);
  const size = compiled.programSize();
  if (size > largestProgram) throw tooLarge();
  return {
    test(text) {
      if (size * text.length > largestProduct) throw tooLarge();
      return compiled.test(text);
    },
  };
}

function compile(re2: typeof RE2JS, source: string): RE2JS {
  try {
    return re2.compile(source);
  } catch (thrown) {
    throw new AppError('invalid', toAppError(thrown).message, { cause: thrown });
  }
}

/** Repetitions that follow each other add up; those inside each other multiply, up to RE2's own limit of 1000. */
function estimate(source: string): number {
  let sum = 1;
  let product = 1;
  for (const [, first = '', last = ''] of source.matchAll(/\{(\d{1,4})(?:,(\d{0,4}))?\}/g)) {
    const count = Math.max(1, Number(first), Number(last));
    sum += count;
    product = Math.min(1000, product * count);
  }
  return source.length * Math.max(sum, product);
}

/** Go's ErrLarge. */
function tooLarge(): AppError {
  return new AppError('exhausted', 'error parsing regexp: expression too large');
}
