/** One pattern over paths (moby/patternmatcher, Pattern): what stands in .dockerignore and behind `--exclude`. */
import { AppError } from '../../base/errors.ts';
import { parseGlob } from '../../base/glob.ts';
import { compilePattern, type Pattern } from '../../base/pattern.ts';
import type { Steps } from '../../base/steps.ts';

export interface PathPattern {
  /** As cleaned, without its `!`. */
  readonly text: string;
  /** It takes back what earlier ones matched. */
  readonly isException: boolean;
  /** Of a path that is clean and relative. @throws AppError invalid "syntax error in pattern", exhausted */
  matches(path: string): boolean;
}

type Matches = PathPattern['matches'];

/** @param written clean @param steps what matching takes at worst is counted here @throws AppError invalid in Go's words */
export async function pathPattern(written: string, steps?: Steps): Promise<PathPattern> {
  if (written === '!') throw new AppError('invalid', 'illegal exclusion pattern: "!"');
  const isException = written.startsWith('!');
  const text = isException ? written.slice(1) : written;
  parseGlob(text, steps);
  return { text, isException, matches: await matcherOf(text, steps) };
}

async function matcherOf(text: string, steps: Steps | undefined): Promise<Matches> {
  const { kind, expression } = new Translation(text).read();
  if (kind === 'exact') return (path) => path === text;
  if (kind === 'prefix') return (path) => path.startsWith(text.slice(0, -2));
  if (kind === 'suffix') {
    const suffix = text.slice(2);
    return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1));
  }
  return expressionMatcher(await compiled(`${expression}$`, steps));
}

/** moby compiles when it first matches: a class that only its expressions refuse hurts nobody before. */
async function compiled(expression: string, steps: Steps | undefined): Promise<Pattern | AppError> {
  try {
    return await compilePattern(expression, steps);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'invalid')
      return new AppError('invalid', 'syntax error in pattern', { cause: thrown });
    throw thrown;
  }
}

function expressionMatcher(pattern: Pattern | AppError): Matches {
  return (path) => {
    if (pattern instanceof AppError) throw pattern;
    return pattern.test(path);
  };
}

type Kind = 'exact' | 'prefix' | 'suffix' | 'expression';

/**
 * A pattern as a regular expression, or what needs none. Faithful in what nobody planned: classes and backslashes are taken over, so that `[^x]` takes a
 * slash and `\d` a digit, and `^`, `|` and `{2}` mean what they do to an expression wherever one is needed.
 */
class Translation {
  readonly #letters: readonly string[];
  #at = 0;
  #kind: Kind = 'exact';
  #expression = '^';

  constructor(text: string) {
    this.#letters = Array.from(text);
  }

  read(): { readonly kind: Kind; readonly expression: string } {
    while (this.#at < this.#letters.length) {
      const isFirst = this.#at === 0;
      const letter = this.#next();
      if (letter !== '*') this.#take(letter);
      else if (this.#peek() === '*') this.#takeStars(isFirst);
      else this.#needs('[^/]*');
    }
    return { kind: this.#kind, expression: this.#expression };
  }

  #peek(): string {
    return this.#letters[this.#at] ?? '';
  }

  #next(): string {
    const letter = this.#peek();
    this.#at += 1;
    return letter;
  }

  #needs(expression: string): void {
    this.#expression += expression;
    this.#kind = 'expression';
  }

  #takeStars(isFirst: boolean): void {
    this.#next();
    if (this.#peek() === '/') this.#next();
    if (this.#at < this.#letters.length) this.#needs('(.*/)?');
    else if (this.#kind === 'exact') this.#kind = 'prefix';
    else this.#needs('.*');
    if (isFirst) this.#kind = 'suffix';
  }

  #take(letter: string): void {
    if (letter === '?') this.#needs('[^/]');
    else if (letter === '[' || letter === ']') this.#needs(letter);
    else if ('.+()$'.includes(letter)) this.#expression += `\\${letter}`;
    else if (letter === '\\') this.#needs(`\\${this.#next()}`);
    else this.#expression += letter;
  }
}
