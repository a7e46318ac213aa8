import type { DiskUsage, ImageSummary } from '../../protocol/engine-api.ts';
import { volumesWithUsage } from '../volumes/usage.ts';
import type { Needs } from '../containers/context.ts';
import { listContainers } from '../containers/view/list.ts';

interface UsageParts {
  readonly images: readonly ImageSummary[];
  readonly layerBytes: number;
  readonly buildCache: DiskUsage['BuildCache'];
}

/** GET /system/df; unlike the list of images it counts their containers, from which clients reckon what can be freed. */
export async function diskUsage(
  context: Needs<'store' | 'runtime' | 'images' | 'networks' | 'volumes' | 'clock' | 'host'>,
  { images, layerBytes, buildCache }: UsageParts,
): Promise<DiskUsage> {
  const containers = await listContainers(context, { all: true, limit: 0, size: true, filters: {} });
  const usersOf = (id: string): number => containers.filter(({ ImageID }) => ImageID === id).length;
  return {
    LayersSize: layerBytes,
    Images: images.map((image) => ({ ...image, Containers: usersOf(image.Id) })),
    Containers: containers,
    Volumes: await volumesWithUsage(context),
    BuildCache: buildCache,
  };
}
