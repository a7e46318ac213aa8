import { link, mkdir, open, readdir, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';
import { iterate, type ByteSource } from '../../base/streams.ts';
import { codeOf, hexOf, openTemporary } from './files.ts';
import { prune } from './prune.ts';

const readBytes = 256 * 1024;

export interface BlobFolderOptions {
  /** Shared by every engine that has this data root. */
  readonly pool: string;
  /** Of this engine alone, on the same file system. */
  readonly own: string;
  /** Bytes of what no engine holds; the longest unused go first. */
  readonly limit: number;
}

/**
 * Blobs in a folder, each a file named by its digest, beside other engines that use the same folder. Every engine holds its blobs by hard links in a folder
 * of its own: what one deletes, another keeps, and nobody has to ask. A file gets its name when it is whole (rename(2) and link(2) are atomic): an engine
 * that was killed leaves nothing that looks like a blob.
 */
export class BlobFolder {
  readonly #pool: string;
  readonly #own: string;
  readonly #limit: number;

  private constructor({ pool, own, limit }: BlobFolderOptions) {
    this.#pool = pool;
    this.#own = own;
    this.#limit = limit;
  }

  static async create(options: BlobFolderOptions): Promise<BlobFolder> {
    await mkdir(options.pool, { recursive: true });
    await mkdir(options.own, { recursive: true });
    return new BlobFolder(options);
  }

  /** What another engine has brought counts: it is held from now on. */
  async has(digest: string): Promise<boolean> {
    const own = join(this.#own, hexOf(digest));
    try {
      await link(join(this.#pool, hexOf(digest)), own);
      return true;
    } catch (thrown) {
      if (codeOf(thrown) === 'EEXIST') return true;
      if (codeOf(thrown) === 'ENOENT') return exists(own);
      throw thrown;
    }
  }

  async put(digest: string, source: ByteSource): Promise<void> {
    const staged = await this.stage();
    try {
      for await (const chunk of iterate(source)) await staged.write(chunk);
      await staged.commit(digest);
    } finally {
      await staged.abort();
    }
  }

  async stage() {
    const { path, file } = await openTemporary(this.#own);
    let isOver = false;
    return {
      write: (chunk: Uint8Array): Promise<void> => writeAll(file, chunk),
      commit: async (digest: string): Promise<void> => {
        const name = hexOf(digest);
        await file.close();
        await rename(path, join(this.#own, name));
        isOver = true;
        // Somebody may have brought it meanwhile: the same bytes.
        await link(join(this.#own, name), join(this.#pool, name)).catch(ignore('EEXIST'));
        await prune(this.#pool, { limit: this.#limit, isFree: ({ nlink }) => nlink === 1 });
      },
      abort: async (): Promise<void> => {
        if (isOver) return;
        isOver = true;
        await file.close().catch(() => undefined);
        await rm(path, { force: true });
      },
    };
  }

  async open(digest: string, range?: { readonly offset: number; readonly count: number }): Promise<ByteSource> {
    const name = hexOf(digest);
    const file = await open(join(this.#own, name)).catch((thrown: unknown) => {
      throw codeOf(thrown) === 'ENOENT' ? new AppError('not_found', `blob ${digest} is not there`, { cause: thrown }) : thrown;
    });
    return fileSource(file, range ?? { offset: 0, count: Number.MAX_SAFE_INTEGER });
  }

  async delete(digest: string): Promise<void> {
    const name = hexOf(digest);
    await unlink(join(this.#own, name)).catch(ignore('ENOENT'));
    const pooled = join(this.#pool, name);
    const found = await stat(pooled).catch(ignore('ENOENT'));
    // Who links it between the two calls has it.
    if (found?.nlink === 1) await unlink(pooled).catch(ignore('ENOENT'));
  }

  async list(): Promise<readonly { readonly digest: string; readonly bytes: number }[]> {
    const names = (await readdir(this.#own)).filter((name) => /^[0-9a-f]{64}$/.test(name));
    const found = await Promise.all(
      names.map(async (name) => {
        const file = await stat(join(this.#own, name)).catch(ignore('ENOENT'));
        return file === undefined ? [] : [{ digest: `sha256:${name}`, bytes: file.size }];
      }),
    );
    return found.flat();
  }

  /** Lets go of everything; it stays in the pool for whoever comes next, within its bounds. */
  async dispose(): Promise<void> {
    await rm(this.#own, { recursive: true, force: true });
    await prune(this.#pool, { limit: this.#limit, isFree: ({ nlink }) => nlink === 1 });
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
}

function fileSource(file: FileHandle, { offset, count }: { readonly offset: number; readonly count: number }): ByteSource {
  let position = offset;
  let left = count;
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await file.close();
  };
  return {
    async read() {
      if (!open) return null;
      const buffer = new Uint8Array(Math.min(readBytes, left));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      position += bytesRead;
      left -= bytesRead;
      if (bytesRead > 0) return buffer.subarray(0, bytesRead);
      await close();
      return null;
    },
    cancel: () => void close().catch(() => undefined),
  };
}

function ignore(code: string): (thrown: unknown) => undefined {
  return (thrown) => {
    if (codeOf(thrown) !== code) throw thrown;
  };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignore('ENOENT'))) !== undefined;
}
