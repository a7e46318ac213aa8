import type { DiskUsage, ImageSummary } from '../../protocol/engine-api.ts';
import type { ContainersContext } from '../containers/context.ts';
import { listContainers } from '../containers/list.ts';

/** GET /system/df */
export async function diskUsage(context: ContainersContext, images: readonly ImageSummary[], layerBytes: number): Promise<DiskUsage> {
  const containers = await listContainers(context, { all: true, limit: 0, size: true, filters: {} });
  return { LayersSize: layerBytes, Images: images, Containers: containers, Volumes: [], BuildCache: [] };
}
