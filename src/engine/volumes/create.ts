import { AppError, toAppError } from '../../base/errors.ts';
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
  const isNew = volumes.byName(made.name) === null;
  const record = volumes.create({ ...made, driver, options });
  try {
    await volumes.ensure(record.name);
  } catch (thrown) {
    if (isNew) await volumes.remove(record.name).catch(() => undefined);
    throw new AppError('internal', `create ${record.name}: ${toAppError(thrown).message}`, { cause: thrown });
  }
  return describeVolume(record);
}
