import { AppError } from '../base/errors.ts';

const nanosPerSecond = 1_000_000_000n;

/** "1700000000" or "1700000000.123456789", as clients send `since` and `until` (moby: api/types/time). @returns nanoseconds since the epoch */
export function parseTimestamp(name: string, text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) {
    const parsed = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(parsed))
      throw new AppError('invalid', `invalid value for "${name}": failed to parse value as time or duration: ${text}`);
    return BigInt(parsed) * 1_000_000n;
  }
  const [, sign, seconds = '0', fraction = ''] = match;
  const nanos = BigInt(seconds) * nanosPerSecond + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -nanos : nanos;
}

/** RFC 3339 with always nine digits, in UTC (moby: jsonmessage.RFC3339NanoFixed). */
export function formatTimestamp(nanos: bigint): string {
  const millis = nanos / 1_000_000n;
  const fraction = (nanos % nanosPerSecond).toString().padStart(9, '0');
  return `${new Date(Number(millis)).toISOString().slice(0, 19)}.${fraction}Z`;
}
