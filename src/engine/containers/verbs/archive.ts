import { AppError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../base/streams.ts';
import { trimEndOf } from '../../../base/trim.ts';
import type { ContainerPathStat } from '../../../protocol/engine-api.ts';
import { isGoDirectory } from '../../../grammar/file-mode.ts';
import { absolutePath, baseName, statPath } from '../files/path-stat.ts';
import { placeOf, viewFiles, viewLayers, withRelease, type View } from '../files/view.ts';
import type { Container, ContainerRun } from '../container.ts';
import { logContainerEvent, type Needs } from '../context.ts';

type Context = Needs<'store' | 'runtime' | 'volumes' | 'host' | 'events' | 'views'>;

/** HEAD /containers/{id}/archive. @throws AppError not_found "Could not find the file /x in container web" */
export async function statContainerPath(context: Context, reference: string, path: string): Promise<ContainerPathStat> {
  return inView(context, reference, async (container, view) => {
    const stat = await statPath({ context, container, root: view.root }, absolutePath(path), () => notFound(path, reference));
    await view.release();
    return stat;
  });
}

/** GET /containers/{id}/archive: a link is archived as one, a folder with all below it, under its own name ("." when it was named so). */
export async function archiveContainerPath(
  context: Context,
  reference: string,
  path: string,
): Promise<{ readonly stat: ContainerPathStat; readonly archive: ByteSource }> {
  return inView(context, reference, async (container, view) => {
    const absolute = absolutePath(path);
    const stat = await statPath({ context, container, root: view.root }, absolute, () => notFound(path, reference));
    const place = placeOf(container, view.root, absolute);
    const folder = isGoDirectory(stat.mode);
    const archive = await context.runtime.archives.read({
      ...place.root,
      path: folder ? place.path : trimEndOf(place.path, '/'),
      name: baseName(absolute),
    });
    logContainerEvent(context, container, 'archive-path');
    return { stat, archive: withRelease(archive, () => view.release()) };
  });
}

/** Below the root of a process that ends meanwhile nothing is found: its container is looked at again once it counts as ended. `use` lets go of the view. */
async function inView<T>(context: Context, reference: string, use: (container: Container, view: View) => Promise<T>): Promise<T> {
  for (;;) {
    const container = context.store.find(reference);
    const { run } = container;
    const view = await viewFiles(context, container);
    try {
      return await use(container, view);
    } catch (thrown) {
      await view.release().catch(() => undefined);
      if (run === null || (await hasRoot(context, run))) throw thrown;
      if (container.run === run) await container.waiters.add(true);
    }
  }
}

async function hasRoot({ runtime }: Context, { process: { pid } }: ContainerRun): Promise<boolean> {
  const [root] = await runtime.facts.inspect([{ op: 'lstat', path: '/', pid }]);
  return root?.errno === 0;
}

/** GET /containers/{id}/export: the root file system, without what is mounted in it. */
export async function exportContainer(context: Context, reference: string): Promise<ByteSource> {
  const container = context.store.find(reference);
  if (container.state.status === 'dead') throw new AppError('conflict', `You cannot export container ${container.id} which is Dead`);
  if (container.state.status === 'removing')
    throw new AppError('conflict', `You cannot export container ${container.id} which is being removed`);
  const view = await viewLayers(context, container);
  try {
    const archive = await context.runtime.archives.read({ ...view.root, path: '/' });
    logContainerEvent(context, container, 'export');
    return withRelease(archive, () => view.release());
  } catch (thrown) {
    await view.release().catch(() => undefined);
    throw thrown;
  }
}

export function notFound(path: string, reference: string): AppError {
  return new AppError('not_found', `Could not find the file ${path} in container ${reference}`);
}
