import { AppError, type ErrorKind } from './errors.ts';

/**
 * Counts what a parser or a loop does with data from outside, one step a character, byte or turn. Parsers take one that may be left out, so that a test
 * can hold what they do against the size of what they were given (testing/growth.ts); with a limit it is the budget of a loop that has none by nature.
 */
export class Steps {
  #taken = 0;
  readonly #limit: number;
  readonly #what: string;
  readonly #kind: ErrorKind;

  /** @param limit steps, all there are unless given @param what that takes too many, for the error */
  constructor(limit = Number.POSITIVE_INFINITY, what = 'the input', kind: ErrorKind = 'exhausted') {
    this.#limit = limit;
    this.#what = what;
    this.#kind = kind;
  }

  /** @throws AppError exhausted unless another kind was given, once more than the limit were taken */
  take(count = 1): void {
    this.#taken += count;
    if (this.#taken > this.#limit) throw new AppError(this.#kind, `${this.#what} is too large`);
  }

  get taken(): number {
    return this.#taken;
  }
}
