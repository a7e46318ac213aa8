import { AppError } from '../../../base/errors.ts';
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import { readAll, sourceOf, type ByteSource } from '../../../base/streams.ts';
import { tarEntries } from '../../../base/tar/read.ts';
import { tarOf, type TarInput } from '../../../base/tar/write.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import { errno, type GuestArchives } from '../../runtime.ts';
import type { TestCalls } from './calls.ts';
import type { TestFiles } from './files.ts';
import type { TestPlaces } from './places.ts';

/** Folders as tar archives. */
export class TestArchives implements GuestArchives {
  readonly #calls: TestCalls;
  readonly #files: TestFiles;
  readonly #places: TestPlaces;

  constructor(calls: TestCalls, files: TestFiles, places: TestPlaces) {
    this.#calls = calls;
    this.#files = files;
    this.#places = places;
  }

  async read({ pid = 0, root = '', path = '', name = '' }: AgentRecordInput<'archiveSpec'>): Promise<ByteSource> {
    await this.#calls.call('archive');
    const own = this.#files.uppers.get(path);
    if (own !== undefined) return tarOf(entriesOf(own));
    const tree = this.#places.at(pid, root);
    const clean = path.replace(/\/\.?$/, '');
    const text = tree.get(clean);
    const below = [...tree].filter(([file]) => file.startsWith(`${clean}/`)).sort();
    if (text === undefined && below.length === 0 && clean !== '') throw new AppError('internal', path, { detail: { errno: errno.ENOENT } });
    if (text !== undefined) return tarOf([fileEntry(name, text)]);
    const folder = name === '' || name.endsWith('/') ? name : `${name}/`;
    const top = folder === '' ? [] : [{ header: { ...plainHeader, path: folder, type: 'directory' as const, mode: 0o755 } }];
    return tarOf([...top, ...below.map(([file, contents]) => fileEntry(folder + file.slice(clean.length + 1), contents))]);
  }

  async extract({ pid = 0, root = '', path = '' }: AgentRecordInput<'extractSpec'>, archive: ByteSource): Promise<void> {
    await this.#calls.call('extract');
    const tree = this.#places.at(pid, root);
    for await (const { header, contents } of tarEntries(archive))
      if (header.type === 'file') tree.set(`${path.replace(/\/\.?$/, '')}/${header.path}`, fromUtf8(await readAll(contents)));
  }
}

const plainHeader = { mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, xattrs: new Map(), size: 0 };

function entriesOf(files: ReadonlyMap<string, string>): TarInput[] {
  return [...files]
    .map(([file, text]) => fileEntry(file.replace(/^\/+/, ''), text))
    .sort((one, other) => (one.header.path < other.header.path ? -1 : 1));
}

function fileEntry(path: string, text: string): TarInput {
  const contents = utf8(text);
  return { header: { ...plainHeader, path, type: 'file', size: contents.length }, contents: sourceOf(contents) };
}
