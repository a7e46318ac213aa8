import type { ImageUses } from '../../images/store.ts';
import { isImage } from '../mounts/mount.ts';
import { isActive } from '../state.ts';
import type { ContainerStore } from '../store.ts';

export function imageUses(store: ContainerStore): ImageUses {
  return {
    usersOf: (imageId) =>
      store
        .all()
        .filter(({ identity }) => identity.imageId === imageId)
        .map(({ id, state }) => ({ id, running: isActive(state) })),
    mountersOf: (imageId) =>
      store
        .all()
        .filter(({ mounts }) => mounts.some((mount) => isImage(mount) && mount.imageId === imageId))
        .map(({ id }) => id),
  };
}
