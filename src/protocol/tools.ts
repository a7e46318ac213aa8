/** `tools/index.json`: the files of the tools that the guest's own root shows, read when one of them is used (tools/README.md). */

/** A directory has a mode alone, a symbolic link its target, a file the SHA-256 of its contents, which lie at `blobs/SHA256` in zstd's format. */
export interface ToolFile {
  /** Without a leading slash; a directory stands before what is in it. */
  readonly path: string;
  /** Permissions. */
  readonly mode?: number;
  readonly target?: string;
  /** Bytes, unpacked. */
  readonly size?: number;
  /** Hexadecimal. */
  readonly blob?: string;
}

export interface ToolIndex {
  readonly version: 1;
  /** Of every file, in seconds since the epoch. */
  readonly mtime: number;
  readonly files: readonly ToolFile[];
}
