import { constants, lstatSync, realpathSync, type BigIntStats } from 'node:fs';
import { errno, LinuxError } from '../../ninep/errno.ts';

const { S_IFMT, S_IFDIR, S_IFLNK, S_IFREG } = constants;
const longestName = 255;
const eloop = 40;
const enametoolong = 36;

/**
 * Paths below one folder of the host. Names are bytes, a character each (Latin-1), for Linux's names are no text; a path is names parted by "/", '' the folder.
 *
 * Nothing outside is reached: no name is "..", the last name of a path is never followed where it is a link, and the folder that it is in must be where its path
 * says, without a link on the way. Everything is done at once, without giving the guest a turn between check and use.
 */
export class HostFolder {
  readonly #root: string;

  /** @param root an absolute path without links */
  constructor(root: string) {
    this.#root = Buffer.from(root).toString('latin1');
  }

  /** @throws LinuxError ENOENT, ELOOP where a link has come into the way */
  locate(path: string): Buffer {
    if (path === '') return this.#folder('');
    const slash = path.lastIndexOf('/');
    const parent = this.#folder(slash < 0 ? '' : path.slice(0, slash));
    return Buffer.concat([parent, Buffer.from(`/${path.slice(slash + 1)}`, 'latin1')]);
  }

  /** lstat(2) */
  stat(path: string): BigIntStats {
    return lstatSync(this.locate(path), { bigint: true });
  }

  #folder(path: string): Buffer {
    const wanted = Buffer.from(path === '' ? this.#root : `${this.#root}/${path}`, 'latin1');
    const real = realpathSync.native(wanted, 'buffer');
    if (!real.equals(wanted)) throw new LinuxError(eloop);
    return wanted;
  }
}

/** A path and a name below it. @throws LinuxError for what is no name of a file */
export function below(path: string, name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) throw new LinuxError(errno.EINVAL);
  if (name.length > longestName) throw new LinuxError(enametoolong);
  return path === '' ? name : `${path}/${name}`;
}

/** Above the folder is the folder. */
export function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

const typeOf = ({ mode }: BigIntStats): number => Number(mode) & S_IFMT;
export const isDirectory = (stat: BigIntStats): boolean => typeOf(stat) === S_IFDIR;
export const isLink = (stat: BigIntStats): boolean => typeOf(stat) === S_IFLNK;
export const isFile = (stat: BigIntStats): boolean => typeOf(stat) === S_IFREG;
