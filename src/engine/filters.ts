import { AppError } from '../base/errors.ts';

/** The `filters` parameter of lists and prunes: values by name. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** "key" or "key=value". */
export function hasLabel(labels: Readonly<Record<string, string>> | null, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  const key = equals < 0 ? wanted : wanted.slice(0, equals);
  if (labels === null || !Object.hasOwn(labels, key)) return false;
  return equals < 0 || labels[key] === wanted.slice(equals + 1);
}

/** `label` and `label!` of prune and of the image list: all of the one, none of the other. */
export function matchesLabels(labels: Readonly<Record<string, string>> | null, filters: Filters): boolean {
  return (
    (filters['label'] ?? []).every((wanted) => hasLabel(labels, wanted)) &&
    !(filters['label!'] ?? []).some((wanted) => hasLabel(labels, wanted))
  );
}

const nanosecondsOf: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6 };

/**
 * The `until` filter: a duration before now ("10m", "1h30m"), Unix seconds, or RFC 3339 (api/types/time/timestamp.go).
 * @returns nanoseconds since the epoch, null where there is none
 * @throws AppError invalid
 */
export function untilOf(filters: Filters, now: bigint): bigint | null {
  const [value, ...more] = filters['until'] ?? [];
  if (value === undefined) return null;
  if (more.length > 0) throw new AppError('invalid', 'more than one until filter specified');
  if (/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(value)) {
    const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
    const nanoseconds = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (nanosecondsOf[unit] ?? 0), 0);
    return now - BigInt(Math.round(nanoseconds));
  }
  if (/^\d+(\.\d+)?$/.test(value)) return BigInt(Math.round(Number(value) * 1000)) * 1_000_000n;
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new AppError('invalid', `failed to parse value as time or duration: "${value}"`);
  return BigInt(time) * 1_000_000n;
}
