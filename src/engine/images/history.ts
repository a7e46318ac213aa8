import type { ImageHistoryItem } from '../../protocol/engine-api.ts';
import type { ImagesContext } from './context.ts';
import { createdSeconds } from './list.ts';
import { checkPlatform } from './platform.ts';
import { tagsOf } from './records.ts';

/** Newest first; only the newest has the image's ID and names, as there are no parent images. */
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
  const tags = tagsOf(records.namesOf(image.id));
  return items.reverse().map((item, index) => (index === 0 ? { ...item, Id: image.id, Tags: tags.length === 0 ? null : tags } : item));
}
