import { ownValue } from '../../../base/record.ts';
import { AppError } from '../../../base/errors.ts';
import type { Propagation } from './mount.ts';

/** MS_* of mount(2). */
export const mountFlag = {
  rdonly: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  dirsync: 128,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  rec: 16_384,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relatime: 1 << 21,
  strictatime: 1 << 24,
} as const;
const { rdonly, nosuid, nodev, noexec, rec, strictatime } = mountFlag;

/** nosuid, noexec, nodev: what Docker gives to all that is not the user's. */
export const careful = nosuid | noexec | nodev;

export const propagationFlags: Readonly<Record<Propagation, number>> = {
  private: mountFlag.private,
  rprivate: mountFlag.private | rec,
  slave: mountFlag.slave,
  rslave: mountFlag.slave | rec,
  shared: mountFlag.shared,
  rshared: mountFlag.shared | rec,
};

export function isPropagation(word: string): word is Propagation {
  return Object.hasOwn(propagationFlags, word);
}

/** Flags that a word sets, and flags that it clears. */
export const tmpfsFlags: Readonly<Record<string, readonly [number, number]>> = {
  ro: [rdonly, 0],
  rw: [0, rdonly],
  nosuid: [nosuid, 0],
  suid: [0, nosuid],
  nodev: [nodev, 0],
  dev: [0, nodev],
  noexec: [noexec, 0],
  exec: [0, noexec],
  noatime: [mountFlag.noatime, 0],
  atime: [0, mountFlag.noatime],
  nodiratime: [mountFlag.nodiratime, 0],
  diratime: [0, mountFlag.nodiratime],
  relatime: [mountFlag.relatime, 0],
  norelatime: [0, mountFlag.relatime],
  strictatime: [strictatime, 0],
  nostrictatime: [0, strictatime],
  sync: [mountFlag.sync, 0],
  async: [0, mountFlag.sync],
  dirsync: [mountFlag.dirsync, 0],
  defaults: [0, 0],
};
/** What tmpfs(5) takes a value of. */
export const tmpfsData: ReadonlySet<string> = new Set(['mode', 'uid', 'gid', 'size', 'nr_inodes', 'nr_blocks', 'mpol', 'huge']);

/** pkg/mount MergeTmpfsOptions: noexec,nosuid,nodev unless undone. @throws AppError internal 'invalid tmpfs option "foo"' */
export function parseTmpfsOptions(text: string): { readonly flags: number; readonly data: string; readonly propagation: number } {
  let flags: number = careful;
  let propagation = 0;
  const data: string[] = [];
  for (const option of text.split(',').filter((word) => word !== '')) {
    const known = ownValue(tmpfsFlags, option);
    if (known !== undefined) flags = (flags & ~known[1]) | known[0];
    else if (isPropagation(option)) propagation = propagationFlags[option];
    else if (tmpfsData.has(option.split('=')[0] ?? '')) data.push(option);
    else throw new AppError('internal', `invalid tmpfs option "${option.split('=')[0] ?? ''}"`);
  }
  return { flags, data: data.join(','), propagation };
}
