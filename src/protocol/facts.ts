/** Questions about the guest's files and their answers, many in one round trip: `inspect` of the agent, decoded. */

/** A question about a file. `pid` > 0: below that process's root; `root`: below that folder. Links do not lead out of either. */
export interface Fact {
  readonly op: 'read' | 'readlink' | 'lstat' | 'stat' | 'list';
  readonly path: string;
  readonly pid?: number;
  readonly root?: string;
  /** Bytes, of `read`. */
  readonly max?: number;
}

export interface FileStat {
  /** st_mode, type included. */
  readonly mode: number;
  readonly size: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** dev_t as in the agent's `stat` record. */
  readonly rdev: number;
  readonly ino: number;
  readonly dev: number;
  /** The target of a symbolic link. */
  readonly link: string;
}

/** `errno` 0: there. Then `text` is the contents or the link, `names` the list, `stat` the stat; the others are empty or null. */
export interface FactResult {
  readonly errno: number;
  readonly text: string;
  readonly names: readonly string[];
  readonly stat: FileStat | null;
}

/** makedev(3) of Linux, undone: of `rdev`, `dev`, and tty_nr of proc_pid_stat(5). */
export function splitDevice(device: number): { readonly major: number; readonly minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}
