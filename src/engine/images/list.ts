import { AppError, toAppError } from '../../base/errors.ts';
import { parseGlob, type Glob } from '../../base/glob.ts';
import { Steps } from '../../base/steps.ts';
import type { ImageSummary } from '../../protocol/engine-api.ts';
import type { Filters } from '../filters.ts';
import type { ImagesContext } from './context.ts';
import { matchesAll } from './filter.ts';
import { familiarMatch } from './path-match.ts';
import { digestsOf, tagsOf, type ImageRecord } from './records.ts';

/** Steps, each a microsecond at most, that all patterns may take over all names. */
const patternBudget = 200_000;

export interface ListOptions {
  /** Also those without a name that others were made of. */
  readonly all: boolean;
  readonly filters: Filters;
  /** Count what images share; -1 is shown otherwise. */
  readonly sharedSize: boolean;
}

/** Newest first. */
export function listImages(context: ImagesContext, { all, filters, sharedSize }: ListOptions): readonly ImageSummary[] {
  const { records } = context;
  const budget = new Steps(patternBudget, "filter 'reference'", 'invalid');
  const patterns = (filters['reference'] ?? []).map((pattern) => parsePattern(pattern, budget));
  const shared = sharedSize ? sharedSizes(context) : null;
  return records
    .all()
    .filter((image) => all || records.namesOf(image.id).length > 0 || records.childrenOf(image.id).length === 0)
    .filter((image) => matchesAll(context, image, filters))
    .sort((one, other) => createdSeconds(other.config.created) - createdSeconds(one.config.created))
    .flatMap((image) => {
      const known = records.namesOf(image.id);
      const names =
        patterns.length === 0 ? known : known.filter((name) => patterns.some((pattern) => familiarMatch(pattern, name, budget)));
      if (patterns.length > 0 && names.length === 0) return [];
      return [summary(image, { tags: tagsOf(names), digests: digestsOf(names), shared: shared?.get(image.id) ?? -1 })];
    });
}

/** Moby gives a pattern that is none no class. */
function parsePattern(pattern: string, budget: Steps): Glob {
  try {
    return parseGlob(pattern, budget);
  } catch (thrown) {
    const { message, kind } = toAppError(thrown);
    throw message === 'syntax error in pattern'
      ? new AppError('internal', message, { cause: thrown })
      : new AppError(kind, message, { cause: thrown });
  }
}

/** Unix seconds; 0 where an image does not say. */
export function createdSeconds(created: string | undefined): number {
  const millis = Date.parse(created ?? '');
  return Number.isNaN(millis) ? 0 : Math.floor(millis / 1000);
}

function summary(
  image: ImageRecord,
  names: { readonly tags: readonly string[]; readonly digests: readonly string[]; readonly shared: number },
): ImageSummary {
  return {
    Id: image.id,
    ParentId: image.parent,
    RepoTags: names.tags,
    RepoDigests: names.digests,
    Created: createdSeconds(image.config.created),
    Size: image.size,
    SharedSize: names.shared,
    Labels: image.config.config.Labels,
    Containers: -1,
  };
}

/** Bytes of an image's layers that another image has too. */
function sharedSizes({ records, layers }: ImagesContext): ReadonlyMap<string, number> {
  const owners = new Map<string, number>();
  for (const image of records.all())
    for (const diffId of new Set(image.config.rootfs.diff_ids)) owners.set(diffId, (owners.get(diffId) ?? 0) + 1);
  return new Map(
    records.all().map((image) => {
      const shared = image.config.rootfs.diff_ids.filter((diffId) => (owners.get(diffId) ?? 0) > 1);
      return [image.id, shared.reduce((sum, diffId) => sum + (layers.get(diffId)?.size ?? 0), 0)];
    }),
  );
}
