import { AppError } from '../../base/errors.ts';
import type { ImagesContext } from './context.ts';
import type { ImageRecord } from './records.ts';

/** Name to values, of GET /images/json and POST /images/prune. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** All filters but `reference`, which chooses names and not only images. @throws AppError invalid, not_found */
export function matchesAll(context: ImagesContext, image: ImageRecord, filters: Filters): boolean {
  const created = createdNanos(image);
  const { records } = context;
  const time = (name: string): bigint => createdNanos(records.find(name).image);
  return (
    (filters['label'] ?? []).every((label) => hasLabel(image, label)) &&
    !(filters['label!'] ?? []).some((label) => hasLabel(image, label)) &&
    (filters['before'] ?? []).every((name) => created < time(name)) &&
    (filters['since'] ?? []).every((name) => created > time(name)) &&
    (filters['until'] ?? []).every((until) => created < untilNanos(until, context)) &&
    (filters['dangling'] ?? []).every((value) => isTrue(value) === (records.namesOf(image.id).length === 0))
  );
}

/** @throws AppError invalid "invalid filter 'dangling=x'" */
export function isTrue(value: string): boolean {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw new AppError('invalid', `invalid filter 'dangling=${value}'`);
}

function createdNanos(image: ImageRecord): bigint {
  const millis = Date.parse(image.config.created ?? '');
  return Number.isNaN(millis) ? 0n : BigInt(millis) * 1_000_000n;
}

function hasLabel(image: ImageRecord, wanted: string): boolean {
  const labels = image.config.config.Labels ?? {};
  const equals = wanted.indexOf('=');
  if (equals < 0) return Object.hasOwn(labels, wanted);
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

const secondsOf: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** A Unix time, an RFC 3339 time, or a Go duration back from now ("24h", "1h30m"). */
function untilNanos(text: string, { clock }: ImagesContext): bigint {
  if (/^\d+(\.\d+)?$/.test(text)) return BigInt(Math.round(Number(text) * 1000)) * 1_000_000n;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (parts.length > 0 && parts.map((part) => part[0]).join('') === text) {
    const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (secondsOf[unit ?? ''] ?? 0), 0);
    return clock.now() - BigInt(Math.round(seconds * 1000)) * 1_000_000n;
  }
  const millis = Date.parse(text);
  if (Number.isNaN(millis)) throw new AppError('invalid', `invalid filter 'until=${text}'`);
  return BigInt(millis) * 1_000_000n;
}
