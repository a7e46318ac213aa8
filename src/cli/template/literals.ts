import { ownValue } from '../../base/record.ts';
import { goQuote } from '../../grammar/go-quote.ts';

/** A literal that Go would not take, in its words. */
export class LiteralError extends Error {}

/** `'a'` as the number of its rune. Throws LiteralError. */
export function character(literal: string): bigint {
  const text = unquote(literal);
  const code = text.codePointAt(0);
  if (code === undefined) throw new LiteralError('invalid syntax');
  if (text.length !== String.fromCodePoint(code).length) throw new LiteralError(`malformed character constant: ${literal}`);
  return BigInt(code);
}

/** A quoted or raw string as it is meant. Throws LiteralError. */
export function unquote(literal: string): string {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  return literal
    .slice(1, -1)
    .replace(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3}|.)/g, (_whole, code: string) => unescape(code));
}

function unescape(code: string): string {
  if (/^[xuU]./.test(code)) {
    const rune = Number.parseInt(code.slice(1), 16);
    if (rune > 0x10ffff || (rune >= 0xd800 && rune < 0xe000)) throw new LiteralError('invalid syntax');
    return String.fromCodePoint(rune);
  }
  if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
  const plain = ownValue(simpleEscapes, code);
  if (plain === undefined) throw new LiteralError('invalid syntax');
  return plain;
}

/** Digits of a decimal number that 64 bits can hold. */
const mostDigits = 20;

/** A whole number within 64 bits, or a float. Throws LiteralError. */
export function number(literal: string): bigint | number {
  if (!integerSyntax.test(literal) && !floatSyntax.test(literal)) throw new LiteralError(`illegal number syntax: ${goQuote(literal)}`);
  if (/^[-+]?0x/i.test(literal) && /p/i.test(literal)) return hexFloat(literal);
  const plain = literal.replaceAll('_', '').toLowerCase();
  const unsigned = plain.replace(/^[-+]/, '');
  if (!/^0x/.test(unsigned) && /[.e]/.test(unsigned)) return Number(plain);
  const overflow = new LiteralError(`integer overflow: ${goQuote(literal)}`);
  if (/^0[89]/.test(unsigned) || (/^[1-9]/.test(unsigned) && unsigned.length > mostDigits)) throw overflow;
  const octal = /^0[0-7]+$/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned;
  const value = plain.startsWith('-') ? -BigInt(octal) : BigInt(octal);
  const isUnsigned = BigInt.asUintN(64, value) === value;
  if (!isUnsigned && BigInt.asIntN(64, value) !== value) throw overflow;
  return value;
}

/** Go's literals, underscores included. */
const integerSyntax = /^[-+]?(?:0[xX](?:_?[\da-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|\d(?:_?\d)*)$/;
const floatSyntax =
  /^[-+]?(?:0[xX](?:(?:_?[\da-fA-F])+(?:\.[\da-fA-F]*)?|\.[\da-fA-F]+)[pP][-+]?\d+|(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d+)?)$/;

/** `0x1.8p-2` */
function hexFloat(text: string): number {
  const [mantissa = '', exponent = '0'] = text.replaceAll('_', '').toLowerCase().split('p');
  const [whole = '', fraction = ''] = mantissa.replace(/^[-+]?0x/, '').split('.');
  const digits = [...(whole + fraction)].reduce((sum, digit) => sum * 16 + Number.parseInt(digit, 16), 0);
  return (text.startsWith('-') ? -1 : 1) * digits * 2 ** (Number(exponent) - 4 * fraction.length);
}

const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};
