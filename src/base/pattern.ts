import type { RE2JS } from 're2js';
import { AppError, toAppError } from './errors.ts';
import type { Steps } from './steps.ts';

/** A regular expression that somebody outside wrote, in the syntax of Go's regexp package (RE2), matched in time linear to the text. */
export interface Pattern {
  /** Is there a match anywhere in the text? @throws AppError exhausted where pattern and text are too large together */
  test(text: string): boolean;
}

/** Characters of a pattern. Go has no such limit, and nobody a filter that long. */
const longestPattern = 1024;
/** Instructions of a compiled pattern. Compiling takes about a microsecond for each. */
const largestProgram = 20_000;
/** Instructions times characters: what one match may take at worst, about 10 ns each. */
const largestProduct = 4_000_000;
/** Steps, of 10 ns, for compiling one instruction. */
const stepsToCompile = 100;

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
 * @param budget counts what compiling and matching take at worst; one for all the patterns of a request bounds them together
 * @throws AppError invalid in Go's words, "error parsing regexp: missing closing ): `(a`"; exhausted for what Go would take and is too large here
 */
export async function compilePattern(source: string, budget?: Steps): Promise<Pattern> {
  if (source.length > longestPattern) throw tooLarge();
  const expected = estimate(source);
  if (expected > largestProgram) throw tooLarge();
  budget?.take(expected * stepsToCompile);
  const compiled = compile(await loadPatterns(), source);
  const size = compiled.programSize();
  if (size > 2 * largestProgram) throw tooLarge();
  return {
    test(text) {
      if (size * text.length > largestProduct) throw tooLarge();
      budget?.take(size * text.length);
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

/**
 * About how many instructions the pattern compiles to: one for each character, class or escape, repetitions multiplied out, those inside each other too. What
 * it takes for a repetition and is none only makes it larger.
 */
function estimate(source: string): number {
  /** The sizes of the groups that are open, each without what is in the next, and of the last thing in each. */
  const open = [{ size: 0, last: 0 }];
  const token = /\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]|\{(\d{1,4})(?:,(\d{0,4}))?\}|[^]/y;
  for (let found = token.exec(source); found !== null; found = token.exec(source)) {
    const [text, least, most = ''] = found;
    const top = open.at(-1) ?? { size: 0, last: 0 };
    if (text === '(') open.push({ size: 0, last: 0 });
    else if (text === ')' && open.length > 1) {
      open.pop();
      const outer = open.at(-1) ?? top;
      outer.size += top.size + 2;
      outer.last = top.size + 2;
    } else if (least !== undefined) {
      const repeated = top.last * Math.max(1, Number(least), Number(most));
      top.size += repeated - top.last;
      top.last = repeated;
    } else {
      top.size += 1;
      top.last = 1;
    }
  }
  return open.reduce((sum, { size }) => sum + size, 0);
}

/** Go's ErrLarge. */
function tooLarge(): AppError {
  return new AppError('exhausted', 'error parsing regexp: expression too large');
}
