import { AppError } from '../../base/errors.ts';
import { matchesLabels, untilOf, type Filters } from '../filters.ts';
import type { ImagesContext } from './context.ts';
import type { ImageRecord } from './records.ts';

/** All filters but `reference`, which chooses names and not only images. @throws AppError invalid, not_found */
export function matchesAll({ records, clock }: ImagesContext, image: ImageRecord, filters: Filters): boolean {
  const created = createdNanos(image);
  const time = (name: string): bigint => createdNanos(records.find(name).image);
  const until = untilOf(filters, clock.now());
  return (
    matchesLabels(image.config.config.Labels, filters) &&
    (filters['before'] ?? []).every((name) => created < time(name)) &&
    (filters['since'] ?? []).every((name) => created > time(name)) &&
    (until === null || created < until) &&
    (filters['dangling'] ?? []).every((value) => (isTrue(value) ? isDangling(records, image) : records.namesOf(image.id).length > 0))
  );
}

/** Without a tag, and nothing was made of it (moby: ImageList). One that has digests alone is also what is not dangling. */
function isDangling(records: ImagesContext['records'], { id }: ImageRecord): boolean {
  return records.namesOf(id).every(({ digest }) => digest !== null) && records.childrenOf(id).length === 0;
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
