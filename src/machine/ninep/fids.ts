import { errno, LinuxError } from './errno.ts';
import type { Namespace, ServedFile } from './namespace.ts';

/** What a fid stands for (intro(5) of Plan 9): a file by path, maybe open, or an extended attribute that is read. */
export interface Fid {
  readonly path: readonly string[];
  /** null until a path of a restored state can be resolved again. */
  file: ServedFile | null;
  open: boolean;
  /** Tlopen's flags. */
  flags: number;
  /** Of xattrwalk: "" is the list of names. */
  readonly xattr: string | null;
}

export interface SavedFid {
  readonly fid: number;
  readonly path: readonly string[];
  readonly open: boolean;
  readonly flags: number;
  readonly xattr: string | null;
}

/** The fids of the one session that the guest's mount is. */
export class FidTable {
  readonly #fids = new Map<number, Fid>();
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  get(number: number): Fid {
    const fid = this.#fids.get(number);
    if (fid === undefined) throw new LinuxError(errno.EBADF);
    return fid;
  }

  /** The fid's file; ESTALE when it is of a tree that is not mounted. */
  file(number: number): ServedFile {
    const fid = this.get(number);
    fid.file ??= this.#namespace.resolve(fid.path);
    if (fid.file === null) throw new LinuxError(errno.ESTALE);
    return fid.file;
  }

  add(number: number, file: ServedFile, xattr: string | null = null): void {
    if (this.#fids.has(number)) throw new LinuxError(errno.EBADF);
    this.#fids.set(number, { path: file.path, file, open: false, flags: 0, xattr });
  }

  replace(number: number, file: ServedFile): void {
    this.#fids.set(number, { path: file.path, file, open: false, flags: 0, xattr: null });
  }

  delete(number: number): void {
    if (!this.#fids.delete(number)) throw new LinuxError(errno.EBADF);
  }

  clear(): void {
    this.#fids.clear();
  }

  save(): SavedFid[] {
    return [...this.#fids].map(([fid, { path, open, flags, xattr }]) => ({ fid, path, open, flags, xattr }));
  }

  restore(saved: readonly SavedFid[]): void {
    this.#fids.clear();
    for (const { fid, path, open, flags, xattr } of saved) this.#fids.set(fid, { path, file: null, open, flags, xattr });
  }
}
