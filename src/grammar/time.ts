import { trimEndOf } from '../base/trim.ts';

/** Times as Go writes them. */
/** The years that four digits write: an engine may claim any time. */
const firstTime = Date.parse('0001-01-01T00:00:00Z');
const lastTime = Date.UTC(9999, 11, 31, 23, 59, 59);

function isoTime(milliseconds: number): string {
  const whole = Number.isNaN(milliseconds) ? 0 : milliseconds;
  return new Date(Math.max(firstTime, Math.min(lastTime, whole))).toISOString();
}

/** Go's time.Time.String of a Unix time, in UTC. @param seconds since the epoch */
export function goTime(seconds: number): string {
  return `${isoTime(seconds * 1000)
    .slice(0, 19)
    .replace('T', ' ')} +0000 UTC`;
}

/** RFC 3339 with always nine decimals, in UTC, as events and logs show it (moby: jsonmessage.RFC3339NanoFixed). @param nano since the epoch */
export function rfc3339NanoFixed(nano: bigint): string {
  const seconds = nano / 1_000_000_000n;
  const fraction = (nano % 1_000_000_000n).toString().padStart(9, '0');
  return `${isoTime(Number(seconds) * 1000).slice(0, 19)}.${fraction}Z`;
}

/** RFC 3339 without a fraction, in UTC. @param seconds since the epoch */
export function rfc3339(seconds: number): string {
  return `${isoTime(Math.trunc(seconds) * 1000).slice(0, 19)}Z`;
}

/** time.RFC3339Nano: no zeros at the end; 0n is Go's zero time. @param nano since the epoch */
export function rfc3339Nano(nano: bigint): string {
  if (nano === 0n) return '0001-01-01T00:00:00Z';
  const [seconds = '', fraction = ''] = rfc3339NanoFixed(nano).slice(0, -1).split('.');
  const shown = trimEndOf(fraction, '0');
  return shown === '' ? `${seconds}Z` : `${seconds}.${shown}Z`;
}
