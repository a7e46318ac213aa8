import type { Volume } from '../../protocol/engine-api.ts';
import { hasLabel, patternFilter, type Filters } from '../filters.ts';
import type { VolumeStore } from './store.ts';
import { describeVolume } from './volume.ts';

/** GET /volumes, by name (volume/service/by.go). @param filters checked */
export async function listVolumes(volumes: VolumeStore, filters: Filters): Promise<Volume[]> {
  const { name: names = [], driver = [], label = [], dangling = [] } = filters;
  const isNamed = names.length === 0 ? () => Promise.resolve(true) : await patternFilter('name', names);
  const wantsUnused = dangling[0] === 'true' || dangling[0] === '1';
  const found: Volume[] = [];
  for (const record of volumes.all()) {
    if (driver.length > 0 && !driver.includes('local')) continue;
    if (!label.every((wanted) => hasLabel(record.labels, wanted))) continue;
    if (dangling.length > 0 && wantsUnused !== (volumes.users.of(record.name).length === 0)) continue;
    if (await isNamed([record.name])) found.push(describeVolume(record));
  }
  return found;
}
