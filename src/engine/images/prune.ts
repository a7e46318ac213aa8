import type { ImageDeleteItem, ImagesPruneResponse } from '../../protocol/engine-api.ts';
import type { Filters } from '../filters.ts';
import { sweepLayers, type ImagesContext } from './context.ts';
import { isTrue, matchesAll } from './filter.ts';
import { deleteImage } from './remove.ts';

/** Images without a name that no container uses; with dangling=false, all that no container uses. */
export function pruneImages(context: ImagesContext, filters: Filters): ImagesPruneResponse {
  const { dangling = ['true'], ...others } = filters;
  const danglingOnly = dangling.every(isTrue);
  const { records, uses, layers, log } = context;
  const items: ImageDeleteItem[] = [];
  const before = layers.totalSize();
  for (const image of records.all()) {
    if (uses.usersOf(image.id).length > 0 || !matchesAll(context, image, others)) continue;
    if (danglingOnly && records.namesOf(image.id).length > 0) continue;
    deleteImage(context, image, { force: true, items });
  }
  sweepLayers(context);
  const reclaimed = before - layers.totalSize();
  log.append({ kind: 'event', type: 'image', action: 'prune', actor: { id: '', attributes: { reclaimed: String(reclaimed) } }, facts: {} });
  return { ImagesDeleted: items.length === 0 ? null : items, SpaceReclaimed: reclaimed };
}
