import { AppError } from '../../../base/errors.ts';
import { modeType } from '../../../base/file-tree.ts';
import type { ByteSource } from '../../../base/streams.ts';
import type { Container, LockedContainer } from '../container.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { lookAt, resolvePath } from '../files/path-stat.ts';
import { changeFiles, placeOf, type Root } from '../files/view.ts';
import { isReadOnly, isTmpfs, mountOver } from '../mounts/mount.ts';
import { notFound } from './archive.ts';

type Context = Needs<'store' | 'runtime' | 'volumes' | 'host' | 'events' | 'views'>;

export interface ExtractOptions {
  readonly path: string;
  /** A folder and what is none do not replace each other. */
  readonly noOverwriteDirNonDir: boolean;
  /** All belongs to the container's user. */
  readonly copyUIDGID: boolean;
}

/** PUT /containers/{id}/archive: unpacks into a folder of the container, whether it runs or not. The archive may be compressed; the caller inflates it. */
export async function extractToContainer(context: Context, reference: string, options: ExtractOptions, archive: ByteSource): Promise<void> {
  const container = context.store.find(reference);
  // The end of a run needs the lock, so it is held only where a start would get into the way.
  if (container.run !== null) return extract(context, { container, root: { pid: container.run.process.pid }, reference }, options, archive);
  await container.locked(async (locked: LockedContainer) => {
    const view = await changeFiles(context, locked);
    try {
      await locked.atClientsPace(() => extract(context, { container, root: view.root, reference }, options, archive));
    } finally {
      await view.release();
    }
  });
}

interface Target {
  readonly container: Container;
  readonly root: Root;
  readonly reference: string;
}

async function extract(
  context: Context,
  { container, root, reference }: Target,
  options: ExtractOptions,
  archive: ByteSource,
): Promise<void> {
  const look = { context, container, root };
  const path = await resolvePath(look, `/${options.path}`, true);
  const stat = path === null ? null : await lookAt(look, path === '' ? '/' : path);
  if (path === null || stat === null) throw notFound(options.path, reference);
  if ((stat.mode & modeType.mask) !== modeType.directory) throw new AppError('invalid', 'extraction point is not a directory');
  refuseReadOnly(container, path);
  const owner = options.copyUIDGID ? await ownerOf(context, container, root) : null;
  const place = placeOf(container, root, path);
  try {
    await context.runtime.archives.extract(
      { ...place.root, path: place.path, keep: options.noOverwriteDirNonDir ? 1 : 0, ...(owner === null ? {} : { chown: 1, ...owner }) },
      archive,
    );
  } catch (thrown) {
    throw inDockersWords(thrown);
  }
  logContainerEvent(context, container, 'extract-to-dir');
}

/** daemon/archive_unix.go, checkIfPathIsInAVolume. */
function refuseReadOnly({ mounts, hostConfig }: Container, path: string): void {
  const mount = mountOver(
    mounts.filter((each) => !isTmpfs(each) || each.listed),
    path,
  );
  if (mount !== undefined && isReadOnly(mount)) throw new AppError('invalid', 'mounted volume is marked read-only');
  if (mount === undefined && hostConfig.ReadonlyRootfs) throw new AppError('invalid', 'container rootfs is marked read-only');
}

/** What the container's user is in its /etc/passwd and /etc/group. @throws AppError as an exec of that user */
async function ownerOf({ runtime }: Needs<'runtime'>, { config }: Container, root: Root): Promise<{ uid: number; gid: number } | null> {
  if (config.User === '') return null;
  const [user = '', group] = config.User.split(':');
  const [passwd, groups] = await runtime.facts.inspect([
    { op: 'read', path: '/etc/passwd', ...root },
    { op: 'read', path: '/etc/group', ...root },
  ]);
  const entry = rowOf(passwd?.text ?? '', user);
  const uid = Number(entry?.[2] ?? user);
  if (!Number.isInteger(uid))
    throw new AppError('internal', `failed to look up user "${user}" in container: no matching entries in passwd file`);
  if (group === undefined || group === '') return { uid, gid: Number(entry?.[3] ?? 0) };
  const gid = Number(rowOf(groups?.text ?? '', group)?.[2] ?? group);
  if (!Number.isInteger(gid))
    throw new AppError('internal', `failed to look up group "${group}" in container: no matching entries in group file`);
  return { uid, gid };
}

function rowOf(table: string, name: string): readonly string[] | undefined {
  return table
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name || fields[2] === name);
}

/** What the agent says of an archive or of one of its entries. */
function inDockersWords(thrown: unknown): unknown {
  if (!(thrown instanceof AppError) || thrown.detail['stage'] !== 'extract') return thrown;
  if (thrown.message === 'invalid tar header') return new AppError('internal', 'archive/tar: invalid tar header', { cause: thrown });
  return new AppError('internal', thrown.message, { cause: thrown, detail: thrown.detail });
}
