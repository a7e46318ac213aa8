/** Words of an instruction as a Dockerfile has them: split as a shell does, variables put in (moby/buildkit: frontend/dockerfile/shell, lex.go). */
import { AppError, toAppError } from '../../../base/errors.ts';
import { Steps } from '../../../base/steps.ts';
import { goQuote } from '../../../grammar/go-quote.ts';

export type Variables = (name: string) => string | undefined;

/** Blanks outside of quotes part them; quotes and backslashes stay, for `expand`. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && /\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    word = (word ?? '') + character;
    if (character === '\\' && quote !== "'" && at + 1 < text.length) {
      at += 1;
      word += text.charAt(at);
    } else if (quote === character) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
  }
  if (word !== null) words.push(word);
  return words;
}

/**
 * Quotes taken off and variables put in.
 * @param steps one for each character read or put in
 * @throws AppError invalid, and what `steps` throws
 */
export function expand(text: string, variables: Variables, steps = new Steps()): string {
  try {
    return new Expansion(text, variables, steps).run();
  } catch (thrown) {
    const { kind, message } = toAppError(thrown);
    throw new AppError(kind, `failed to process ${goQuote(text)}: ${message}`, { cause: thrown });
  }
}

const nameStart = /[A-Za-z_]/;
const nameEnd = /[^A-Za-z0-9_]/;

class Expansion {
  #at = 0;

  constructor(
    readonly text: string,
    readonly variables: Variables,
    readonly steps: Steps,
  ) {}

  run(): string {
    let out = '';
    let quote = '';
    while (this.#at < this.text.length) {
      const character = this.#next();
      if (quote !== "'" && character === '$') out += this.#variable();
      else if (character === '\\' && quote === '') out += this.#next();
      else if (character === '\\' && quote === '"') out += this.#escaped();
      else if (character === quote) quote = '';
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else out += character;
    }
    if (quote !== '')
      throw new AppError('invalid', `unexpected end of statement while looking for matching ${quote === '"' ? 'double' : 'single'}-quote`);
    return out;
  }

  #next(): string {
    const character = this.text.charAt(this.#at);
    this.#at += 1;
    this.steps.take();
    return character;
  }

  /** Between double quotes a backslash stands for itself but before these. */
  #escaped(): string {
    const character = this.#next();
    return ['"', '$', '\\'].includes(character) ? character : `\\${character}`;
  }

  #variable(): string {
    const first = this.text.charAt(this.#at);
    if (first === '{') return this.#braced();
    const name = this.#name();
    return name === '' ? '$' : (this.#valueOf(name) ?? '');
  }

  #name(): string {
    const rest = this.text.slice(this.#at);
    const end = nameStart.test(rest.charAt(0)) ? rest.search(nameEnd) : 0;
    const name = end < 0 ? rest : rest.slice(0, end);
    this.#at += name.length;
    return name;
  }

  #valueOf(name: string): string | undefined {
    const value = this.variables(name);
    this.steps.take(name.length + (value?.length ?? 0));
    return value;
  }

  #braced(): string {
    const end = this.text.indexOf('}', this.#at);
    if (end < 0) throw new AppError('invalid', "syntax error: missing '}'");
    this.#at += 1;
    const name = this.#name();
    if (name === '') throw new AppError('invalid', 'bad substitution');
    const rest = this.text.slice(this.#at, end);
    this.#at = end + 1;
    const value = this.#valueOf(name);
    if (rest === '') return value ?? '';
    const [, colon = '', operator = '', word = ''] = /^(:?)([-+?])(.*)$/s.exec(rest) ?? [];
    if (operator === '') throw new AppError('invalid', `unsupported modifier (${rest}) in substitution`);
    const isSet = value !== undefined && (colon === '' || value !== '');
    const other = new Expansion(word, this.variables, this.steps).run();
    if (operator === '+') return isSet ? other : '';
    if (isSet) return value;
    if (operator === '?') throw new AppError('invalid', `${name}: ${word === '' ? 'not set' : word}`);
    return other;
  }
}
