/** `-o`: what comes out of a build, and where to (buildx: util/buildflags/export.go, build/opt.go). */
import { toAppError } from '../../base/errors.ts';
import { createPipe, type ByteSource } from '../../base/streams.ts';
import { tarEntries } from '../../base/tar/read.ts';
import { tarOf, type TarInput } from '../../base/tar/write.ts';
import { csvFields } from '../../grammar/csv.ts';
import { copyTo } from '../client/demultiplex.ts';
import { absoluteLocal, isDirectory } from '../client/local-path.ts';
import { StatusError, WriteError } from '../errors.ts';
import type { CliSession } from '../session.ts';

/** Where an archive of the engine goes: a folder that it is unpacked in, a file, standard output. */
export type Destination =
  { readonly kind: 'folder'; readonly path: string } | { readonly kind: 'file'; readonly path: string } | { readonly kind: 'stdout' };

export interface Output {
  /** As the engine calls it. */
  readonly type: 'image' | 'cacheonly' | 'local' | 'tar' | 'docker' | 'oci';
  /** null: it stays in the engine. */
  readonly destination: Destination | null;
  /** Of an image, where no `-t` is given. */
  readonly name: string;
  /** To the registries of its names. */
  readonly pushes: boolean;
}

const plainImage = { type: 'image', destination: null, pushes: false } as const;

function refused(why: string): StatusError {
  return new StatusError(1, `ERROR: failed to build: ${why}`);
}

interface Shorthands {
  /** `--load` */
  readonly loads: boolean;
  /** `--push` */
  readonly pushes: boolean;
}

/** @throws StatusError in buildx's words */
export async function outputsOf(session: CliSession, texts: readonly string[], { loads, pushes }: Shorthands): Promise<readonly Output[]> {
  const outputs: Output[] = [];
  for (const text of texts) {
    const attributes = attributesOf(text);
    if (attributes !== null) outputs.push(await outputOf(session, attributes));
  }
  const isLoaded = outputs.some(({ type, destination }) => type === 'image' || (type === 'docker' && destination === null));
  if (outputs.length === 0 || (loads && !isLoaded)) outputs.push({ ...plainImage, name: '' });
  if (!pushes) return outputs;
  const pushed = outputs.map((each) => ({ ...each, pushes: each.type === 'image' && each.destination === null }));
  return pushed.some((each) => each.pushes) ? pushed : [...outputs, { ...plainImage, name: '', pushes }];
}

/** Of the image, as typed: those of `-t`, or those that an output gives it. */
export function namesOf(tags: readonly string[], outputs: readonly Output[]): readonly string[] {
  return tags.length > 0 ? tags : outputs.flatMap(({ name }) => name.split(',')).filter((name) => name !== '');
}

/** Those that are pushed. @throws StatusError in buildx's words where there is none */
export function pushedNames(tags: readonly string[], outputs: readonly Output[]): readonly string[] {
  if (!outputs.some(({ pushes }) => pushes)) return [];
  const names = namesOf(tags, outputs);
  if (names.length === 0) throw refused('tag is needed when pushing to registry');
  return names;
}

/** null: nothing is given */
function attributesOf(text: string): ReadonlyMap<string, string> | null {
  if (text === '') return null;
  const fields = fieldsOf(text);
  const [first = ''] = fields;
  if (fields.length === 1 && first === text && !text.startsWith('type='))
    return new Map([
      ['type', text === '-' ? 'tar' : 'local'],
      ['dest', text],
    ]);
  const attributes = new Map<string, string>();
  for (const field of fields) {
    const at = field.indexOf('=');
    if (at < 0) throw new StatusError(1, `ERROR: invalid value ${field}`);
    attributes.set(field.slice(0, at).trim().toLowerCase(), field.slice(at + 1));
  }
  if ((attributes.get('type') ?? '') === '') throw new StatusError(1, 'ERROR: type is required for output');
  return attributes;
}

function fieldsOf(text: string): readonly string[] {
  try {
    return csvFields(text);
  } catch (thrown) {
    throw refused(toAppError(thrown).message);
  }
}

async function outputOf(session: CliSession, attributes: ReadonlyMap<string, string>): Promise<Output> {
  const [type = '', dest = '', name = ''] = ['type', 'dest', 'name'].map((key) => attributes.get(key) ?? '');
  const stays = { destination: null, name, pushes: false };
  switch (type) {
    case 'registry':
      return { ...plainImage, name, pushes: true };
    case 'image':
      return { ...plainImage, name, pushes: attributes.get('push') === 'true' };
    case 'cacheonly':
      return { type, ...stays };
    case 'docker':
      if (dest === '') return { type: 'image', ...stays };
      return { ...stays, type, destination: await fileOf(session, dest, type) };
    case 'oci':
    case 'tar':
      return { ...stays, type, destination: await fileOf(session, dest, type) };
    case 'local':
      return { ...stays, type, destination: await folderOf(session, dest) };
    default:
      throw refused(`failed to solve: exporter ${JSON.stringify(type)} could not be found`);
  }
}

async function folderOf(session: CliSession, dest: string): Promise<Destination> {
  if (dest === '') throw refused('dest is required for local exporter');
  if (dest === '-') throw refused('dest cannot be stdout for local exporter');
  const path = absoluteLocal(dest, session.cwd);
  const found = await session.folders.stat(path);
  if (found !== null && !isDirectory(found)) throw refused(`destination directory ${dest} is a file`);
  return { kind: 'folder', path };
}

async function fileOf(session: CliSession, dest: string, type: string): Promise<Destination> {
  if (dest === '' || dest === '-') {
    if (session.stdout.isTty) throw refused(`dest file is required for ${type} exporter. refusing to write to console`);
    return { kind: 'stdout' };
  }
  const path = absoluteLocal(dest, session.cwd);
  const found = await session.folders.stat(path);
  if (found !== null && isDirectory(found)) throw refused(`destination file ${dest} is a directory`);
  return { kind: 'file', path };
}

/** Takes an archive as it comes. */
export interface Receiver {
  /** Rejects with why it is not kept. */
  write(piece: Uint8Array): Promise<void>;
  /** There is no more; resolves when all of it is where it belongs. */
  end(): Promise<void>;
  /** It is not whole: a file is not left behind. */
  abort(reason: unknown): void;
}

/** @param now milliseconds since the epoch: when folders around it were made */
export function receiverOf(session: CliSession, destination: Destination, now: number): Receiver {
  const { source, sink } = createPipe();
  const done = receive(session, destination, source, now).catch((thrown: unknown) => {
    source.cancel(thrown);
    const { kind, message } = toAppError(thrown);
    if (thrown instanceof WriteError || kind === 'cancelled') throw thrown;
    throw refused(`failed to solve: error from receiver: ${message}`);
  });
  done.catch(() => undefined);
  return {
    // Who takes it may have what it needs before the archive's very end.
    write: (piece) => sink.write(piece).catch(() => done),
    async end() {
      await sink.close().catch(() => undefined);
      await done;
    },
    abort: (reason) => sink.abort(reason),
  };
}

async function receive({ folders, stdout }: CliSession, destination: Destination, source: ByteSource, now: number): Promise<void> {
  if (destination.kind === 'stdout') return copyTo(source, stdout.sink);
  if (destination.kind === 'file') return folders.writeStream(destination.path, source);
  const missing: string[] = [];
  let folder = destination.path;
  while (folder !== '/' && (await folders.stat(folder)) === null) {
    const slash = folder.lastIndexOf('/');
    missing.unshift(folder.slice(slash + 1));
    folder = folder.slice(0, slash) || '/';
  }
  await folders.extract(
    { path: folder, rename: '' },
    missing.length === 0 ? source : tarOf(below(missing, source, Math.floor(now / 1000))),
  );
}

/** With folders around it, as buildx makes them: their owner's alone. */
async function* below(parents: readonly string[], source: ByteSource, mtime: number): AsyncGenerator<TarInput, void> {
  const plain = { type: 'directory', mode: 0o700, uid: 0, gid: 0, size: 0, link: '', major: 0, minor: 0, xattrs: new Map() } as const;
  for (const index of parents.keys()) yield { header: { ...plain, path: parents.slice(0, index + 1).join('/'), mtime } };
  const top = parents.join('/');
  for await (const { header, contents } of tarEntries(source)) {
    const own = { ...header, path: `${top}/${header.path}`, link: header.type === 'hardlink' ? `${top}/${header.link}` : header.link };
    yield header.type === 'file' ? { header: own, contents } : { header: own };
  }
}
