import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { formatDuration } from '../../grammar/duration.ts';
import { canBackquote, goQuote, isPrintable, quoteRune } from '../../grammar/go-quote.ts';
import { formatBinary, formatFloat, formatHex } from '../../grammar/go-float.ts';
import { findField, keyType, typeName, type StructValue, type Value } from './value.ts';

/** The flags, width and precision of one directive. */
export interface Spec {
  minus: boolean;
  plus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  /** %+v and %#v, whose flags mean something of their own. */
  plusV: boolean;
  sharpV: boolean;
  width: number | null;
  precision: number | null;
}

export function plainSpec(): Spec {
  return { minus: false, plus: false, sharp: false, space: false, zero: false, plusV: false, sharpV: false, width: null, precision: null };
}

/** Addresses differ from run to run in Go; here there is one. */
const address = 0xc000012120n;
const replacement = 0xfffd;
const maxRune = 0x10ffff;

/** Go's fmt for the kinds that templates have. @see https://pkg.go.dev/fmt */
export class Printer {
  readonly #spec: Spec;
  /** Within the text of a bad verb nothing prints itself. */
  readonly #erroring: boolean;

  constructor(spec: Spec, erroring = false) {
    this.#spec = spec;
    this.#erroring = erroring;
  }

  /** A whole argument. */
  argument(value: Value, verb: string): string {
    if (value.kind === 'invalid') return 'Tv'.includes(verb) ? this.#pad('<nil>') : this.#badVerb(value, verb);
    if (verb === 'T') return this.#text(typeName(value));
    if (verb === 'p') return this.#pointer(value, verb);
    return this.#value(value, verb, 0);
  }

  #badVerb(value: Value, verb: string): string {
    if (value.kind === 'invalid') return `%!${verb}(<nil>)`;
    return `%!${verb}(${typeName(value)}=${new Printer(this.#spec, true).#value(value, 'v', 0)})`;
  }

  #value(value: Value, verb: string, depth: number): string {
    const own = this.#own(value);
    if (own !== null && 'vsxXq'.includes(verb)) return this.#string(own, verb) ?? this.#badVerb(value, verb);
    switch (value.kind) {
      case 'invalid':
        return verb === 'v' ? '<nil>' : this.#badVerb(value, verb);
      case 'bool':
        return 'tv'.includes(verb) ? this.#pad(String(value.value)) : this.#badVerb(value, verb);
      case 'int':
        return this.#integer(value.value, value.type.startsWith('uint'), verb) ?? this.#badVerb(value, verb);
      case 'float':
        return this.#float(value.value, verb) ?? this.#badVerb(value, verb);
      case 'string':
        return this.#string(value.value, verb) ?? this.#badVerb(value, verb);
      case 'interface':
        if (value.to === null) return this.#spec.sharpV ? `${value.type}(nil)` : '<nil>';
        return this.#value(value.to, verb, depth + 1);
      case 'pointer':
        if (depth > 0 || value.to === null || !['struct', 'map', 'slice'].includes(value.to.kind)) return this.#pointer(value, verb);
        return verb === 'w' ? this.#badVerb(value, verb) : `&${this.#value(value.to, verb, depth + 1)}`;
      default:
        return verb === 'w' ? this.#badVerb(value, verb) : this.#composite(value, verb, depth);
    }
  }

  /** What a String method says, of the types that have one. */
  #own(value: Value): string | null {
    if (this.#erroring || this.#spec.sharpV) return null;
    if (value.kind === 'int' && value.type === 'time.Duration') return formatDuration(Number(value.value));
    if (value.kind === 'string' && value.type === 'time.Time') return printTime(value.value);
    const isUlimit = value.kind === 'pointer' && value.to?.kind === 'struct' && value.to.type === 'units.Ulimit';
    return isUlimit && value.to?.kind === 'struct' ? printUlimit(value.to) : null;
  }

  #composite(value: Extract<Value, { kind: 'slice' | 'map' | 'struct' }>, verb: string, depth: number): string {
    const { sharpV, plusV } = this.#spec;
    const inner = (item: Value): string => this.#value(item, verb, depth + 1);
    const separator = sharpV ? ', ' : ' ';
    if (value.kind === 'struct') {
      const fields = value.fields.map((field) => `${plusV || sharpV ? `${field.name}:` : ''}${inner(withoutFilled(field.value))}`);
      return `${sharpV ? value.type : ''}{${fields.join(separator)}}`;
    }
    if (value.kind === 'slice') {
      if (sharpV && value.items === null) return `${value.type}(nil)`;
      const items = (value.items ?? []).map(inner).join(separator);
      return sharpV ? `${value.type}{${items}}` : `[${items}]`;
    }
    if (sharpV && value.entries === null) return `${value.type}(nil)`;
    const key = (name: string): string => inner({ kind: 'string', type: keyType(value), value: name });
    const entries = sortedEntries(value.entries).map(([name, item]) => `${key(name)}:${inner(item)}`);
    return sharpV ? `${value.type}{${entries.join(separator)}}` : `map[${entries.join(separator)}]`;
  }

  #pointer(value: Value, verb: string): string {
    const isNil =
      (value.kind === 'pointer' && value.to === null) ||
      (value.kind === 'slice' && value.items === null) ||
      (value.kind === 'map' && value.entries === null);
    if (!['pointer', 'slice', 'map'].includes(value.kind)) return this.#badVerb(value, verb);
    const place = isNil ? 0n : address;
    const { sharp, sharpV } = this.#spec;
    if (verb === 'v' && sharpV) return `(${typeName(value)})(${isNil ? 'nil' : this.#hex(place, true)})`;
    if (verb === 'v' && isNil) return this.#pad('<nil>');
    if (verb === 'v' || verb === 'p') return this.#hex(place, !sharp);
    return ('bodxX'.includes(verb) ? this.#integer(place, true, verb) : null) ?? this.#badVerb(value, verb);
  }

  #hex(value: bigint, leading: boolean): string {
    return new Printer({ ...this.#spec, sharp: leading }, this.#erroring).#digits(value, 16, 'v');
  }

  #integer(value: bigint, unsigned: boolean, verb: string): string | null {
    switch (verb) {
      case 'v':
        return this.#spec.sharpV && unsigned ? this.#hex(value, true) : this.#digits(value, 10, verb);
      case 'd':
        return this.#digits(value, 10, verb);
      case 'b':
        return this.#digits(value, 2, verb);
      case 'o':
      case 'O':
        return this.#digits(value, 8, verb);
      case 'x':
      case 'X':
        return this.#digits(value, 16, verb);
      case 'c':
        return this.#pad(String.fromCodePoint(runeOf(value)));
      case 'q':
        return this.#pad(quoteRune(runeOf(value), this.#spec.plus));
      case 'U':
        return this.#unicode(BigInt.asUintN(64, value));
      default:
        return null;
    }
  }

  #digits(value: bigint, base: number, verb: string): string {
    const spec = this.#spec;
    if (spec.precision === 0 && value === 0n) return ' '.repeat(spec.width ?? 0);
    const negative = value < 0n;
    let digits = (negative ? -value : value).toString(base);
    if (verb === 'X') digits = digits.toUpperCase();
    const signed = negative || spec.plus || spec.space;
    const least = spec.precision ?? (spec.zero && !spec.minus && spec.width !== null ? spec.width - (signed ? 1 : 0) : 0);
    digits = digits.padStart(least, '0');
    if (spec.sharp) {
      if (base === 2) digits = `0b${digits}`;
      if (base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
      if (base === 16) digits = (verb === 'X' ? '0X' : '0x') + digits;
    }
    if (verb === 'O') digits = `0o${digits}`;
    return this.#padPlain((negative ? '-' : spec.plus ? '+' : spec.space ? ' ' : '') + digits);
  }

  #unicode(value: bigint): string {
    const hex = value
      .toString(16)
      .toUpperCase()
      .padStart(Math.max(4, this.#spec.precision ?? 0), '0');
    const shown = this.#spec.sharp && value <= maxRune && isPrintable(String.fromCodePoint(Number(value)));
    return this.#padPlain(`U+${hex}${shown ? ` '${String.fromCodePoint(Number(value))}'` : ''}`);
  }

  #float(value: number, verb: string): string | null {
    const spec = this.#spec;
    const number = floatText(value, verb, spec.precision);
    if (number === null) return null;
    const negative = value < 0 || Object.is(value, -0);
    const sign = negative ? '-' : spec.plus ? '+' : spec.space ? ' ' : '';
    if (!Number.isFinite(value)) return this.#padPlain(Number.isNaN(value) ? (sign === '-' ? '' : sign) + number : (sign || '+') + number);
    const text = spec.sharp && verb !== 'b' ? withPoint(number, verb, spec.precision) : number;
    if (sign !== '' && spec.zero && !spec.minus && spec.width !== null) return sign + text.padStart(spec.width - 1, '0');
    return this.#pad(sign + text);
  }

  #string(text: string, verb: string): string | null {
    switch (verb) {
      case 'v':
        return this.#spec.sharpV ? this.#quoted(text) : this.#text(text);
      case 's':
        return this.#text(text);
      case 'q':
        return this.#quoted(text);
      case 'x':
      case 'X':
        return this.#hexText(text, verb);
      default:
        return null;
    }
  }

  #text(text: string): string {
    return this.#pad(this.#cut(text));
  }

  #cut(text: string): string {
    const { precision } = this.#spec;
    return precision === null || precision >= text.length ? text : firstRunes(text, precision);
  }

  #quoted(text: string): string {
    const cut = this.#cut(text);
    return this.#pad(this.#spec.sharp && canBackquote(cut) ? `\`${cut}\`` : goQuote(cut, this.#spec.plus));
  }

  #hexText(text: string, verb: string): string {
    const { space, sharp, precision } = this.#spec;
    const bytes = utf8(text).slice(0, precision ?? undefined);
    if (bytes.length === 0) return this.#pad('');
    const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
    const prefix = sharp ? '0x' : '';
    const hex = space ? pairs.map((pair) => prefix + pair).join(' ') : prefix + pairs.join('');
    return this.#pad(verb === 'x' ? hex : hex.toUpperCase());
  }

  /** With zeros on the left where they were asked for. */
  #pad(text: string): string {
    const { zero, minus } = this.#spec;
    return this.#padWith(text, zero && !minus ? '0' : ' ');
  }

  #padPlain(text: string): string {
    return this.#padWith(text, ' ');
  }

  #padWith(text: string, filling: string): string {
    const { width, minus } = this.#spec;
    if (width === null || width === 0) return text;
    const missing = width - runeCount(text);
    if (missing <= 0) return text;
    return minus ? text + ' '.repeat(missing) : filling.repeat(missing) + text;
  }
}

/** Go looks through an interface in a field before anything else. */
function withoutFilled(value: Value): Value {
  return value.kind === 'interface' && value.to !== null ? value.to : value;
}

function runeOf(value: bigint): number {
  if (value < 0n || value > maxRune) return replacement;
  const rune = Number(value);
  return rune >= 0xd800 && rune < 0xe000 ? replacement : rune;
}

export function runeCount(text: string): number {
  let count = 0;
  for (const _rune of text) count++;
  return count;
}

function firstRunes(text: string, count: number): string {
  let taken = 0;
  let at = 0;
  for (const rune of text) {
    if (taken++ === count) break;
    at += rune.length;
  }
  return text.slice(0, at);
}

/** Without a sign. null: no verb of floats. */
function floatText(value: number, verb: string, precision: number | null): string | null {
  if (!'vbgGxXfFeE'.includes(verb)) return null;
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return 'Inf';
  switch (verb) {
    case 'v':
    case 'g':
      return formatFloat(value, 'g', precision ?? -1);
    case 'G':
      return formatFloat(value, 'g', precision ?? -1).toUpperCase();
    case 'e':
      return formatFloat(value, 'e', precision ?? 6);
    case 'E':
      return formatFloat(value, 'e', precision ?? 6).toUpperCase();
    case 'f':
    case 'F':
      return formatFloat(value, 'f', precision ?? 6);
    case 'b':
      return formatBinary(value);
    default:
      return verb === 'x' ? formatHex(value, precision ?? -1) : formatHex(value, precision ?? -1).toUpperCase();
  }
}

/** The # flag: a decimal point always, and for %g the zeros at the end. */
function withPoint(number: string, verb: string, precision: number | null): string {
  const tailAt = 'xX'.includes(verb) ? number.search(/p/i) : number.search(/e/i);
  const body = tailAt === -1 ? number : number.slice(0, tailAt);
  const significant = body.replace(/^0x/i, '').replace('.', '').replace(/^0+/, '').length;
  const wanted = 'vgG'.includes(verb) ? (precision ?? 6) : 0;
  const missing = wanted - significant - (body === '0' ? 1 : 0);
  return `${body}${body.includes('.') ? '' : '.'}${'0'.repeat(Math.max(0, missing))}${tailAt === -1 ? '' : number.slice(tailAt)}`;
}

/** units.Ulimit.String: `nofile=1024:2048` */
function printUlimit(ulimit: StructValue): string {
  const field = (name: string): string => new Printer(plainSpec()).argument(findField(ulimit, name) ?? { kind: 'invalid' }, 'v');
  return `${field('Name')}=${field('Soft')}:${field('Hard')}`;
}

/** time.Time.String of an RFC 3339 text. */
function printTime(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|([-+]\d\d):(\d\d))$/.exec(text);
  if (match === null) return text;
  const fraction = (match[3] ?? '').replace(/\.?0{0,9}$/, '');
  return `${match[1]} ${match[2]}${fraction} ${match[5] === undefined ? '+0000 UTC' : `${match[5]}${match[6]} ${match[5]}${match[6]}`}`;
}

export function sortedEntries(entries: ReadonlyMap<string, Value> | null): (readonly [string, Value])[] {
  return [...(entries ?? [])].sort(([a], [b]) => compareRunes(a, b));
}

/** Go's string of bytes from one place to another; what is cut within a character shows as U+FFFD. */
export function bytesOf(text: string, start: number, end: number): string {
  return fromUtf8(utf8(text).slice(start, end));
}

/** As Go compares strings, by their bytes: characters beyond the 16-bit ones come last, unlike in UTF-16. */
export function compareRunes(a: string, b: string): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return isHalf(left) === isHalf(right) ? left - right : isHalf(left) ? 1 : -1;
  }
  return a.length - b.length;
}

function isHalf(code: number): boolean {
  return code >= 0xd800 && code < 0xe000;
}
