import type { Steps } from '../base/steps.ts';

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

/** Go's time.ParseDuration, "1h15m30.918s". @returns nanoseconds, null where it is none or more than 63 bits hold */
export function parseGoDuration(text: string, steps?: Steps): bigint | null {
  const sign = text.startsWith('-') ? -1n : 1n;
  const rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0n;
  // From where the last part ended, so that no digit is looked at twice.
  const part = /(\d{0,19})(?:\.(\d{0,40}))?(ns|us|µs|μs|ms|s|m|h)/y;
  let sum = 0n;
  while (part.lastIndex < rest.length) {
    const start = part.lastIndex;
    const [whole, digits = '', fraction = '', unit = ''] = part.exec(rest) ?? [];
    steps?.take((whole?.length ?? 60) + 1);
    if (whole === undefined || digits + fraction === '') return null;
    const size = units.get(unit) ?? 0n;
    sum += BigInt(digits) * size + (BigInt(fraction.slice(0, 18).padEnd(18, '0')) * size) / 10n ** 18n;
    if (sum > largest || part.lastIndex <= start) return null;
  }
  return rest === '' ? null : sign * sum;
}
