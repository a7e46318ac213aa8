import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { BlobFolder } from './blob-folder.ts';
import { isAlive } from './files.ts';
import { TarCache } from './tar-cache.ts';

const gibibyte = 1024 * 1024 * 1024;
/** Bytes kept of what no running engine holds, and of unpacked layers. The largest layer that is taken is one gibibyte. */
const limits = { blobs: 2 * gibibyte, tars: 4 * gibibyte } as const;
const engineName = /^(\d+)-[0-9a-f]+$/;

/** Where the engine keeps its images in Node. */
export interface DataRoot {
  readonly path: string;
  readonly blobs: BlobFolder;
  readonly tars: TarCache;
  /** Lets go of everything; blobs and unpacked layers stay for the next, within their bounds. Idempotent. */
  dispose(): Promise<void>;
}

/** In the system's folder for what may go: one for each user, as others could otherwise put images into it. */
export function defaultDataRoot(): string {
  return join(tmpdir(), `drydock-${userInfo().uid}`);
}

/**
 * Opens a folder for one more engine; others may have it open. What engines that were killed held is let go.
 * @throws AppError forbidden for a folder that somebody else could write to
 */
export async function openDataRoot(path = defaultDataRoot(), { blobs: blobLimit, tars: tarLimit } = limits): Promise<DataRoot> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await checkOwner(path);
  const engines = join(path, 'engines');
  await mkdir(engines, { recursive: true });
  await releaseDead(engines);
  const own = join(engines, `${process.pid}-${randomBytes(6).toString('hex')}`);
  const blobs = await BlobFolder.create({ pool: join(path, 'blobs'), own, limit: blobLimit });
  const tars = await TarCache.create(join(path, 'layers'), tarLimit);
  return {
    path,
    blobs,
    tars,
    async dispose() {
      tars.dispose();
      await blobs.dispose();
    },
  };
}

async function checkOwner(path: string): Promise<void> {
  const { uid, mode } = await lstat(path);
  const isFolder = (await lstat(path)).isDirectory();
  const mine = userInfo().uid;
  // On Windows there are neither owners nor modes.
  if (isFolder && (mine < 0 || (uid === mine && (mode & 0o022) === 0))) return;
  throw new AppError('forbidden', `${path} is not a folder that only you can write to; choose another one with --data-root`);
}

async function releaseDead(engines: string): Promise<void> {
  for (const name of await readdir(engines)) {
    const pid = engineName.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(engines, name), { recursive: true, force: true });
  }
}
