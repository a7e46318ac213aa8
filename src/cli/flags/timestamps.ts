import { StatusError } from '../errors.ts';
import { goQuote } from '../go-quote.ts';
import { parseDuration } from './durations.ts';

/**
 * What `--since` and `--until` become in the query (moby's timetypes): a duration counts back from now, an RFC 3339 time or a part of one
 * and Unix seconds stay points in time.
 * @param now milliseconds since the epoch
 * @returns seconds, with nine decimals for a date; undefined for ''
 */
export function engineTime(flag: string, text: string, now: number): string | undefined {
  if (text === '') return undefined;
  const back = durationOf(text);
  if (back !== null) return String(Math.floor((now * 1e6 - back) / 1e9));
  const date = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}(?::\d{2}(?::\d{2})?)?)(\.\d{1,9})?)?(Z|[-+]\d{2}:\d{2})?$/.exec(text);
  if (date !== null) return dateOf(flag, text, date);
  if (/^-?\d+(\.\d+)?$/.test(text)) return text;
  throw new StatusError(1, `invalid value for "${flag}": failed to parse value as time or duration: ${goQuote(text)}`);
}

function durationOf(text: string): number | null {
  try {
    return parseDuration(text);
  } catch {
    return null;
  }
}

function dateOf(flag: string, text: string, parts: RegExpExecArray): string {
  const [, day = '', clock = '00:00:00', fraction = '', zone = 'Z'] = parts;
  const full = `${clock}:00:00`.slice(0, 8);
  const milliseconds = Date.parse(`${day}T${full}${zone}`);
  if (Number.isNaN(milliseconds))
    throw new StatusError(1, `invalid value for "${flag}": failed to parse value as time or duration: ${goQuote(text)}`);
  return decimal(BigInt(milliseconds) * 1_000_000n + BigInt(fraction.slice(1).padEnd(9, '0')));
}

function decimal(nano: bigint): string {
  return `${nano / 1_000_000_000n}.${(nano % 1_000_000_000n).toString().padStart(9, '0')}`;
}

/** As `engineTime`, for `docker events`, whose complaint names no flag and whose whole seconds have no fraction. */
export function eventTime(text: string, now: number): string | undefined {
  try {
    return engineTime('', text, now);
  } catch {
    throw new StatusError(1, `failed to parse value as time or duration: ${goQuote(text)}`);
  }
}
