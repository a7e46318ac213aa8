/** Paths of the caller's machine as docker's client treats them (moby: pkg/archive, copy.go; docker/cli: command/utils.go). */
import { modeType } from '../../base/file-tree.ts';
import { emptySource, sourceOf, type ByteSource } from '../../base/streams.ts';
import { tarEntries } from '../../base/tar/read.ts';
import { cleanPath } from '../../grammar/clean-path.ts';
import { StatusError } from '../errors.ts';
import type { CallerFolders, CliSession, LocalStat } from '../session.ts';

const mostLinks = 10;

export function isLink({ mode }: LocalStat): boolean {
  return (mode & modeType.mask) === modeType.symlink;
}

export function isDirectory({ mode }: LocalStat): boolean {
  return (mode & modeType.mask) === modeType.directory;
}

export function saysHere(path: string): boolean {
  return baseOf(path) === '.';
}

/** Go's filepath.Base. */
export function baseOf(path: string): string {
  if (path === '') return '.';
  return path.split('/').findLast((part) => part !== '') ?? '/';
}

/** moby's SplitPathDirEntry: the folder and the entry in it, "." where the path says so. */
export function splitPath(path: string): readonly [folder: string, entry: string] {
  const clean = cleanPath(path);
  const whole = saysHere(path) ? `${clean === '/' ? '' : clean}/.` : clean;
  const slash = whole.lastIndexOf('/');
  return [slash < 0 ? '.' : cleanPath(whole.slice(0, slash + 1)), baseOf(whole)];
}

/** filepath.Abs with what the path ends with. */
export function absoluteLocal(path: string, cwd: string): string {
  const absolute = cleanPath(path.startsWith('/') ? path : `${cwd}/${path}`);
  if (saysHere(path)) return `${absolute === '/' ? '' : absolute}/.`;
  return path.endsWith('/') && !absolute.endsWith('/') ? `${absolute}/` : absolute;
}

/** What is copied, or where to. */
export interface CopyInfo {
  readonly path: string;
  readonly exists: boolean;
  readonly isFolder: boolean;
  /** What the archive's first part is to be called where the path's own name is another. */
  readonly rebase: string;
}

/** moby's PrepareArchiveCopy. @returns the folder that is unpacked into, and the new name of the first part; '' leaves it */
export function planCopy(source: CopyInfo, target: CopyInfo): { readonly folder: string; readonly name: string } {
  const [folder, entry] = splitPath(target.path);
  if (target.exists && target.isFolder) return { folder: target.path, name: source.rebase };
  if (target.exists && source.isFolder) throw new StatusError(1, 'cannot copy directory');
  if (target.exists || source.isFolder) return { folder, name: entry };
  if (target.path.endsWith('/') || saysHere(target.path)) throw new StatusError(1, 'no such directory');
  return { folder, name: entry };
}

/** @throws StatusError "lstat /x: no such file or directory" */
export async function localSource(folders: CallerFolders, path: string, follow: boolean): Promise<CopyInfo> {
  const direct = follow ? await folders.stat(path) : await folders.lstat(path);
  if (direct === null) throw new StatusError(1, `lstat ${await firstMissing(folders, cleanPath(path))}: no such file or directory`);
  return { path, exists: true, isFolder: isDirectory(direct), rebase: '' };
}

/** Go's EvalSymlinks names the part that it did not find. */
async function firstMissing(folders: CallerFolders, path: string): Promise<string> {
  const parts = path.split('/');
  for (let count = 2; count < parts.length; count++) {
    const above = parts.slice(0, count).join('/');
    if ((await folders.lstat(above)) === null) return above;
  }
  return path;
}

/** moby's CopyInfoDestinationPath. */
export async function localTarget(folders: CallerFolders, given: string): Promise<CopyInfo> {
  let path = given;
  let stat = await folders.lstat(path);
  for (let links = 0; stat !== null && isLink(stat); links++) {
    if (links > mostLinks) throw new StatusError(1, `too many links in "${given}"`);
    path = stat.link.startsWith('/') ? stat.link : cleanPath(`${splitPath(path)[0]}/${stat.link}`);
    stat = await folders.lstat(path);
  }
  if (stat !== null) return { path, exists: true, isFolder: isDirectory(stat), rebase: '' };
  const [parent] = splitPath(path);
  const above = await folders.stat(parent);
  if (above === null) throw new StatusError(1, `stat ${parent}: no such file or directory`);
  if (!isDirectory(above)) throw new StatusError(1, 'not a directory');
  return { path, exists: false, isFolder: false, rebase: '' };
}

/** docker/cli's ValidateOutputPath. @param path as typed */
export async function checkOutput(folders: CallerFolders, path: string): Promise<void> {
  const clean = cleanPath(path);
  const folder = clean.startsWith('/') || clean.includes('/') ? cleanPath(clean.slice(0, clean.lastIndexOf('/') + 1)) : '.';
  if (folder !== '.' && (await folders.stat(folder)) === null)
    throw new StatusError(1, `invalid output path: directory "${folder}" does not exist`);
  const stat = await folders.stat(path);
  const type = (stat?.mode ?? 0) & modeType.mask;
  if (type === modeType.characterDevice || type === modeType.blockDevice)
    throw new StatusError(1, `invalid output path: "${path}" must be a directory or a regular file: got a device`);
}

/** What a file that is to be written may not be (moby/sys: atomicwriter). */
const unwritable: ReadonlyMap<number, string> = new Map<number, string>([
  [modeType.directory, 'a directory'],
  [modeType.symlink, 'a symbolic link directly'],
  [modeType.fifo, 'a named pipe (FIFO)'],
  [modeType.socket, 'a socket'],
  [modeType.characterDevice, 'a character device file'],
  [modeType.blockDevice, 'a block device file'],
]);

/** The place of a file that is written beside it first and then renamed. @throws StatusError */
export async function checkFile(folders: CallerFolders, path: string): Promise<void> {
  const folder = cleanPath(path.slice(0, path.lastIndexOf('/') + 1));
  const above = folder === '.' || folder === '..' ? null : await folders.stat(folder);
  const isPlain = folder === '.' || folder === '..';
  if (!isPlain && above === null) throw new StatusError(1, `invalid output path: stat ${folder}: no such file or directory`);
  if (above !== null && !isDirectory(above)) throw new StatusError(1, `invalid output path: stat ${folder}: not a directory`);
  const stat = await folders.lstat(path);
  const what = unwritable.get((stat?.mode ?? 0) & modeType.mask);
  if (what !== undefined) throw new StatusError(1, `cannot write to ${what}`);
}

/** Of what is no plain file, such as a pipe. */
type Files = Pick<CliSession, 'folders' | 'readFile'>;

/** A file of the caller's as it is read. @throws StatusError "open x: no such file or directory" */
export async function localFile({ folders, readFile }: Files, path: string): Promise<ByteSource> {
  const stat = await folders.stat(path);
  if (stat === null) throw new StatusError(1, `open ${path}: no such file or directory`);
  if (isDirectory(stat)) throw new StatusError(1, `read ${path}: is a directory`);
  if ((stat.mode & modeType.mask) !== modeType.file) return sourceOf(await readFile(path));
  const entries = tarEntries(await folders.archive({ path, name: 'file', follow: true }));
  const first = await entries.next();
  const contents = first.done === true ? emptySource() : first.value.contents;
  return {
    async read() {
      const chunk = await contents.read();
      if (chunk === null) await entries.return();
      return chunk;
    },
    cancel: () => void entries.return().catch(() => undefined),
  };
}
