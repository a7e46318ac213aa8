import { AppError, toAppError } from '../../../base/errors.ts';
import type { Container, LockedContainer } from '../container.ts';
import { cgroupOf, logContainerEvent, type Needs, overlayDirectories, imageFolder } from '../context.ts';
import { isImage, isVolume } from '../mounts/mount.ts';
import type { VolumeStore } from '../../volumes/store.ts';
import { removeLink, shownAlias } from '../links.ts';
import { updateLinkLine } from '../run/hosts-file.ts';
import { killAndWait } from './kill.ts';
import { isActive } from '../state.ts';

export interface RemoveOptions {
  readonly force: boolean;
  /** Volumes that nobody gave a name go along. */
  readonly volumes: boolean;
  readonly link: boolean;
}

/** DELETE /containers/{id}. @throws AppError conflict 'cannot remove container "web": container is running: …' */
export async function removeByReference(
  context: Needs<'store' | 'runtime' | 'images' | 'volumes' | 'events' | 'clock' | 'turns' | 'host'>,
  reference: string,
  { force, volumes, link }: RemoveOptions,
): Promise<void> {
  const container = context.store.find(reference);
  if (link) {
    const removed = removeLink(context.store, reference);
    if (removed !== null) await updateLinkLine(context, removed.parent, { alias: shownAlias(removed.link), address: null });
    return;
  }
  // A start that was under way makes it run again; --rm may be faster than we.
  for (let gone = false; !gone;) {
    refuseRemoval(container, reference, force);
    if (force) container.waitingStart?.abort(markedForRemoval());
    if (isActive(container.state)) await killAndWait(context, container);
    gone = await container.locked(async (locked) => {
      if (context.store.byId(container.id) === null) return true;
      if (isActive(container.state)) return false;
      refuseRemoval(container, reference, force);
      await removeContainer(context, locked, { volumes });
      return true;
    });
  }
}

export function markedForRemoval(): AppError {
  return new AppError('conflict', 'container is marked for removal and cannot be started');
}

/** @param reference as the client wrote it */
function refuseRemoval(container: Container, reference: string, force: boolean): void {
  const { status } = container.state;
  if (status === 'removing') throw new AppError('conflict', `removal of container ${container.name} is already in progress`);
  if (!isActive(container.state) || force) return;
  const why =
    status === 'paused'
      ? 'container is paused and must be unpaused first'
      : `container is ${status}: stop the container before removing or force remove`;
  throw new AppError('conflict', `cannot remove container "${reference}": ${why}`, { detail: { from: status, move: 'remove' } });
}

/** Takes a stopped container away with its files. A failure leaves it `dead`, to be tried again. */
export async function removeContainer(
  context: Needs<'store' | 'runtime' | 'images' | 'volumes' | 'events' | 'host'>,
  container: LockedContainer,
  { volumes }: Pick<RemoveOptions, 'volumes'>,
): Promise<void> {
  const { id } = container;
  container.move({ move: 'remove' });
  try {
    await context.runtime.processes.remove({
      container: id,
      removeFiles: 1,
      ...overlayDirectories(context.host, id),
      cgroup: cgroupOf(container),
    });
    const layers = container.mounts.filter(isImage).map((mount) => imageFolder(context.host, mount));
    if (layers.length > 0) await context.runtime.files.write({ remove: layers });
  } catch (thrown) {
    // The engine was restored meanwhile: who waited was told, and what has its ID now is another container.
    if (!context.store.has(container)) return;
    const { message } = toAppError(thrown);
    container.move({ move: 'remove-failed', error: message });
    const error = `container ${id}: driver "overlay2" failed to remove root filesystem: ${message}`;
    // Who waits for the removal is told that it failed (container/state.go, SetRemovalError).
    container.waiters.removed({ exitCode: container.state.exitCode, error });
    throw new AppError('internal', error, { cause: thrown });
  }
  if (!context.store.has(container)) return;
  context.store.delete(container);
  container.background.end();
  context.images.sweep();
  container.streams.end();
  if (volumes) await removeVolumes(context.volumes, container);
  logContainerEvent(context, container, 'destroy');
  container.waiters.removed({ exitCode: container.state.exitCode, error: '' });
}

/** daemon/mounts.go, removeMountPoints: those that nobody gave a name. What another container has stays. */
async function removeVolumes(volumes: VolumeStore, { mounts }: Container): Promise<void> {
  for (const { name, anonymous } of mounts.filter(isVolume)) if (anonymous) await volumes.remove(name).catch(() => undefined);
}
