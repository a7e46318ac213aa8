import type { VolumeUsers } from '../../volumes/store.ts';
import { isVolume } from '../mounts/mount.ts';
import type { ContainerStore } from '../store.ts';

export function volumeUsers(store: ContainerStore): VolumeUsers {
  return {
    of: (name) =>
      store
        .all()
        .filter(({ mounts }) => mounts.some((mount) => isVolume(mount) && mount.name === name))
        .map(({ id }) => id),
  };
}
