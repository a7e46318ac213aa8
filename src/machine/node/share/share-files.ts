import { closeSync, fstatSync, lchownSync, type BigIntStats } from 'node:fs';
import { errno, LinuxError } from '../../ninep/errno.ts';
import { qidType, type MessageReader, type MessageWriter, type Qid } from '../../ninep/wire.ts';
import { HostFolder, isDirectory, isLink } from './host-folder.ts';
import { ownersOf, type Owners } from './owners.ts';

/** A file of the share that the guest holds: by path, which follows when the guest renames, and by descriptor while it is open. */
export interface Fid {
  path: string;
  /** Who attached: new files are theirs. */
  readonly uid: number;
  fd: number | null;
  /** Of a folder that is being read. */
  names: readonly string[] | null;
}

export type Operation = (request: MessageReader, reply: MessageWriter) => void;
/** By the type of the T-message. */
export type Operations = Readonly<Record<number, Operation>>;

const mostFids = 65_536;
const enfile = 23;

/** The folder of a share and what the guest holds of it. */
export class ShareFiles {
  readonly folder: HostFolder;
  readonly owners: Owners;
  readonly fids = new Map<number, Fid>();
  /** Largest message, as agreed. */
  messageBytes = 8192;
  /** Numbers for the devices that the folder spans: inodes are unique within one only. */
  readonly #devices = new Map<bigint, number>();

  constructor(root: string, user: { readonly uid: number; readonly gid: number }) {
    this.folder = new HostFolder(root);
    this.owners = ownersOf(user);
  }

  /** @throws LinuxError EBADF */
  fid(number: number): Fid {
    const fid = this.fids.get(number);
    if (fid === undefined) throw new LinuxError(errno.EBADF);
    return fid;
  }

  /** In place of what had the number. @throws LinuxError ENFILE */
  add(number: number, fid: Fid): void {
    this.forget(number);
    if (this.fids.size >= mostFids) throw new LinuxError(enfile);
    this.fids.set(number, fid);
  }

  forget(number: number): void {
    const fid = this.fids.get(number);
    if (fid === undefined) return;
    this.fids.delete(number);
    release(fid);
  }

  forgetAll(): void {
    for (const fid of this.fids.values()) release(fid);
    this.fids.clear();
  }

  stat(fid: Fid): BigIntStats {
    return fid.fd === null ? this.folder.stat(fid.path) : fstatSync(fid.fd, { bigint: true });
  }

  /** null for what has gone meanwhile. */
  statOrNull(path: string): BigIntStats | null {
    try {
      return this.folder.stat(path);
    } catch {
      return null;
    }
  }

  qid(stat: BigIntStats): Qid {
    const device = this.#devices.get(stat.dev) ?? this.#devices.size;
    this.#devices.set(stat.dev, device);
    const type = isDirectory(stat) ? qidType.directory : isLink(stat) ? qidType.symlink : qidType.file;
    // Below 2^53: 48 bits of the inode, and which of at most 32 devices.
    return { type, version: 0, path: Number(stat.ino & 0xffff_ffff_ffffn) + (device % 32) * 2 ** 48 };
  }

  /** A new file, to who made it. */
  give(path: string, uid: number, gid: number): void {
    if (this.owners.gives) lchownSync(this.folder.locate(path), uid, gid);
  }
}

/** Closes what is open of it. */
export function release(fid: Fid): void {
  if (fid.fd !== null) closeSync(fid.fd);
  fid.fd = null;
  fid.names = null;
}
