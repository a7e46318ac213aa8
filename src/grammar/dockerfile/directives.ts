/** `# NAME=VALUE` at the head of a Dockerfile (moby/buildkit: frontend/dockerfile/parser, directives.go). */
import { refusedAt } from './parse-error.ts';

export interface Directives {
  /** The frontend's image of `# syntax=`; there is one frontend here, so that it changes nothing. null: not given */
  readonly syntax: string | null;
  /** What `# check=` says of the build's checks. null: not given */
  readonly check: string | null;
  readonly escape: '\\' | '`';
}

const names = ['syntax', 'check', 'escape'] as const;
type Name = (typeof names)[number];

/** Reads directives from line to line until one is none. */
export class DirectiveReader {
  readonly #found = new Map<Name, string>();
  #line = 0;
  #done = false;

  get directives(): Directives {
    return { syntax: this.#found.get('syntax') ?? null, check: this.#found.get('check') ?? null, escape: this.escape };
  }

  get escape(): '\\' | '`' {
    return this.#found.get('escape') === '`' ? '`' : '\\';
  }

  /** @param text the next line, without what ends it. @throws AppError invalid: given twice; an escape that is neither \ nor ` */
  read(text: string): void {
    this.#line += 1;
    if (this.#done) return;
    const found = /^#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=(.*)$/.exec(text);
    const name = names.find((known) => known === found?.[1]?.toLowerCase());
    const value = found?.[2]?.trim() ?? '';
    if (name === undefined || value === '') {
      this.#done = true;
      return;
    }
    const here = { start: this.#line, end: this.#line };
    if (this.#found.has(name)) throw refusedAt(here, `only one ${name} parser directive can be used`);
    if (name === 'escape' && value !== '\\' && value !== '`')
      throw refusedAt(here, `invalid escape token '${value}' does not match \` or \\`);
    this.#found.set(name, value);
  }
}
