import type { ImageUses } from '../../images/store.ts';
import { isActive } from '../state.ts';
import type { ContainerStore } from '../store.ts';

export function imageUses(store: ContainerStore): ImageUses {
  return {
    usersOf: (imageId) =>
      store
        .all()
        .filter(({ identity }) => identity.imageId === imageId)
        .map(({ id, state }) => ({ id, running: isActive(state) })),
  };
}
