import { AppError } from '../base/errors.ts';
import type { Steps } from '../base/steps.ts';
import { goQuote } from './go-quote.ts';

/** Nanoseconds a unit. */
const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const largest = 2n ** 63n - 1n;
/** Digits of a part that can still fit 63 bits, leading zeros apart; of a fraction that still count. */
const wholeDigits = 19;
const fractionDigits = 18;

/**
 * Go's time.ParseDuration, "1h15m30.918s".
 * @returns nanoseconds
 * @throws AppError invalid in Go's words: no duration, a unit missing or unknown, more than 63 bits hold
 */
export function parseDuration(text: string, steps?: Steps): bigint {
  const invalid = (): AppError => new AppError('invalid', `time: invalid duration ${goQuote(text)}`);
  const sign = text.startsWith('-') ? -1n : 1n;
  const rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0n;
  if (rest === '') throw invalid();
  // From where the last part ended, so that no digit is looked at twice.
  const number = /(\d*)(?:\.(\d*))?/y;
  const word = /[^.\d]*/y;
  let sum = 0n;
  while (word.lastIndex < rest.length) {
    number.lastIndex = word.lastIndex;
    const [given = '', digits = '', fraction = ''] = number.exec(rest) ?? [];
    steps?.take(1 + given.length);
    if (digits + fraction === '') throw invalid();
    word.lastIndex = number.lastIndex;
    const unit = word.exec(rest)?.[0] ?? '';
    steps?.take(1 + unit.length);
    if (unit === '') throw new AppError('invalid', `time: missing unit in duration ${goQuote(text)}`);
    const size = units.get(unit);
    if (size === undefined) throw new AppError('invalid', `time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`);
    const whole = digits.replace(/^0+/, '');
    if (whole.length > wholeDigits) throw invalid();
    const part = fraction.slice(0, fractionDigits).padEnd(fractionDigits, '0');
    sum += BigInt(whole) * size + (BigInt(part) * size) / 10n ** BigInt(fractionDigits);
    if (sum > largest) throw invalid();
  }
  return sign * sum;
}

/** Go's time.Duration.String. @param nano nanoseconds */
export function formatDuration(nano: number): string {
  if (nano === 0) return '0s';
  if (nano < 0) return `-${formatDuration(-nano)}`;
  if (nano < 1e3) return `${nano}ns`;
  if (nano < 1e6) return `${nano / 1e3}µs`;
  if (nano < 1e9) return `${nano / 1e6}ms`;
  const seconds = nano / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const tail = `${Number((seconds % 60).toFixed(9))}s`;
  if (hours > 0) return `${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${minutes}m${tail}` : tail;
}
