import type { Steps } from '../../base/steps.ts';
import { FlagValueError } from '../errors.ts';
import { goQuote } from '../go-quote.ts';

/** A whole number of 64 bits as Go holds it; a bigint where a number would not be exact. */
export type Integer = number | bigint;

const trueWords = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const falseWords = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Go's strconv.ParseBool. */
export function parseBool(text: string): boolean {
  if (trueWords.has(text)) return true;
  if (falseWords.has(text)) return false;
  throw new FlagValueError(`strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`);
}

/** Go's strconv.ParseInt with base 0 (0x, 0o, 0b, leading 0 and underscores between digits). */
export function parseInteger(text: string, bits: 16 | 32 | 64 = 64): Integer {
  return parseRange(text, 'ParseInt', -(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n);
}

/** Go's strconv.ParseInt with base 10. */
export function parseDecimal(text: string): Integer {
  if (!/^[-+]?\d+$/.test(text)) throw invalidSyntax('ParseInt', text);
  return inRange(bigintOf(text), { text, verb: 'ParseInt', least: -(2n ** 63n), most: 2n ** 63n - 1n });
}

/** A port, as strconv.ParseUint with base 10 and 16 bits reads it. */
export function parsePort(text: string): number {
  if (!/^\d+$/.test(text)) throw invalidSyntax('ParseUint', text);
  return Number(inRange(bigintOf(text), { text, verb: 'ParseUint', least: 0n, most: 65535n }));
}

/** Go's strconv.ParseUint with base 0. */
export function parseUnsigned(text: string, bits: 16 | 64 = 64): Integer {
  if (/^[-+]/.test(text)) throw invalidSyntax('ParseUint', text);
  return parseRange(text, 'ParseUint', 0n, 2n ** BigInt(bits) - 1n);
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
  if (value < least || value > most) throw new FlagValueError(`strconv.${verb}: parsing ${goQuote(text)}: value out of range`);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
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

function invalidSyntax(verb: string, text: string): FlagValueError {
  return new FlagValueError(`strconv.${verb}: parsing ${goQuote(text)}: invalid syntax`);
}

/** Characters of a number of CPUs: to divide takes longer than its digits are many. */
const longestRational = 1024;

/** `--cpus`: a rational number of CPUs as billionths of one. */
export function parseNanoCpus(text: string): Integer {
  if (text.length > longestRational) throw new FlagValueError(`failed to parse ${text.slice(0, longestRational)}… as a rational number`);
  const parts = /^([-+]?)(\d+)(?:\.(\d*))?(?:[eE]([-+]?\d{1,3}))?$|^([-+]?)()\.(\d+)(?:[eE]([-+]?\d{1,3}))?$/.exec(text);
  const fraction = /^([-+]?\d+)\/(\d+)$/.exec(text);
  if (fraction?.[1] !== undefined && fraction[2] !== undefined && BigInt(fraction[2]) !== 0n) {
    return exactNano(BigInt(fraction[1]), BigInt(fraction[2]));
  }
  if (parts === null) throw new FlagValueError(`failed to parse ${text} as a rational number`);
  const sign = (parts[1] ?? parts[5]) === '-' ? -1n : 1n;
  const decimals = parts[3] ?? parts[7] ?? '';
  const exponent = Number(parts[4] ?? parts[8] ?? 0) - decimals.length;
  const digits = sign * BigInt(`${parts[2] ?? parts[6] ?? ''}${decimals}`);
  return exponent >= 0 ? exactNano(digits * 10n ** BigInt(exponent), 1n) : exactNano(digits, 10n ** BigInt(-exponent));
}

function exactNano(numerator: bigint, denominator: bigint): Integer {
  const nano = numerator * 1_000_000_000n;
  if (nano % denominator !== 0n) throw new FlagValueError('value is too precise');
  // As big.Int.Int64: what is beyond 64 bits is lost, in Docker's client, too.
  const whole = BigInt.asIntN(64, nano / denominator);
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}

const unitPowers: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/** go-units' RAMInBytes: `64m`, `1.5GiB`, `512 kb`, a plain number of bytes. */
export function parseRamBytes(text: string, steps?: Steps): number {
  const separator = lastIndexOfAny(text, '0123456789. ', steps);
  if (separator === -1) throw new FlagValueError(`invalid size: '${text}'`);
  const number = text.slice(0, text[separator] === ' ' ? separator : separator + 1);
  const rest = text.slice(separator + 1);
  const suffix = rest.length > 3 ? rest : rest.toLowerCase();
  const size = parseFloat64(number);
  if (size < 0) throw new FlagValueError(`invalid size: '${text}'`);
  if (suffix === '' || suffix === 'b') return toInt64(size);
  const power = unitPowers[suffix.charAt(0)];
  if (power === undefined || !['', 'b', 'ib'].includes(suffix.slice(1))) throw new FlagValueError(`invalid suffix: '${suffix}'`);
  return toInt64(size * 1024 ** power);
}

/** Go's conversion of a float64, which on amd64 gives the least integer for what is too large. */
function toInt64(size: number): number {
  return size >= 2 ** 63 ? -(2 ** 63) : Math.trunc(size);
}

/** Go's strconv.ParseFloat of decimal numbers. */
function parseFloat64(text: string): number {
  if (!/^[-+]?(\d(_?\d)*(\.(\d(_?\d)*)?)?|\.\d(_?\d)*)([eE][-+]?\d+)?$/.test(text)) throw invalidSyntax('ParseFloat', text);
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isFinite(value)) throw new FlagValueError(`strconv.ParseFloat: parsing ${goQuote(text)}: value out of range`);
  return value;
}

function lastIndexOfAny(text: string, characters: string, steps?: Steps): number {
  for (let index = text.length - 1; index >= 0; index--) {
    steps?.take();
    if (characters.includes(text.charAt(index))) return index;
  }
  return -1;
}
