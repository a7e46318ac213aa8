import type { Steps } from '../../../base/steps.ts';
import { expandWord, expandWords } from '../../../grammar/dockerfile/expand.ts';

/** Variables in the order in which they were set last, and words into which they are put. */
export class Scope {
  readonly #values: Map<string, string>;

  constructor(
    private readonly options: { readonly escape: string; readonly steps: Steps },
    values: Iterable<readonly [string, string]> = [],
  ) {
    this.#values = new Map(values);
  }

  copy(): Scope {
    this.options.steps.take(this.#values.size);
    return new Scope(this.options, this.#values);
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: string): void {
    this.#values.delete(name);
    this.#values.set(name, value);
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** "A=1" */
  get list(): readonly string[] {
    this.options.steps.take(this.#values.size);
    return [...this.#values].map(([name, value]) => `${name}=${value}`);
  }

  /** @param unmatched gets the names that are not set @throws AppError invalid in BuildKit's words */
  expand(word: string, unmatched: Set<string> = new Set()): string {
    return expandWord(word, this.#variables(unmatched), this.options);
  }

  /** The content of a heredoc: quotes are letters as others, and `\\` is what escapes whatever the file says. */
  expandContent(text: string, unmatched: Set<string> = new Set()): string {
    return expandWord(text, this.#variables(unmatched), { steps: this.options.steps, quotesAreLetters: true });
  }

  expandAll(word: string, unmatched: Set<string> = new Set()): readonly string[] {
    return expandWords(word, this.#variables(unmatched), this.options);
  }

  /** A line as it is shown; one that makes no sense stays as it is. @param keepsQuotes what is not set stays, too @param hidden names whose values are nobody's business */
  shown(line: string, keepsQuotes: boolean, hidden: readonly string[] = []): string {
    try {
      return expandWord(line, (name) => (hidden.includes(name) ? '****' : this.get(name)), { ...this.options, shown: keepsQuotes });
    } catch {
      return line;
    }
  }

  #variables(unmatched: Set<string>): (name: string) => string | undefined {
    return (name) => {
      const value = this.get(name);
      if (value === undefined) unmatched.add(name);
      return value;
    };
  }
}
