import type { Steps } from '../../base/steps.ts';
import { FlagValueError } from '../errors.ts';
import { goQuote } from '../go-quote.ts';

const nanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };

/** Go's time.ParseDuration. @returns nanoseconds */
export function parseDuration(text: string, steps?: Steps): number {
  const quoted = goQuote(text);
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0;
  if (rest === '') throw new FlagValueError(`time: invalid duration ${quoted}`);
  let total = 0;
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) throw new FlagValueError(`time: invalid duration ${quoted}`);
    steps?.take(1 + number.length);
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unit === '') throw new FlagValueError(`time: missing unit in duration ${quoted}`);
    const scale = Object.hasOwn(nanoseconds, unit) ? nanoseconds[unit] : undefined;
    if (scale === undefined) throw new FlagValueError(`time: unknown unit ${goQuote(unit)} in duration ${quoted}`);
    steps?.take(unit.length);
    total += Math.trunc(Number(number) * scale);
    rest = rest.slice(unit.length);
    if (total >= 2 ** 63) throw new FlagValueError(`time: invalid duration ${quoted}`);
  }
  return sign * total;
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
