import { plainSpec, Printer, sortedEntries, type Spec } from './printer.ts';
import { typeName, type Value } from './value.ts';

export { sortedEntries };

/** Go's %v. */
export function sprint(value: Value): string {
  return new Printer(plainSpec()).argument(value, 'v');
}

/** Go's fmt.Sprint: a space between two operands when neither is a string. */
export function sprintAll(values: readonly Value[]): string {
  let text = '';
  values.forEach((value, index) => {
    const before = values[index - 1];
    if (before !== undefined && !isText(before) && !isText(value)) text += ' ';
    text += sprint(value);
  });
  return text;
}

function isText(value: Value): boolean {
  return value.kind === 'string' && value.type !== 'time.Time';
}

/** Go's fmt.Sprintf for the kinds templates have. */
export function sprintf(format: string, args: readonly Value[]): string {
  return new Formatting(format, args).run();
}

/** Go's limit for a width, a precision and the number of an argument. */
const largest = 1_000_000;

class Formatting {
  readonly #format: string;
  readonly #args: readonly Value[];
  readonly #lastBracket: number;
  #at = 0;
  #argument = 0;
  #reordered = false;
  #goodIndex = true;
  /** An index was just read that nothing has used. */
  #afterIndex = false;

  constructor(format: string, args: readonly Value[]) {
    this.#format = format;
    this.#args = args;
    this.#lastBracket = format.lastIndexOf(']');
  }

  run(): string {
    let text = '';
    for (;;) {
      const next = this.#format.indexOf('%', this.#at);
      if (next === -1) return text + this.#format.slice(this.#at) + this.#extra();
      text += this.#format.slice(this.#at, next);
      this.#at = next + 1;
      text += this.#directive();
    }
  }

  #directive(): string {
    this.#goodIndex = true;
    this.#afterIndex = false;
    const spec = plainSpec();
    this.#flags(spec);
    this.#index();
    const complaints = this.#width(spec) + this.#precision(spec);
    if (!this.#afterIndex) this.#index();
    const rune = this.#format.codePointAt(this.#at);
    if (rune === undefined) return `${complaints}%!(NOVERB)`;
    const verb = String.fromCodePoint(rune);
    this.#at += verb.length;
    return complaints + this.#apply(spec, verb);
  }

  #apply(spec: Spec, verb: string): string {
    if (verb === '%') return '%';
    if (!this.#goodIndex) return `%!${verb}(BADINDEX)`;
    const value = this.#args[this.#argument];
    if (value === undefined) return `%!${verb}(MISSING)`;
    this.#argument++;
    // A verb of errors only, but its flags are those of %v.
    if (verb === 'v' || verb === 'w') {
      spec.sharpV = spec.sharp;
      spec.plusV = spec.plus;
      spec.sharp = false;
      spec.plus = false;
    }
    return new Printer(spec).argument(value, verb);
  }

  #flags(spec: Spec): void {
    for (; ; this.#at++) {
      switch (this.#format[this.#at]) {
        case '#':
          spec.sharp = true;
          break;
        case '0':
          spec.zero = true;
          break;
        case '+':
          spec.plus = true;
          break;
        case '-':
          spec.minus = true;
          break;
        case ' ':
          spec.space = true;
          break;
        default:
          return;
      }
    }
  }

  /** @returns what is wrong with it */
  #width(spec: Spec): string {
    if (this.#format[this.#at] !== '*') {
      spec.width = this.#number(this.#format.length);
      if (this.#afterIndex && spec.width !== null) this.#goodIndex = false;
      return '';
    }
    this.#at++;
    const width = this.#integerArgument();
    this.#afterIndex = false;
    if (width === null) return '%!(BADWIDTH)';
    spec.width = Math.abs(width);
    if (width < 0) {
      spec.minus = true;
      spec.zero = false;
    }
    return '';
  }

  #precision(spec: Spec): string {
    // A point at the very end is a verb.
    if (this.#format[this.#at] !== '.' || this.#at + 1 === this.#format.length) return '';
    this.#at++;
    if (this.#afterIndex) this.#goodIndex = false;
    this.#index();
    if (this.#format[this.#at] !== '*') {
      spec.precision = this.#number(this.#format.length) ?? 0;
      return '';
    }
    this.#at++;
    const precision = this.#integerArgument();
    this.#afterIndex = false;
    if (precision === null || precision < 0) return '%!(BADPREC)';
    spec.precision = precision;
    return '';
  }

  /** `[3]`: which argument is next. */
  #index(): void {
    this.#afterIndex = false;
    if (this.#format[this.#at] !== '[') return;
    this.#reordered = true;
    // Go wants three characters at least: `[1]`.
    const close = this.#at + 3 <= this.#format.length && this.#at < this.#lastBracket ? this.#format.indexOf(']', this.#at) : -1;
    if (close === -1) {
      this.#goodIndex = false;
      this.#at++;
      return;
    }
    this.#at++;
    const number = this.#number(close);
    const isNumber = number !== null && this.#at === close;
    this.#at = close + 1;
    this.#afterIndex = isNumber;
    if (isNumber && number >= 1 && number <= this.#args.length) this.#argument = number - 1;
    else this.#goodIndex = false;
  }

  /** Digits up to `end`; too many of them take all the rest with them, as in Go. */
  #number(end: number): number | null {
    let number: number | null = null;
    for (; this.#at < end; this.#at++) {
      const digit = this.#format.charCodeAt(this.#at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      if (number !== null && number > largest) {
        this.#at = end;
        return null;
      }
      number = (number ?? 0) * 10 + digit;
    }
    return number;
  }

  #integerArgument(): number | null {
    const value = this.#args[this.#argument];
    if (value === undefined) return null;
    this.#argument++;
    const isSmall = value.kind === 'int' && value.value <= largest && value.value >= -largest;
    return isSmall ? Number(value.value) : null;
  }

  #extra(): string {
    const rest = this.#args.slice(this.#argument);
    if (this.#reordered || rest.length === 0) return '';
    return `%!(EXTRA ${rest.map((value) => (value.kind === 'invalid' ? '<nil>' : `${typeName(value)}=${sprint(value)}`)).join(', ')})`;
  }
}
