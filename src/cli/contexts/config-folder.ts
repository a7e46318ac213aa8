import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { sourceOf } from '../../base/streams.ts';
import { tarOf, type TarInput } from '../../base/tar/write.ts';
import { absoluteLocal } from '../client/local-path.ts';
import type { CliSession } from '../session.ts';

type Files = Pick<CliSession, 'cwd' | 'folders' | 'readFile'>;

/** st_mode's permission bits of a file and of the folders that are made for it. */
export interface Modes {
  readonly file: number;
  readonly folder: number;
}

/** The folder of the client's own files: `~/.docker`, in the files of whoever called. */
export class ConfigFolder {
  /** Absolute. */
  readonly path: string;
  readonly #files: Files;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.path = absoluteLocal(path, files.cwd);
  }

  /** @param name below the folder */
  at(name: string): string {
    return `${this.path}/${name}`;
  }

  /** null: there is no such file. */
  async read(name: string): Promise<string | null> {
    try {
      return fromUtf8(await this.#files.readFile(this.at(name)));
    } catch (error) {
      if (error instanceof AppError && error.kind === 'not_found') return null;
      throw error;
    }
  }

  /** Names of what is in a folder; none where there is no such folder. */
  async list(name: string): Promise<readonly string[]> {
    return (await this.#files.folders.list(this.at(name))) ?? [];
  }

  /** A file, or a folder with all below it; one that is not there is no error. */
  async remove(name: string): Promise<void> {
    await this.#files.folders.remove(this.at(name));
  }

  /** Creates or replaces a file, and the folders above it. */
  async write(name: string, text: string, modes: Modes): Promise<void> {
    const [above, missing] = await this.#split(this.at(name));
    const contents = utf8(text);
    const entries = missing.map((_part, index): TarInput => {
      const path = missing.slice(0, index + 1).join('/');
      if (index < missing.length - 1) return { header: { ...plain, path, type: 'directory', mode: modes.folder } };
      return { header: { ...plain, path, mode: modes.file, size: contents.length }, contents: sourceOf(contents) };
    });
    await this.#files.folders.extract({ path: above, rename: '' }, tarOf(entries));
  }

  /** The deepest folder that is there, and the parts of the path below it. */
  async #split(path: string): Promise<readonly [string, readonly string[]]> {
    const parts = path.split('/').slice(1);
    for (let count = parts.length - 1; count > 0; count--) {
      const folder = `/${parts.slice(0, count).join('/')}`;
      if ((await this.#files.folders.stat(folder)) !== null) return [folder, parts.slice(count)];
    }
    return ['/', parts];
  }
}

const plain = { type: 'file', mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, link: '', major: 0, minor: 0, xattrs: new Map() } as const;
