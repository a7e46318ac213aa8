import type { ImageHistoryItem } from '../../protocol/engine-api.ts';
import type { ImagesContext } from './context.ts';
import { createdSeconds } from './list.ts';
import { checkPlatform } from './platform.ts';
import { tagsOf, type ImageRecord } from './records.ts';

/** Newest first. The newest has the image's ID and names, those before it its parents', as far as they are known (moby: ImageHistory). */
export function imageHistory({ records, layers }: ImagesContext, name: string, platform = ''): readonly ImageHistoryItem[] {
  const { image } = records.find(name);
  checkPlatform(platform, name, image.config);
  const sizes = image.config.rootfs.diff_ids.map((diffId) => layers.get(diffId)?.size ?? 0);
  const items = (image.config.history ?? []).map((step) => ({
    Id: '<missing>',
    Created: createdSeconds(step.created),
    CreatedBy: step.created_by ?? '',
    Tags: null,
    Size: step.empty_layer === true ? 0 : (sizes.shift() ?? 0),
    Comment: step.comment ?? '',
  }));
  let own: ImageRecord | undefined = image;
  return items.reverse().map((item) => {
    if (own === undefined) return item;
    const tags = tagsOf(records.namesOf(own.id));
    const known = { ...item, Id: own.id, Tags: tags.length === 0 ? null : tags };
    own = records.get(own.parent);
    return known;
  });
}
