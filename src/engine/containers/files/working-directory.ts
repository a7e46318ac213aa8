import { AppError } from '../../../base/errors.ts';
import { modeType } from '../../../base/file-tree.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { mountOver } from '../mounts/mount.ts';
import { cleanFromRoot } from '../../../grammar/clean-path.ts';
import { lookAt, resolvePath } from './path-stat.ts';
import { viewImage } from './view.ts';

/**
 * container.SetupWorkingDirectory: whether the image lets the working directory be one. The start makes it; what is mounted there says it for itself.
 * @throws AppError internal "Cannot mkdir: /etc/passwd is not a directory"
 */
export async function checkWorkingDirectory(
  context: Needs<'runtime' | 'volumes' | 'host' | 'views'>,
  container: Container,
  given: string,
): Promise<void> {
  const path = cleanFromRoot(given);
  if (given === '' || path === '/' || mountOver(container.mounts, path) !== undefined) return;
  const { root, release } = await viewImage(context, container);
  try {
    const look = { context, container, root };
    const stat = await lookAt(look, (await resolvePath(look, path, false)) ?? path);
    if (stat !== null && (stat.mode & modeType.mask) !== modeType.directory)
      throw new AppError('internal', `Cannot mkdir: ${path} is not a directory`);
  } finally {
    await release();
  }
}
