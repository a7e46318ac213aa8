import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, hexOf, openTemporary } from './files.ts';
import { prune } from './prune.ts';

/** Files held open at once; the kernel allows a process 1024 unless told otherwise. */
const mostOpen = 64;

/** A file of the cache as it was made: one of another size is another. */
export interface CachedTar {
  /** Up to `count` bytes from `offset`; null: it was taken away. */
  read(offset: number, count: number): Uint8Array | null;
}

/**
 * Unpacked layers as files named by their diff ID, within so many bytes. Any of them may be deleted at any time, by this or another process or by hand: then
 * `read` says so. Reading is synchronous: the bytes are in the kernel's cache or one read of a disk away, and the guest waits for them on this very thread.
 */
export class TarCache {
  readonly #folder: string;
  readonly #limit: number;
  /** Least recently used first. */
  readonly #open = new Map<string, number>();

  private constructor(folder: string, limit: number) {
    this.#folder = folder;
    this.#limit = limit;
  }

  static async create(folder: string, limit: number): Promise<TarCache> {
    await mkdir(folder, { recursive: true });
    await prune(folder, { limit });
    return new TarCache(folder, limit);
  }

  async create(diffId: string, _expectedBytes: number) {
    const { path, file } = await openTemporary(this.#folder);
    let written = 0;
    let over = false;
    return {
      write: async (chunk: Uint8Array): Promise<void> => {
        for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
        written += chunk.length;
      },
      commit: async (): Promise<CachedTar> => {
        over = true;
        await file.close();
        await this.#prepareFor(written);
        await rename(path, this.#path(diffId));
        this.#close(diffId);
        const tar = this.#tar(diffId, written);
        // Held open at once: what others delete meanwhile can be read on.
        tar.read(0, 0);
        return tar;
      },
      abort: async (): Promise<void> => {
        if (over) return;
        over = true;
        await file.close().catch(() => undefined);
        await rm(path, { force: true });
      },
    };
  }

  async find(diffId: string): Promise<CachedTar | null> {
    const path = this.#path(diffId);
    const found = await stat(path).catch(() => null);
    if (found === null) return null;
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
    return this.#tar(diffId, found.size);
  }

  dispose(): void {
    for (const file of this.#open.values()) closeSync(file);
    this.#open.clear();
  }

  #path(diffId: string): string {
    return join(this.#folder, hexOf(diffId));
  }

  async #prepareFor(bytes: number): Promise<void> {
    await prune(this.#folder, { limit: Math.max(0, this.#limit - bytes) });
  }

  #tar(diffId: string, size: number): CachedTar {
    return {
      read: (offset, count) => {
        const file = this.#fileOf(diffId);
        if (file === null) return null;
        const buffer = new Uint8Array(Math.max(0, Math.min(count, size - offset)));
        for (let at = 0; at < buffer.length;) {
          const got = readSync(file, buffer, at, buffer.length - at, offset + at);
          // Cut short by somebody: as good as gone.
          if (got === 0) return null;
          at += got;
        }
        return buffer;
      },
    };
  }

  #fileOf(diffId: string): number | null {
    const open = this.#open.get(diffId) ?? this.#openFile(diffId);
    if (open === null) return null;
    this.#open.delete(diffId);
    this.#open.set(diffId, open);
    const [oldest] = this.#open.keys();
    if (this.#open.size > mostOpen && oldest !== undefined) this.#close(oldest);
    return open;
  }

  #openFile(diffId: string): number | null {
    try {
      return openSync(this.#path(diffId), 'r');
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return null;
      throw thrown;
    }
  }

  #close(diffId: string): void {
    const file = this.#open.get(diffId);
    if (file === undefined) return;
    this.#open.delete(diffId);
    closeSync(file);
  }
}
