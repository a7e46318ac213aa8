import { toAppError } from '../../base/errors.ts';
import { fullString } from '../../grammar/reference.ts';
import type { ImageDeleteItem, ImagesPruneResponse } from '../../protocol/engine-api.ts';
import type { Filters } from '../filters.ts';
import { sweepLayers, type ImagesContext } from './context.ts';
import { isTrue, matchesAll } from './filter.ts';
import type { ImageRecord } from './records.ts';
import { removeImage } from './remove.ts';

/** Images without a tag that no container uses and nothing was made of; with dangling=false, all that no container uses (moby: ImagesPrune). */
export function pruneImages(context: ImagesContext, filters: Filters): ImagesPruneResponse {
  const { dangling = ['true'], ...others } = filters;
  const danglingOnly = dangling.every(isTrue);
  const { records, layers, log } = context;
  const items: ImageDeleteItem[] = [];
  const before = layers.totalSize();
  const chosen = records.all().filter((image) => matchesAll(context, image, others) && isFree(context, image, danglingOnly));
  for (const image of chosen) items.push(...pruned(context, image));
  sweepLayers(context);
  const reclaimed = before - layers.totalSize();
  log.append({ kind: 'event', type: 'image', action: 'prune', actor: { id: '', attributes: { reclaimed: String(reclaimed) } }, facts: {} });
  return { ImagesDeleted: items.length === 0 ? null : items, SpaceReclaimed: reclaimed };
}

/** What a container uses keeps its last name, as the removal of that is refused. */
function isFree({ records }: ImagesContext, { id }: ImageRecord, danglingOnly: boolean): boolean {
  const names = records.namesOf(id);
  const hasChildren = records.childrenOf(id).length > 0;
  if (danglingOnly) return !hasChildren && names.every(({ digest }) => digest !== null);
  return names.length > 0 || !hasChildren;
}

/** By each of its names, or by its ID; it may have gone with another meanwhile. */
function pruned(context: ImagesContext, image: ImageRecord): readonly ImageDeleteItem[] {
  const names = context.records.namesOf(image.id).map(fullString);
  return (names.length === 0 ? [image.id] : names).flatMap((name) => {
    try {
      return removeImage(context, name, { force: false, prunesParents: true });
    } catch (thrown) {
      if (['conflict', 'not_found'].includes(toAppError(thrown).kind)) return [];
      throw thrown;
    }
  });
}
