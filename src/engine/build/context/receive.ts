/** The body of `POST /build`: an archive, kept in the store of contents for as long as the build reads it. */
import { fromUtf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { createPipe, emptySource, readAll, untilAborted, type ByteSource } from '../../../base/streams.ts';
import type { PlacedHeader } from '../../../base/tar/entry.ts';
import type { Content } from '../../content/content.ts';
import { decompressed } from '../../content/decompressed.ts';
import type { StartSha256 } from '../../content/sha256.ts';
import { readSparse } from '../../images/sparse-read.ts';
import type { Inflate } from '../../images/unpack.ts';
import { randomUuid, type Random } from '../../random.ts';
import { contextEntry, type ContextEntry } from './entry.ts';
import { contextOfTar } from './from-tar.ts';
import { lookUp } from './look-up.ts';
import { TreeFiles } from './tree-files.ts';

/** Bytes of a Dockerfile; more than anybody writes. */
const largestText = 4 * 1024 * 1024;

export interface ReceiveOptions {
  readonly content: Content;
  readonly inflate: Inflate;
  readonly sha256: StartSha256;
  readonly random: Random;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface ReceivedContext {
  readonly tree: ContextEntry;
  /** For COPY and ADD. */
  readonly files: TreeFiles;
  /** A file's bytes. @throws AppError not_found once it is closed */
  read(entry: ContextEntry): Promise<ByteSource>;
  /** A small file as text, links followed. null: nothing is there, or a folder. @throws AppError exhausted */
  readText(path: string): Promise<string | null>;
  /** Its bytes are deleted. Idempotent. */
  close(): void;
}

/**
 * @param body a tar archive, as it is or packed by gzip, bzip2, xz or zstd
 * @throws AppError invalid in BuildKit's words; exhausted; what the body rejects with. Nothing of it is kept then
 */
export async function receiveContext(body: ByteSource, options: ReceiveOptions): Promise<ReceivedContext> {
  const { content, inflate, sha256, random, now, signal } = options;
  const tar = await decompressed(untilAborted(body, signal), inflate);
  const { source, sink } = createPipe();
  const taking = content.take(source, { signal });
  taking.catch(() => undefined);
  const places = new Map<string, PlacedHeader>();
  let tree: ContextEntry;
  try {
    tree = await contextOfTar(passedOn(tar, sink), sha256, { placed: (digest, header) => places.set(digest, header) });
    await sink.close();
  } catch (thrown) {
    sink.abort(thrown);
    // Where it could not be kept, that is why.
    (await taking).dispose();
    throw thrown;
  }
  const taken = await taking;
  const read = (entry: ContextEntry): Promise<ByteSource> => readPlace(content, taken.digest, places.get(entry.content));
  const ref = refOf(random);
  const shown = withoutSentDockerfile(tree);
  return {
    tree: shown,
    files: new TreeFiles(shown, { ref, now, read }),
    read,
    async readText(path) {
      const { entry } = lookUp(tree, path, { followsLast: true });
      return entry?.type === 'file' ? fromUtf8(await readAll(await read(entry), largestText)) : null;
    },
    close: () => taken.dispose(),
  };
}

/** What a client calls a Dockerfile that it sends beside the context (docker/cli: image/build, AddDockerfileToBuildContext), and the name of that file. */
const sentDockerfile = /^\.dockerfile\.[0-9a-f]{20}(?:\.(.+))?$/;

/** A Dockerfile's path, as a user knows it. */
export function shownDockerfile(path: string): string {
  const sent = sentDockerfile.exec(path);
  return sent === null ? path : (sent[1] ?? 'Dockerfile');
}

/** It is no part of what is copied. */
function withoutSentDockerfile(tree: ContextEntry): ContextEntry {
  const children = [...tree.children].filter(([name]) => !sentDockerfile.test(name));
  return children.length === tree.children.size ? tree : contextEntry(tree, '', new Map(children));
}

/** What stands for a snapshot in BuildKit's errors: a session's ID, and 25 letters and digits. */
export function refOf(random: Random): string {
  const letters = [...random(25)].map((byte) => (byte % 36).toString(36)).join('');
  return `${randomUuid(random)}::${letters}`;
}

function passedOn(source: ByteSource, sink: { write(chunk: Uint8Array): Promise<void> }): ByteSource {
  return {
    async read() {
      const chunk = await source.read();
      if (chunk !== null) await sink.write(chunk);
      return chunk;
    },
    cancel: (reason) => source.cancel(reason),
  };
}

async function readPlace(content: Content, digest: string, place: PlacedHeader | undefined): Promise<ByteSource> {
  if (place === undefined) throw new AppError('not_found', 'the file is not of this context');
  const { offset, size, extents } = place;
  if (extents !== undefined) return sparse(content, digest, { offset, size, extents });
  return size === 0 ? emptySource() : content.open(digest, { offset, count: size });
}

const pieceBytes = 256 * 1024;

function sparse(
  content: Content,
  digest: string,
  { offset, size, extents }: { readonly offset: number; readonly size: number; readonly extents: Float64Array },
): ByteSource {
  const stored = async (at: number, count: number): Promise<Uint8Array> =>
    readAll(await content.open(digest, { offset: offset + at, count }), count);
  const read = readSparse(extents, size, stored);
  let at = 0;
  return {
    async read() {
      const piece = await read(at, pieceBytes);
      at += piece.length;
      return piece.length === 0 ? null : piece;
    },
    cancel: () => (at = size),
  };
}
