import { AppError, toAppError } from '../../../base/errors.ts';
import type { ContainerStore } from '../store.ts';
import type { BindMount, ImageMount, VolumeMount } from './mount.ts';

/**
 * `--volumes-from web[:ro]`: binds, volumes and images of other containers, of those that share a place the last one's (daemon/volumes_unix.go,
 * registerMountPoints).
 * @throws AppError in Docker's words
 */
export function mountsFrom(store: ContainerStore, specifications: readonly string[]): (BindMount | VolumeMount | ImageMount)[] {
  const found = specifications.flatMap((specification) => {
    const { reference, readOnly } = parse(specification);
    return find(store, reference).mounts.flatMap((mount): (BindMount | VolumeMount | ImageMount)[] => {
      if (mount.type === 'image') return [mount];
      return mount.type === 'tmpfs' ? [] : [{ ...mount, mode: '', readOnly: mount.readOnly || readOnly }];
    });
  });
  return [...new Map(found.map((mount) => [mount.target, mount])).values()];
}

/** volume/mounts/linux_parser.go, ParseVolumesFrom. */
function parse(specification: string): { readonly reference: string; readonly readOnly: boolean } {
  if (specification === '') throw new AppError('internal', 'volumes-from specification cannot be an empty string');
  const colon = specification.indexOf(':');
  const reference = colon < 0 ? specification : specification.slice(0, colon);
  const mode = colon < 0 ? 'rw' : specification.slice(colon + 1);
  const words = mode.split(',');
  const access = words.filter((word) => word === 'ro' || word === 'rw');
  const labels = words.filter((word) => word === 'z' || word === 'Z');
  if (mode !== '' && (access.length > 1 || labels.length > 1 || access.length + labels.length < words.length))
    throw new AppError('invalid', `invalid mode: ${mode}`);
  return { reference, readOnly: access[0] === 'ro' };
}

function find(store: ContainerStore, reference: string): ReturnType<ContainerStore['find']> {
  if (reference === '') throw new AppError('invalid', 'invalid name or ID supplied: ""');
  try {
    return store.find(reference);
  } catch (thrown) {
    throw new AppError('invalid', toAppError(thrown).message, { cause: thrown });
  }
}
