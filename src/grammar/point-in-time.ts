import { AppError } from '../base/errors.ts';
import { parseDuration } from './duration.ts';
import { goQuote } from './go-quote.ts';
import { parseDecimal } from './strconv.ts';

/**
 * A point in time as `--since`, `--until` and the `until` filter take it (moby: timetypes.GetTimestamp): a duration counts back from now, an RFC 3339
 * time or a part of one and Unix seconds stay.
 * @param now nanoseconds since the epoch
 * @returns seconds since the epoch, with nine decimals for a date
 * @throws AppError invalid in moby's or Go's words
 */
export function pointInTime(text: string, now: bigint): string {
  const back = text === '0' ? null : durationOf(text);
  if (back !== null) return String((now - back) / 1_000_000_000n);
  if (/^\d+(\.\d+)?$/.test(text) && text.split('.').every(isInt64)) return text;
  const failure = new AppError('invalid', `failed to parse value as time or duration: ${goQuote(text)}`);
  return decimal(parseDate(text, text.includes('-') ? null : failure));
}

function isInt64(digits: string): boolean {
  try {
    parseDecimal(digits);
    return true;
  } catch {
    return false;
  }
}

function durationOf(text: string): bigint | null {
  try {
    return parseDuration(text);
  } catch {
    return null;
  }
}

interface Field {
  /** As Go's layouts write it. */
  readonly name: string;
  readonly pattern: RegExp;
  /** What is wrong if it is beyond `most`. */
  readonly most?: number;
  readonly word?: string;
}

const day: readonly Field[] = [
  { name: '2006', pattern: /^\d{4}/ },
  { name: '-', pattern: /^-/ },
  { name: '01', pattern: /^\d\d/, most: 12, word: 'month' },
  { name: '-', pattern: /^-/ },
  { name: '02', pattern: /^\d\d/, most: 31, word: 'day' },
];
const clock: readonly (readonly Field[])[] = [
  [
    { name: 'T', pattern: /^T/ },
    { name: '15', pattern: /^\d\d/, most: 23, word: 'hour' },
  ],
  [
    { name: ':', pattern: /^:/ },
    { name: '04', pattern: /^\d\d/, most: 59, word: 'minute' },
  ],
  [
    { name: ':', pattern: /^:/ },
    { name: '05', pattern: /^\d\d/, most: 59, word: 'second' },
  ],
];
const fraction: Field = { name: '.999999999', pattern: /^(\.\d+)?/ };
const zone: Field = { name: 'Z07:00', pattern: /^(Z|[-+]\d\d:\d\d)/ };

/** The layout of `time.Parse` that moby takes for a text. */
function layoutOf(text: string): readonly Field[] {
  const zoned = /[zZ+]/.test(text) || text.split('-').length === 4;
  const ending = zoned ? [zone] : [];
  if (text.includes('.')) return [...day, ...clock.flat(), fraction, ...ending];
  if (!text.includes('T')) return [...day, ...ending];
  const colons = text.split(':').length - 1;
  const own = zoned && !/[zZ]/.test(text) && colons > 0 ? colons - 1 : colons;
  const parts = clock.slice(0, own + 1).flat();
  return [...day, ...parts, ...ending];
}

/**
 * @param failure what is thrown instead of Go's complaint
 * @returns nanoseconds since the epoch; a time without a zone is in UTC
 */
function parseDate(text: string, failure: Error | null): bigint {
  const fail = (words: string): Error => failure ?? new AppError('invalid', `parsing time ${goQuote(text)}${words}`);
  const layout = layoutOf(text);
  const values = new Map<string, string>();
  let rest = text;
  for (const { name, pattern, most = Infinity, word = '' } of layout) {
    const value = pattern.exec(rest)?.[0];
    if (value === undefined) throw fail(` as "${shown(layout)}": cannot parse ${goQuote(rest)} as "${name}"`);
    if (Number(value) > most || (word === 'month' && value === '00')) throw fail(`: ${word} out of range`);
    values.set(name, value);
    rest = rest.slice(value.length);
  }
  if (rest !== '') throw fail(`: extra text: ${goQuote(rest)}`);
  const part = (name: string, fallback: string): string => values.get(name) ?? fallback;
  const date = `${part('2006', '')}-${part('01', '')}-${part('02', '')}`;
  if (new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(part('02', ''))) throw fail(': day out of range');
  const milliseconds = Date.parse(`${date}T${part('15', '00')}:${part('04', '00')}:${part('05', '00')}${part('Z07:00', 'Z')}`);
  if (Number.isNaN(milliseconds)) throw fail(': time zone offset hour out of range');
  return BigInt(milliseconds) * 1_000_000n + BigInt(part('.999999999', '').slice(1, 10).padEnd(9, '0'));
}

function shown(layout: readonly Field[]): string {
  return layout.map(({ name }) => name).join('');
}

function decimal(nano: bigint): string {
  return `${nano / 1_000_000_000n}.${(nano % 1_000_000_000n).toString().padStart(9, '0')}`;
}
