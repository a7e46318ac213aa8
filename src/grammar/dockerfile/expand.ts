/** Variables put into a word, quotes taken off (moby/buildkit: frontend/dockerfile/shell, lex.go). */
import { AppError, toAppError } from '../../base/errors.ts';
import { Steps } from '../../base/steps.ts';
import { goQuote } from '../go-quote.ts';
import { readPattern, replaced, withoutPrefix, withoutSuffix } from './pattern.ts';

/** The value of a variable; undefined: it is not set. */
export type Variables = (name: string) => string | undefined;

export interface ExpandOptions {
  /** The file's escape character. */
  readonly escape?: string;
  /** One for each character read or put in. */
  readonly steps?: Steps;
  /** For a line that is shown: quotes stay, and variables that are not set stay as they are written. */
  readonly shown?: boolean;
  /** Of the content of a heredoc. */
  readonly quotesAreLetters?: boolean;
}

/** @throws AppError invalid in BuildKit's words, with the word in front; what `steps` throws */
export function expandWord(word: string, variables: Variables, options: ExpandOptions = {}): string {
  return expansion(word, variables, options).text;
}

/** The words that a word becomes: a variable outside of quotes may be several. @throws as expandWord */
export function expandWords(word: string, variables: Variables, options: ExpandOptions = {}): readonly string[] {
  return expansion(word, variables, options).words;
}

/** Words of a line in which heredocs are looked for: quotes and escapes stay, variables are nobody's. @throws as expandWord */
export function splitForHeredocs(line: string, escape: string, steps: Steps): readonly string[] {
  return new Expansion(line, { variables: () => undefined, escape, steps, raw: true, shown: false, quotesAreLetters: false }).whole().words;
}

interface Expanded {
  readonly text: string;
  readonly words: readonly string[];
}

function expansion(word: string, variables: Variables, options: ExpandOptions): Expanded {
  const { escape = '\\', steps = new Steps(), shown = false, quotesAreLetters = false } = options;
  try {
    return new Expansion(word, { variables, escape, steps, raw: false, shown, quotesAreLetters }).whole();
  } catch (thrown) {
    const { kind, message, detail } = toAppError(thrown);
    throw new AppError(kind, `failed to process ${goQuote(word)}: ${message}`, { cause: thrown, detail });
  }
}

interface Manner {
  readonly variables: Variables;
  readonly escape: string;
  readonly steps: Steps;
  /** Quotes, escapes and `$` stay as they are. */
  readonly raw: boolean;
  readonly shown: boolean;
  readonly quotesAreLetters: boolean;
}

/** What is collected: the text, and where blanks part it. */
class Words {
  text = '';
  readonly words: string[] = [];
  #word = '';
  #open = false;

  /** Of the word itself or of a variable: blanks part words. */
  add(text: string): void {
    this.text += text;
    if (!blank.test(text)) return text === '' ? undefined : this.#put(text);
    for (const piece of text.split(/(\s)/)) {
      if (blank.test(piece)) this.#end();
      else if (piece !== '') this.#put(piece);
    }
  }

  /** Escaped or plain: blanks are letters as others. */
  addWhole(text: string): void {
    if (text === '') return;
    this.text += text;
    this.#put(text);
  }

  /** Quoted: also nothing is a word. */
  addQuoted(text: string): void {
    this.text += text;
    this.#put(text);
  }

  end(): Expanded {
    this.#end();
    return { text: this.text, words: this.words };
  }

  #put(text: string): void {
    this.#word += text;
    this.#open = true;
  }

  #end(): void {
    if (this.#open) this.words.push(this.#word);
    this.#word = '';
    this.#open = false;
  }
}

const blank = /\s/;
const special = new Set(['@', '*', '#', '?', '-', '$', '!', '0']);
const plain = /[\w.,:;=+@-]+/y;
const letterOrDigit = /[\p{L}\p{Nd}_]/u;

class Expansion {
  #at = 0;

  constructor(
    private readonly text: string,
    private readonly manner: Manner,
  ) {}

  whole(): Expanded {
    return this.#until(null, false);
  }

  #peek(): string {
    return this.text.charAt(this.#at);
  }

  #next(): string {
    const letter = this.#peek();
    this.#at += 1;
    this.manner.steps.take();
    return letter;
  }

  get #keepsQuotes(): boolean {
    return this.manner.raw || this.manner.shown;
  }

  get #isOver(): boolean {
    return this.#at >= this.text.length;
  }

  /** Characters that mean nothing, as many as there are. */
  #plain(): string {
    plain.lastIndex = this.#at;
    const run = plain.exec(this.text)?.[0] ?? '';
    this.#at += run.length;
    this.manner.steps.take(run.length);
    return run;
  }

  /** @param stop what ends it, and is read; null: the end of the text @param keepsEscapes the text is a pattern */
  #until(stop: string | null, keepsEscapes: boolean): Expanded {
    const { raw, escape, quotesAreLetters } = this.manner;
    const found = new Words();
    while (!this.#isOver) {
      found.addWhole(this.#plain());
      if (this.#isOver) break;
      const letter = this.#next();
      if (letter === stop) return found.end();
      if (letter === "'" && !quotesAreLetters) found.addQuoted(this.#singleQuoted());
      else if (letter === '"' && !quotesAreLetters) found.addQuoted(this.#doubleQuoted(keepsEscapes));
      else if (letter === '$' && !raw) found.add(this.#variable());
      else if (letter !== escape) found.add(letter);
      else {
        if (keepsEscapes || raw) found.addWhole(letter);
        if (!this.#isOver) found.addWhole(this.#next());
      }
    }
    if (stop !== null) throw new Unfinished(`unexpected end of statement while looking for matching ${stop}`);
    return found.end();
  }

  #singleQuoted(): string {
    let text = '';
    while (!this.#isOver) {
      const letter = this.#next();
      if (letter === "'") return this.#keepsQuotes ? `'${text}'` : text;
      text += letter;
    }
    throw new Unfinished('unexpected end of statement while looking for matching single-quote');
  }

  #doubleQuoted(keepsEscapes: boolean): string {
    const { raw, escape } = this.manner;
    let text = '';
    while (!this.#isOver) {
      const letter = this.#next();
      if (letter === '"') return this.#keepsQuotes ? `"${text}"` : text;
      if (letter === '$' && !raw) text += this.#variable();
      else if (letter !== escape) text += letter;
      else {
        if (keepsEscapes || raw) text += letter;
        if (this.#isOver) break;
        // Before others it stands for itself.
        text += ['"', '$', escape].includes(this.#peek()) ? this.#next() : keepsEscapes || raw ? '' : letter;
      }
    }
    throw new Unfinished('unexpected end of statement while looking for matching double-quote');
  }

  #variable(): string {
    if (this.#peek() === '{') {
      this.#next();
      return this.#braced();
    }
    const name = this.#name();
    return name === '' ? '$' : (this.#valueOf(name) ?? this.#unset(`$${name}`));
  }

  /** Digits, one special character, or letters. '' = none of them */
  #name(): string {
    if (special.has(this.#peek())) return this.#next();
    const isNumber = /\p{Nd}/u.test(this.#peek());
    let name = '';
    while (isNumber ? /\p{Nd}/u.test(this.#peek()) : letterOrDigit.test(this.#peek())) name += this.#next();
    return name;
  }

  #valueOf(name: string): string | undefined {
    const value = this.manner.variables(name);
    this.manner.steps.take(name.length + (value?.length ?? 0));
    return value;
  }

  /** What stands for a variable that is not set. */
  #unset(written: string): string {
    return this.manner.shown ? written : '';
  }

  #braced(): string {
    if (this.#isOver) throw new AppError('invalid', "syntax error: missing '}'");
    if (['{', '}', ':'].includes(this.#peek())) throw new AppError('invalid', 'syntax error: bad substitution');
    const name = this.#name();
    const operator = this.#next();
    switch (operator) {
      case '}':
        return this.#valueOf(name) ?? this.#unset(`\${${name}}`);
      case ':':
        return this.#chosen(name, this.#next(), true);
      case '-':
      case '+':
      case '?':
        return this.#chosen(name, operator, false);
      case '#':
      case '%':
        return this.#trimmed(name, operator);
      case '/':
        return this.#replaced(name);
      default:
        throw unsupported(operator === '' ? '\ufffd' : operator);
    }
  }

  #word(stop: '}' | '/', keepsEscapes: boolean, missing: string): string {
    try {
      return this.#until(stop, keepsEscapes).text;
    } catch (thrown) {
      if (thrown instanceof Unfinished) throw new AppError('invalid', `syntax error: missing ${missing}`, { cause: thrown });
      throw thrown;
    }
  }

  /** @param emptyToo an empty value is as none */
  #chosen(name: string, operator: string, emptyToo: boolean): string {
    if (operator === '#' || operator === '%') throw unsupported(`:${operator}`);
    const word = this.#word('}', false, "'}'");
    if (!['-', '+', '?'].includes(operator)) throw unsupported(`:${operator}`);
    const value = this.#valueOf(name);
    if (this.manner.shown && value === undefined) return `\${${name}${emptyToo ? ':' : ''}${operator}${word}}`;
    const isSet = value !== undefined && !(emptyToo && value === '');
    if (operator === '+') return isSet ? word : '';
    if (isSet) return value;
    if (operator === '-') return word;
    const why = `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`;
    throw new AppError('invalid', `${name}: ${word === '' ? why : word}`);
  }

  #trimmed(name: string, operator: '#' | '%'): string {
    const word = this.#word('}', true, "'}'");
    const greedy = word.startsWith(operator);
    const pattern = patternOf(greedy ? word.slice(1) : word);
    const options = { greedy, steps: this.manner.steps };
    return (operator === '#' ? withoutPrefix : withoutSuffix)(pattern, this.#valueOf(name) ?? '', options);
  }

  #replaced(name: string): string {
    const all = this.#peek() === '/';
    if (all) this.#next();
    const pattern = this.#word('/', true, "'/' in ${}");
    const other = this.#word('}', true, "'}'");
    return replaced(patternOf(pattern), this.#valueOf(name) ?? '', other, { all, steps: this.manner.steps });
  }
}

/** The text ends in the middle of something. */
class Unfinished extends AppError {
  constructor(message: string) {
    super('invalid', message);
  }
}

function patternOf(text: string): ReturnType<typeof readPattern> {
  try {
    return readPattern(text);
  } catch (thrown) {
    throw new AppError('invalid', `invalid pattern (${text}) in substitution: ${toAppError(thrown).message}`, { cause: thrown });
  }
}

function unsupported(modifier: string): AppError {
  return new AppError('invalid', `unsupported modifier (${modifier}) in substitution`);
}
