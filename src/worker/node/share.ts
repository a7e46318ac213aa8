import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { ShareServer } from '../../machine/node/share/share-server.ts';
import type { HostShare } from '../host.ts';

/**
 * `--share DIR`: the folder, where its path leads, links on the way followed: that is what a shell's `pwd` says in it.
 * @throws AppError invalid for what is no folder, or is the whole machine
 */
export function openShare(folder: string): HostShare {
  const path = pathOf(folder);
  return {
    path,
    open() {
      const server = new ShareServer(path);
      return { tag: 'drydock-share', handle: server.handle, dispose: () => server.dispose() };
    },
  };
}

function pathOf(folder: string): string {
  let path: string;
  try {
    path = realpathSync.native(resolve(folder));
  } catch (cause) {
    throw new AppError('invalid', `--share ${folder}: no such folder`, { cause });
  }
  if (!statSync(path).isDirectory()) throw new AppError('invalid', `--share ${folder}: not a folder`);
  if (!path.startsWith('/')) throw new AppError('invalid', `--share ${folder}: paths of this system mean nothing to Linux`);
  if (path === '/') throw new AppError('invalid', '--share /: a folder is shared, not the whole machine');
  return path;
}
