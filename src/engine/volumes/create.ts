import type { CreateVolumeBody, Volume } from '../../protocol/engine-api.ts';
import { randomId, type Random } from '../random.ts';
import type { VolumeStore } from './store.ts';
import { anonymousLabel, describeVolume } from './volume.ts';

/** POST /volumes/create; '' makes a name up. @throws AppError in Docker's words */
export async function createVolume(
  volumes: VolumeStore,
  random: Random,
  { Name: name, Driver: driver, Labels: labels, DriverOpts: options }: CreateVolumeBody,
): Promise<Volume> {
  const made = name === '' ? { name: randomId(random), labels: { ...labels, [anonymousLabel]: '' } } : { name, labels };
  const record = volumes.create({ ...made, driver, options });
  await volumes.ensure(record.name);
  return describeVolume(record);
}
