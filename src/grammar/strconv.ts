/** Numbers and booleans as Go's strconv reads them. */
import { AppError } from '../base/errors.ts';
import { goQuote } from './go-quote.ts';

/** A whole number of 64 bits as Go holds it; a bigint where a number would not be exact. */
export type Integer = number | bigint;

/** As a number where that is exact. */
export function integerOf(value: bigint): Integer {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const trueWords = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseWords = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** strconv.ParseBool; null for what it refuses. */
export function readBool(text: string): boolean | null {
  return trueWords.has(text) ? true : falseWords.has(text) ? false : null;
}

/** strconv.ParseBool. @throws AppError invalid in Go's words */
export function parseBool(text: string): boolean {
  const value = readBool(text);
  if (value === null) throw invalidSyntax('ParseBool', text);
  return value;
}

/** strconv.ParseInt with base 0 (0x, 0o, 0b, leading 0 and underscores between digits). @throws AppError invalid in Go's words */
export function parseInteger(text: string, bits: 16 | 32 | 64 = 64): Integer {
  return parseRange(text, 'ParseInt', -(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n);
}

/** strconv.ParseInt with base 10. @throws AppError invalid in Go's words */
export function parseDecimal(text: string): Integer {
  if (!/^[-+]?\d+$/.test(text)) throw invalidSyntax('ParseInt', text);
  return inRange(bigintOf(text), { text, verb: 'ParseInt', least: -(2n ** 63n), most: 2n ** 63n - 1n });
}

/** A port, as strconv.ParseUint with base 10 and 16 bits reads it. @throws AppError invalid in Go's words */
export function parsePort(text: string): number {
  if (!/^\d+$/.test(text)) throw invalidSyntax('ParseUint', text);
  return Number(inRange(bigintOf(text), { text, verb: 'ParseUint', least: 0n, most: 65535n }));
}

/** strconv.ParseUint with base 0. @throws AppError invalid in Go's words */
export function parseUnsigned(text: string, bits: 16 | 64 = 64): Integer {
  if (/^[-+]/.test(text)) throw invalidSyntax('ParseUint', text);
  return parseRange(text, 'ParseUint', 0n, 2n ** BigInt(bits) - 1n);
}

/** strconv.ParseFloat of decimal numbers. @throws AppError invalid in Go's words */
export function parseFloat64(text: string): number {
  if (!/^[-+]?(\d(_?\d)*(\.(\d(_?\d)*)?)?|\.\d(_?\d)*)([eE][-+]?\d+)?$/.test(text)) throw invalidSyntax('ParseFloat', text);
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value)) throw new AppError('invalid', `strconv.ParseFloat: parsing ${goQuote(text)}: value out of range`);
  return value;
}

function parseRange(text: string, verb: string, least: bigint, most: bigint): Integer {
  const digits = /^([-+]?)(0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])*|[1-9](?:_?[0-9])*)$/.exec(text);
  const body = digits?.[2];
  if (body === undefined || /^0[oO]$/.test(body)) throw invalidSyntax(verb, text);
  const plain = body.replaceAll('_', '').toLowerCase();
  const magnitude = bigintOf(/^0[0-7]+$/.test(plain) ? `0o${plain.slice(1)}` : plain);
  return inRange(digits?.[1] === '-' ? -magnitude : magnitude, { text, verb, least, most });
}

interface Range {
  readonly text: string;
  readonly verb: string;
  readonly least: bigint;
  readonly most: bigint;
}

function inRange(value: bigint, { text, verb, least, most }: Range): Integer {
  if (value < least || value > most) throw new AppError('invalid', `strconv.${verb}: parsing ${goQuote(text)}: value out of range`);
  return integerOf(value);
}

/** Digits of the longest number of 64 bits, 0b and all. */
const mostDigits = 66;

/** To read a number takes longer than its digits are many: what is beyond every range anyway is not read. */
function bigintOf(text: string): bigint {
  const sign = text.startsWith('-') ? -1n : 1n;
  const unsigned = text.replace(/^[-+]/, '');
  const prefix = /^0[xob]/i.exec(unsigned)?.[0] ?? '';
  const digits = unsigned.slice(prefix.length).replace(/^0+/, '');
  if (digits.length > mostDigits) return sign << 80n;
  return sign * BigInt(`${prefix}0${digits}`);
}

function invalidSyntax(verb: string, text: string): AppError {
  return new AppError('invalid', `strconv.${verb}: parsing ${goQuote(text)}: invalid syntax`);
}
