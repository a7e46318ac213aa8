/** `COPY`, `ADD` and `WORKDIR`: what they write over a stack of layers, in one go for each archive, by no process. */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { sourceOf, untilAborted, type ByteSource } from '../../../base/streams.ts';
import type { TarHeader } from '../../../base/tar/entry.ts';
import { tarOf, type TarInput } from '../../../base/tar/write.ts';
import { symbolicMode, type ChangeMode } from '../../../grammar/chmod.ts';
import { unixSeconds } from '../../clock.ts';
import type { Needs } from '../../containers/context.ts';
import type { Inflate } from '../../images/unpack.ts';
import { errno } from '../../runtime.ts';
import { digestSources, findSources } from '../context/copy-sources.ts';
import type { SourceFiles } from '../context/source-files.ts';
import { late } from '../context/tree-files.ts';
import { CopyTarget, folderOf, NotFolderError, type Changes, type Piece } from './copy-entries.ts';
import { findOwner } from './owner.ts';
import { findPlace, isFolder } from './place.ts';
import { startsAsArchive, unpackedArchive } from './unpack-archive.ts';
import { writeStep, type WriteContext, type WrittenStep } from './write-step.ts';

export type CopyContext = WriteContext & Needs<'clock'> & { readonly inflate: Inflate };

/** What was behind an address. */
export interface FetchedFile {
  /** The last part of its address. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  /** Of its bytes, SHA-256 in hex digits. */
  readonly digest: string;
  open(): Promise<ByteSource>;
}

/** What is copied: the build's context by `receiveContext`, a stage or an image by `openLayers`, both until the step is over. */
export interface CopySources {
  readonly from: SourceFiles;
  /** Paths, patterns and addresses, in the order of the instruction. */
  readonly sources: readonly string[];
  /** By address: those of `sources` that are here are no paths. */
  readonly fetched: ReadonlyMap<string, FetchedFile>;
  /** Here-documents. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly exclude: readonly string[];
}

export interface CopyRequest extends CopySources {
  readonly kind: 'copy' | 'add';
  /** Directories of the layers below, topmost first; none: an empty root. They stay meanwhile. */
  readonly layers: readonly string[];
  /** Absolute; a slash at its end says that it is a folder. */
  readonly destination: string;
  /** '' where not given: owners stay as they are. */
  readonly chown: string;
  /** Octal digits, or letters as chmod's; '' where not given. */
  readonly chmod: string;
  /** null: an archive of the context is unpacked, one of an address is not. */
  readonly unpack: boolean | null;
}

/** What the cache's key has of the files: other names, modes, owners or contents make another. @throws AppError not_found, invalid in BuildKit's words */
export async function sourceDigest({ from, sources, fetched, files, exclude }: CopySources): Promise<string> {
  const hash = sha256.create();
  const paths = sources.filter((source) => !fetched.has(source));
  hash.update(utf8(await digestSources(from, await findSources(from, paths, exclude), exclude)));
  for (const source of sources) hash.update(utf8(JSON.stringify([source, fetched.get(source)?.digest ?? ''])));
  for (const { path, content } of files) hash.update(utf8(JSON.stringify([path, content])));
  return toHex(hash.digest());
}

/** @throws AppError in BuildKit's words; the signal's reason when it is called off. Nothing is left in the guest then */
export async function copyStep(context: CopyContext, request: CopyRequest, signal: AbortSignal): Promise<WrittenStep> {
  const now = unixSeconds(context.clock.now());
  const pieces = await piecesOf(request, now);
  const change = modeOf(request.chmod);
  return writeStep(context, request.layers, async (root) => {
    signal.throwIfAborted();
    const owner = request.chown === '' ? null : await findOwner(context.runtime, request.layers.length === 0 ? null : root, request.chown);
    const changes = { owner, ...change, exclude: request.exclude };
    const place = await findPlace(context.runtime, root, request.destination);
    const target = new CopyTarget(place, changes, { mustBeFolder: /\/\.?$/.test(request.destination), now });
    await new Writing(context, { root, signal, target, changes }).write(pieces);
  });
}

/** WORKDIR: a folder, with those above it, unless it is there. @param user whose it becomes; '' is root @throws AppError in BuildKit's words */
export async function makeDirectory(
  context: WriteContext & Needs<'clock'>,
  { layers, path, user }: { readonly layers: readonly string[]; readonly path: string; readonly user: string },
): Promise<WrittenStep> {
  return writeStep(context, layers, async (root) => {
    const owner = await findOwner(context.runtime, layers.length === 0 ? null : root, user);
    const { path: real, stat, missing, blocked } = await findPlace(context.runtime, root, path);
    if (blocked !== null) throw new AppError('invalid', `lstat ${path}: not a directory`);
    if (stat !== null && !isFolder(stat)) throw new AppError('invalid', `mkdir ${path}: not a directory`);
    if (stat !== null) return;
    const now = unixSeconds(context.clock.now());
    const folders = [...missing, real].map((each) => folderOf(each, { mode: 0o755, ...owner }, now));
    await context.runtime.archives.extract({ root, path: '/', keep: 1 }, tarOf(folders));
  });
}

/** @throws AppError invalid "invalid chmod parameter: '99'. it should be octal string and between 0 and 07777" */
function modeOf(chmod: string): { readonly mode: ChangeMode | null; readonly folderMode: number } {
  if (chmod === '') return { mode: null, folderMode: 0o755 };
  if (!/^\d/.test(chmod)) return { mode: symbolicMode(chmod), folderMode: 0o755 };
  const mode = /^[0-7]+$/.test(chmod) ? Number.parseInt(chmod, 8) : Number.NaN;
  if (!(mode <= 0o7777))
    throw new AppError('invalid', `invalid chmod parameter: '${chmod}'. it should be octal string and between 0 and 07777`);
  return { mode: () => mode, folderMode: mode };
}

async function piecesOf({ kind, from, sources, fetched, files, exclude, unpack }: CopyRequest, now: number): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const source of sources) {
    const file = fetched.get(source);
    if (file !== undefined) {
      const contents = (): ByteSource => late(() => file.open());
      pieces.push({
        ...singleFile(file.name, { mode: 0o600, size: file.size, modified: file.modified }, contents),
        mayUnpack: unpack === true,
      });
      continue;
    }
    for (const { name, file: found } of await findSources(from, [source], exclude)) {
      const walkFile = (path: string) => from.walk({ ...found, path: `${found.path}/${path}`, isFolder: false });
      const mayUnpack = kind === 'add' && !found.isFolder && unpack !== false;
      pieces.push({ name, isFolder: found.isFolder, modified: found.modified, mayUnpack, walk: () => from.walk(found), walkFile });
    }
  }
  for (const { path, content } of files) {
    const bytes = utf8(content);
    pieces.push(
      singleFile(path.slice(path.lastIndexOf('/') + 1), { mode: 0o644, size: bytes.length, modified: now }, () => sourceOf(bytes)),
    );
  }
  return pieces;
}

/** One of root's, which is in no tree. */
function singleFile(
  name: string,
  { mode, size, modified }: { readonly mode: number; readonly size: number; readonly modified: number },
  contents: () => ByteSource,
): Piece {
  const header: TarHeader = {
    path: '',
    type: 'file',
    mode,
    uid: 0,
    gid: 0,
    mtime: modified,
    link: '',
    major: 0,
    minor: 0,
    xattrs: new Map(),
    size,
  };
  async function* walk(): AsyncGenerator<TarInput, void> {
    yield { header, contents: contents() };
  }
  return { name, isFolder: false, modified, mayUnpack: false, walk, walkFile: walk };
}

interface WritingParts {
  readonly root: string;
  readonly signal: AbortSignal;
  readonly target: CopyTarget;
  readonly changes: Changes;
}

class Writing {
  readonly #context: CopyContext;
  readonly #parts: WritingParts;

  constructor(context: CopyContext, parts: WritingParts) {
    this.#context = context;
    this.#parts = parts;
  }

  async write(pieces: readonly Piece[]): Promise<void> {
    const { target, changes, root } = this.#parts;
    let plain: Piece[] = [];
    const flush = async (): Promise<void> => {
      if (plain.length > 0) await this.#extract(target.copy(plain));
      plain = [];
    };
    for (const piece of pieces) {
      if (!piece.mayUnpack || !(await startsAsArchive(piece, this.#context.inflate))) {
        plain.push(piece);
        continue;
      }
      await flush();
      await this.#extract(target.folder(0o755));
      const owner = changes.owner === null ? {} : { chown: 1, ...changes.owner };
      await this.#send({ root, path: target.path, ...owner }, await unpackedArchive(piece, this.#context.inflate));
    }
    await flush();
  }

  /** Why there is nothing more to send matters more than that the agent got no more. */
  async #extract(entries: AsyncIterable<TarInput> | Iterable<TarInput>): Promise<void> {
    const { root } = this.#parts;
    const failures: unknown[] = [];
    async function* heard(): AsyncGenerator<TarInput, void> {
      try {
        yield* entries;
      } catch (thrown) {
        failures.push(thrown);
        throw thrown;
      }
    }
    try {
      await this.#send({ root, path: '/', keep: 1 }, tarOf(heard()));
    } catch (thrown) {
      const [failure = thrown] = failures;
      throw failure instanceof NotFolderError ? new AppError('invalid', `cannot copy to non-directory: ${root}${failure.path}`) : failure;
    }
  }

  async #send(folder: Parameters<CopyContext['runtime']['archives']['extract']>[0], archive: ByteSource): Promise<void> {
    const { signal, root } = this.#parts;
    try {
      await this.#context.runtime.archives.extract(folder, untilAborted(archive, signal));
    } catch (thrown) {
      signal.throwIfAborted();
      throw inBuildKitsWords(thrown, root);
    }
  }
}

function inBuildKitsWords(thrown: unknown, root: string): unknown {
  if (!(thrown instanceof AppError) || thrown.detail['stage'] !== 'extract') return thrown;
  const [, what, path] = /^cannot overwrite (non-directory|directory) "(.*)" with (?:non-)?directory "/s.exec(thrown.message) ?? [];
  const place = `${root}/${(path ?? '').replace(/^\/+/, '')}`;
  if (thrown.detail['errno'] !== errno.EEXIST || what === undefined)
    return new AppError('internal', thrown.message, { cause: thrown, detail: thrown.detail });
  const message = what === 'directory' ? `cannot replace to directory ${place} with file` : `cannot copy to non-directory: ${place}`;
  return new AppError('invalid', message, { cause: thrown });
}
