/** Where COPY and ADD read: a build's context, or the files of a stage or an image. */
import type { TarInput } from '../../../base/tar/write.ts';

export interface SourceFile {
  /** Absolute, without links. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Its mtime in seconds since the epoch. */
  readonly modified: number;
}

export interface ListedFile {
  readonly name: string;
  readonly type: 'directory' | 'symlink' | 'other';
}

/** A file and what it is known by in a cache's key. */
export interface DigestedFile {
  /** Relative to where the walk began; '' is that itself. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Of all but its name and its times. */
  readonly digest: string;
}

export interface SourceFiles {
  /** What BuildKit calls it in errors: "0d9afed7-…::w7hyusj2wacscmao9edwzy57e". */
  readonly ref: string;
  /** Links are followed inside, the last one, too. null: nothing is there. @throws AppError invalid "too many links" */
  find(path: string): Promise<SourceFile | null>;
  /** In byte order. @param folder of a SourceFile, or one below it without links */
  list(folder: string): Promise<readonly ListedFile[]>;
  /** A file under the name ''; what is in a folder, all below it included, by relative names, a folder before what is in it. Hard links name what came before. */
  walk(file: SourceFile): AsyncIterable<TarInput>;
  /** In the order of `walk`. */
  digests(file: SourceFile): AsyncIterable<DigestedFile>;
}
