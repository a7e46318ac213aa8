import { AppError } from '../base/errors.ts';

const nanosPerSecond = 1_000_000_000n;

const largest = 2n ** 63n;

/**
 * "1700000000" or "1700000000.123456789", as clients send `since` and `until` (moby: api/types/time ParseTimestamps). @returns nanoseconds since the epoch
 * @throws AppError internal in Go's words, as moby answers
 */
export function parseTimestamp(text: string): bigint {
  const point = text.indexOf('.');
  const seconds = parseInt64(point < 0 ? text : text.slice(0, point));
  if (point < 0) return seconds * nanosPerSecond;
  const digits = text.slice(point + 1);
  const fraction = parseInt64(digits);
  return seconds * nanosPerSecond + (fraction * nanosPerSecond) / 10n ** BigInt(digits.length);
}

/** Go's strconv.ParseInt: never more digits than 64 bits have are made a number. */
function parseInt64(text: string): bigint {
  const refuse = (reason: string): AppError => new AppError('internal', `strconv.ParseInt: parsing ${JSON.stringify(text)}: ${reason}`);
  if (!/^[+-]?\d+$/.test(text)) throw refuse('invalid syntax');
  const digits = text.replace(/^[+-]?0*/, '');
  if (digits.length > 19) throw refuse('value out of range');
  const value = BigInt(digits === '' ? '0' : digits) * (text.startsWith('-') ? -1n : 1n);
  if (value >= largest || value < -largest) throw refuse('value out of range');
  return value;
}

/** RFC 3339 with always nine digits, in UTC (moby: jsonmessage.RFC3339NanoFixed). */
export function formatTimestamp(nanos: bigint): string {
  const millis = nanos / 1_000_000n;
  const fraction = (nanos % nanosPerSecond).toString().padStart(9, '0');
  return `${new Date(Number(millis)).toISOString().slice(0, 19)}.${fraction}Z`;
}
