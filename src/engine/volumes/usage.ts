import type { Volume } from '../../protocol/engine-api.ts';
import type { Needs } from '../containers/context.ts';
import { sizeOfTree } from '../containers/view/size.ts';
import { describeVolume, mountpointOf } from './volume.ts';

/** As `system df` has them: with their bytes and how many containers have them. */
export async function volumesWithUsage({ volumes, runtime }: Needs<'volumes' | 'runtime'>): Promise<Volume[]> {
  const described: Volume[] = [];
  for (const record of volumes.all()) {
    const size = await sizeOfTree(runtime.facts, mountpointOf(record.name));
    described.push({ ...describeVolume(record), UsageData: { RefCount: volumes.users.of(record.name).length, Size: size } });
  }
  return described;
}
