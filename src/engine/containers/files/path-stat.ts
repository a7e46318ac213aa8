import { AppError } from '../../../base/errors.ts';
import { modeType } from '../../../base/file-tree.ts';
import { errnoText } from '../../../grammar/errno-text.ts';
import { goMode } from '../../../grammar/file-mode.ts';
import { rfc3339Nano } from '../../../grammar/time.ts';
import type { FileStat } from '../../../protocol/facts.ts';
import type { ContainerPathStat } from '../../../protocol/engine-api.ts';
import { errno } from '../../runtime.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { cleanFromRoot } from '../../../grammar/clean-path.ts';
import { placeOf, type Root } from './view.ts';

/** Links on the way to one file; Go's filepath.EvalSymlinks takes 255, the kernel 40. */
const mostLinks = 255;

/** moby's PreserveTrailingDotOrSeparator: an absolute path that still says whether it must be a folder. */
export function absolutePath(path: string): string {
  const clean = cleanFromRoot(path);
  const ending = /(?:^|\/)\.$/.test(path) ? '/.' : path.endsWith('/') ? '/' : '';
  return clean === '/' ? (ending === '/.' ? '/.' : '/') : clean + ending;
}

interface Look {
  readonly context: Needs<'runtime'>;
  readonly container: Container;
  readonly root: Root;
}

/** lstat(2) in a container. null: not there. @throws AppError in Go's words */
export async function lookAt({ context, container, root }: Look, path: string): Promise<FileStat | null> {
  const place = placeOf(container, root, path);
  const [found] = await context.runtime.facts.inspect([{ op: 'lstat', path: place.path, ...place.root }]);
  const error = found?.errno ?? errno.ENOENT;
  // A start makes the folders above what it mounts.
  if (
    error === errno.ENOENT &&
    path !== '/' &&
    container.run === null &&
    container.mounts.some(({ target }) => target.startsWith(`${path}/`))
  )
    return lookAt({ context, container, root }, '/');
  if (error === errno.ENOENT) return null;
  if (error !== 0) throw new AppError('internal', `lstat ${path}: ${errnoText(error)}`);
  return found?.stat ?? null;
}

/**
 * A path without links, each followed below the container's root alone.
 * @param isWhole false: what is behind a name that is not there is taken as it stands (moby's FollowSymlinkInScope); true: null then
 */
export async function resolvePath(look: Look, path: string, isWhole: boolean): Promise<string | null> {
  let done: string[] = [];
  const rest = path.split('/');
  let links = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const at = `/${[...done, part].join('/')}`;
    const stat = await lookAt(look, at);
    if (stat === null && isWhole) return null;
    if (stat === null) return cleanFromRoot([at, ...rest].join('/'));
    if ((stat.mode & modeType.mask) !== modeType.symlink) {
      done.push(part);
      continue;
    }
    links += 1;
    if (links > mostLinks) throw new AppError('internal', `lstat ${path}: ${errnoText(errno.ELOOP)}`);
    if (stat.link.startsWith('/')) done = [];
    rest.unshift(...stat.link.split('/'));
  }
  return `/${done.join('/')}`;
}

/** @throws AppError not_found "Could not find the file /x in container web" */
export async function statPath(look: Look, path: string, missing: () => AppError): Promise<ContainerPathStat> {
  const stat = await lookAt(look, path);
  if (stat === null) throw missing();
  const isLink = (stat.mode & modeType.mask) === modeType.symlink;
  return {
    name: baseName(path),
    size: stat.size,
    mode: goMode(stat.mode),
    mtime: rfc3339Nano(BigInt(stat.mtime) * 1_000_000_000n),
    linkTarget: isLink ? ((await resolvePath(look, path, false)) ?? '') : '',
  };
}

/** Go's filepath.Base. */
export function baseName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.at(-1) ?? '/';
}
