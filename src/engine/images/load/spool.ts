/** The files of an archive of images: in the store of contents by digest, whatever their order in the archive is. */
import { toDisposable, type Disposable } from '../../../base/disposable.ts';
import { AppError } from '../../../base/errors.ts';
import { clip } from '../../../base/clip.ts';
import type { ByteSource } from '../../../base/streams.ts';
import { tarEntries } from '../../../base/tar/read.ts';
import type { Content } from '../../content/content.ts';
import type { Taken } from '../../content/incoming.ts';
import { largestBlob } from '../../content/verified.ts';

/** Entries of one archive: the largest images have 127 layers, with three entries each in Docker's older form. */
const mostEntries = 16_384;
const longestName = 4096;
const mostLinks = 16;

export class Spool implements Disposable {
  readonly #files = new Map<string, Taken>();
  readonly #links = new Map<string, string>();
  readonly #content: Content;

  private constructor(content: Content) {
    this.#content = content;
  }

  /**
   * Reads an archive to its end. Nothing of it is written anywhere but into the store, where it is held until the spool is disposed.
   * @throws AppError invalid in Docker's words; exhausted
   */
  static async read(content: Content, archive: ByteSource, signal: AbortSignal): Promise<Spool> {
    const spool = new Spool(content);
    try {
      await spool.#fill(archive, signal);
      return spool;
    } catch (thrown) {
      spool.dispose();
      throw thrown;
    }
  }

  /** Links are followed inside the archive alone. undefined: there is no such file. */
  find(path: string): Taken | undefined {
    let at = join([], path);
    for (let links = 0; links < mostLinks && at !== null; links += 1) {
      const file = this.#files.get(at);
      if (file !== undefined) return file;
      const link = this.#links.get(at);
      if (link === undefined) return undefined;
      at = join(at.split('/').slice(0, -1), link);
    }
    return undefined;
  }

  /** A file of the archive by its digest, wherever it lies. */
  byDigest(digest: string): Taken | undefined {
    for (const file of this.#files.values()) if (file.digest === digest) return file;
    return undefined;
  }

  /** A small file. undefined: it is not there. @throws AppError exhausted */
  async document(path: string): Promise<Uint8Array | undefined> {
    const file = this.find(path);
    return file === undefined ? undefined : this.#content.read(file.digest);
  }

  dispose(): void {
    for (const file of this.#files.values()) file.dispose();
    this.#files.clear();
  }

  async #fill(archive: ByteSource, signal: AbortSignal): Promise<void> {
    let left = largestBlob * 4;
    let entries = 0;
    for await (const { header, contents } of tarEntries(archive)) {
      signal.throwIfAborted();
      entries += 1;
      if (entries > mostEntries)
        throw new AppError('exhausted', `the archive has more than ${mostEntries} entries: no archive of images has`);
      const path = join([], header.path);
      if (path === null || path.length > longestName) throw new AppError('invalid', `invalid entry name "${clip(header.path, 200)}"`);
      if (header.type === 'symlink') this.#place(path, header.link);
      else if (header.type === 'hardlink') this.#link(path, header.link);
      else if (header.type === 'file') {
        const file = await this.#content.take(contents, { limit: Math.min(left, largestBlob), signal });
        left -= file.size;
        this.#place(path, file);
      }
    }
  }

  #place(path: string, what: Taken | string): void {
    this.#files.get(path)?.dispose();
    this.#files.delete(path);
    this.#links.delete(path);
    if (typeof what === 'string') this.#links.set(path, what);
    else this.#files.set(path, what);
  }

  /** Another name of a file that came before. */
  #link(path: string, target: string): void {
    const to = join([], target);
    const file = to === null ? undefined : this.#files.get(to);
    if (file === undefined)
      throw new AppError('invalid', `linkat ${clip(target.replace(/^\/+/, ''), 200)} ${clip(path, 200)}: no such file or directory`);
    const held = this.#content.hold([file.digest]);
    this.#place(path, { digest: file.digest, size: file.size, ...toDisposable(() => held.dispose()) });
  }
}

/** A path from a folder, both below the archive's root. null: it leads out. */
function join(folder: readonly string[], path: string): string | null {
  const parts = path.startsWith('/') ? [] : [...folder];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}
