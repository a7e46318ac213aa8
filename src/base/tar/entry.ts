/** What a tar entry makes. */
export type TarType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

/** An entry of an archive without its contents. */
export interface TarHeader {
  /** As written in the archive: "./usr/bin/", "etc/passwd". Whiteouts of layers are entries like others: "etc/.wh.passwd". */
  readonly path: string;
  readonly type: TarType;
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch, with a fraction where pax gives one. */
  readonly mtime: number;
  /** Of a symlink its target, of a hard link the path of the entry it shares. */
  readonly link: string;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** Bytes of a file's contents; 0 for all others. */
  readonly size: number;
}

/** A header as it is found: where in the archive its file's contents begin. */
export interface PlacedHeader extends TarHeader {
  readonly offset: number;
  /** Of a sparse file: offset and size, in turn, of what is in the archive, one behind the other; the rest of the file is zeros. */
  readonly extents?: Float64Array;
}

export const blockBytes = 512;

/** Bytes up to the next whole block. */
export function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}
