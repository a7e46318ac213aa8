/** The files of a stage or an image, read from the guest through an overlay of its layers. */
import { sha256 } from '@noble/hashes/sha2.js';
import { inByteOrder } from '../../../base/byte-order.ts';
import { toHex } from '../../../base/bytes.ts';
import type { ByteSource } from '../../../base/streams.ts';
import type { TarHeader } from '../../../base/tar/entry.ts';
import { tarEntries } from '../../../base/tar/read.ts';
import type { TarInput } from '../../../base/tar/write.ts';
import { trimEndOf } from '../../../base/trim.ts';
import type { Needs } from '../../containers/context.ts';
import { viewDirectories } from '../../containers/files/view.ts';
import { layerPath } from '../../images/layer-store.ts';
import { digestOf, contextEntry } from '../context/entry.ts';
import { refOf } from '../context/receive.ts';
import type { DigestedFile, ListedFile, SourceFile, SourceFiles } from '../context/source-files.ts';
import { TreeFiles } from '../context/tree-files.ts';
import { findPlace, isFolder, isLink } from './place.ts';

type Context = Needs<'runtime' | 'volumes' | 'host' | 'views' | 'random'>;

export interface OpenFiles {
  readonly files: SourceFiles;
  /** Takes the view away. */
  release(): Promise<void>;
}

/** @param layers directories, topmost first, which stay meanwhile; none: nothing is there */
export async function openLayers(context: Context, layers: readonly string[]): Promise<OpenFiles> {
  const ref = refOf(context.random);
  if (layers.length === 0) return { files: emptyFiles(ref), release: () => Promise.resolve() };
  const directories = layers.map((directory) => layerPath(context.host.layerRoot, directory));
  const { root, release } = await viewDirectories(context, directories);
  return { files: new LayerFiles(context, 'root' in root ? root.root : '', ref), release };
}

function emptyFiles(ref: string): SourceFiles {
  const root = { type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0, target: '', major: 0, minor: 0, xattrs: new Map() } as const;
  return new TreeFiles(contextEntry(root), { ref, now: 0, read: () => Promise.reject(new Error('an empty tree has no files')) });
}

class LayerFiles implements SourceFiles {
  readonly ref: string;
  readonly #runtime: Context['runtime'];
  readonly #root: string;

  constructor({ runtime }: Context, root: string, ref: string) {
    this.ref = ref;
    this.#runtime = runtime;
    this.#root = root;
  }

  async find(path: string): Promise<SourceFile | null> {
    const { path: real, stat } = await findPlace(this.#runtime, this.#root, path);
    return stat === null ? null : { path: real, isFolder: isFolder(stat), modified: stat.mtime };
  }

  async list(folder: string): Promise<readonly ListedFile[]> {
    const [listed] = await this.#runtime.facts.inspect([{ op: 'list', path: folder, root: this.#root }]);
    const names = (listed?.names ?? []).toSorted(inByteOrder);
    const below = folder === '/' ? '' : folder;
    const stats = await this.#runtime.facts.inspect(names.map((name) => ({ op: 'lstat', path: `${below}/${name}`, root: this.#root })));
    return names.flatMap((name, index) => {
      const stat = stats[index]?.stat ?? null;
      if (stat === null) return [];
      return [{ name, type: isFolder(stat) ? 'directory' : isLink(stat) ? 'symlink' : 'other' }];
    });
  }

  async *walk(file: SourceFile): AsyncGenerator<TarInput, void> {
    const archive = await this.#runtime.archives.read({ root: this.#root, path: file.path, name: file.isFolder ? '' : 'file' });
    for await (const { header, contents } of tarEntries(archive)) {
      const path = file.isFolder ? trimEndOf(header.path, '/') : '';
      yield header.type === 'file' ? { header: { ...header, path }, contents } : { header: { ...header, path } };
    }
  }

  async *digests(file: SourceFile): AsyncGenerator<DigestedFile, void> {
    for await (const { header, contents } of this.walk(file))
      yield { path: header.path, isFolder: header.type === 'directory', digest: await digestOfEntry(header, contents) };
  }
}

async function digestOfEntry(header: TarHeader, contents: ByteSource | undefined): Promise<string> {
  const { type, mode, uid, gid, size, link, major, minor, xattrs } = header;
  const hash = sha256.create();
  for (let chunk = await contents?.read(); chunk !== null && chunk !== undefined; chunk = await contents?.read()) hash.update(chunk);
  const attributes = [...xattrs].map(([name, value]) => [name, toHex(value)]);
  return digestOf([type, mode, uid, gid, size, link, major, minor, attributes, toHex(hash.digest())]);
}
