/** What is sent of a folder of the caller's (moby/buildkit: session/filesync; buildx: build/build.go). */
import { sha256 } from '@noble/hashes/sha2.js';
import { fromUtf8, toHex, utf8 } from '../../base/bytes.ts';
import { toAppError } from '../../base/errors.ts';
import { readAll, sourceOf, type ByteSource } from '../../base/streams.ts';
import type { TarHeader } from '../../base/tar/entry.ts';
import { tarEntries } from '../../base/tar/read.ts';
import { tarOf, type TarInput } from '../../base/tar/write.ts';
import { trimEndOf } from '../../base/trim.ts';
import { findIgnoreFile, readIgnoreFile } from '../../grammar/dockerignore/ignore-file.ts';
import { IgnoreWalk, type Admission } from '../../grammar/dockerignore/left-out.ts';
import { pathPatterns } from '../../grammar/dockerignore/path-patterns.ts';
import { absoluteLocal, isDirectory, splitPath } from '../client/local-path.ts';
import { StatusError } from '../errors.ts';
import type { CliSession } from '../session.ts';

export interface LocalBuild {
  readonly archive: ByteSource;
  /** The Dockerfile's name in the archive. */
  readonly dockerfile: string;
  readonly text: string;
}

/** In an archive, also where the caller's own is beside the context, or left out of it: as Docker's client calls one, and its name. The engine copies it nowhere. */
function sentName(name: string, text: string): string {
  return `.dockerfile.${toHex(sha256(utf8(text))).slice(0, 20)}.${name}`;
}

/**
 * @param file of `-f`, '' = Dockerfile in the folder @param given the Dockerfile's text, where it came from standard input
 * @throws StatusError in buildx's words
 */
export async function localBuild(session: CliSession, folder: string, file: string, given: string | null): Promise<LocalBuild> {
  const root = absoluteLocal(folder, session.cwd);
  const stat = await session.folders.stat(root);
  if (stat === null) throw new StatusError(1, `ERROR: unable to prepare context: path "${folder}" not found`);
  if (!isDirectory(stat)) throw new StatusError(1, `ERROR: unable to prepare context: path "${folder}" must be a directory`);
  const path = file === '' ? `${trimEndOf(root, '/')}/Dockerfile` : absoluteLocal(file, session.cwd);
  const [beside, name] = splitPath(path);
  const text = given ?? (await readDockerfile(session, path, name));
  const ignored = await findIgnoreFile(
    given === null ? name : '',
    (each) => (given === null ? readText(session, `${beside}/${each}`) : Promise.resolve(null)),
    (each) => readText(session, `${root}/${each}`),
  );
  const patterns = ignored === null ? null : await pathPatterns(readIgnoreFile(ignored));
  const tree = await session.folders.archive({ path: root, name: 'context', follow: true });
  const admit = patterns === null ? null : new IgnoreWalk(patterns);
  const dockerfile = sentName(given === null ? name : 'Dockerfile', text);
  const admitted = (entry: string, isFolder: boolean): Admission => admit?.visit(entry, isFolder) ?? { kind: 'taken', parents: [] };
  return { archive: tarOf(entries(tree, admitted, dockerfileEntry(dockerfile, text))), dockerfile, text };
}

async function readDockerfile(session: CliSession, path: string, name: string): Promise<string> {
  try {
    return fromUtf8(await session.readFile(path));
  } catch (thrown) {
    const why = toAppError(thrown).kind === 'not_found' ? `open ${name}: no such file or directory` : toAppError(thrown).message;
    throw new StatusError(1, `ERROR: failed to build: failed to solve: failed to read dockerfile: ${why}`);
  }
}

/** null: it is not there. */
async function readText(session: CliSession, path: string): Promise<string | null> {
  try {
    return fromUtf8(await session.readFile(path));
  } catch (thrown) {
    if (toAppError(thrown).kind === 'not_found') return null;
    throw thrown;
  }
}

/** Owners are root's, as of every context that comes from a folder. */
async function* entries(
  tree: ByteSource,
  admit: (path: string, isFolder: boolean) => Admission,
  dockerfile: TarInput,
): AsyncGenerator<TarInput, void> {
  /** Folders that are in it only if something in them is. */
  const left = new Map<string, TarHeader>();
  let skipped = '';
  for await (const { header, contents } of tarEntries(tree)) {
    const path = relative(header.path);
    if (path === '' || (skipped !== '' && path.startsWith(`${skipped}/`))) continue;
    const isFolder = header.type === 'directory';
    const own = { ...header, path, uid: 0, gid: 0, ...(header.type === 'hardlink' ? { link: relative(header.link) } : {}) };
    const admission = admit(path, isFolder);
    if (admission.kind === 'skipped') skipped = path;
    else if (admission.kind === 'left' && isFolder) left.set(path, own);
    if (admission.kind !== 'taken') continue;
    for (const parent of admission.parents) {
      const folder = left.get(parent);
      left.delete(parent);
      if (folder !== undefined) yield { header: folder };
    }
    yield header.type === 'file' ? { header: own, contents } : { header: own };
  }
  yield dockerfile;
}

function dockerfileEntry(path: string, text: string): TarInput {
  const bytes = utf8(text);
  const plain = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, xattrs: new Map() } as const;
  return { header: { ...plain, path, size: bytes.length }, contents: sourceOf(bytes) };
}

/** A Dockerfile, and nothing for it to copy. */
export function textBuild(text: string): LocalBuild {
  const dockerfile = sentName('Dockerfile', text);
  return { archive: tarOf([dockerfileEntry(dockerfile, text)]), dockerfile, text };
}

/** Below the context. */
function relative(path: string): string {
  const clean = trimEndOf(path, '/');
  return clean === 'context' ? '' : clean.replace(/^context\//, '');
}

/** A text on standard input, or an archive. */
export async function readInput(session: CliSession): Promise<{ readonly text: string } | { readonly archive: ByteSource }> {
  const first = await session.stdin.source.read();
  if (first !== null && looksPacked(first)) return { archive: joined(first, session.stdin.source) };
  const rest = await readAll(session.stdin.source, longestInput);
  return { text: fromUtf8(first ?? new Uint8Array()) + fromUtf8(rest) };
}

/** Bytes of a Dockerfile on standard input. */
const longestInput = 4 * 1024 * 1024;

function joined(first: Uint8Array, rest: ByteSource): ByteSource {
  let held: Uint8Array | null = first;
  return {
    read() {
      const chunk = held;
      held = null;
      return chunk === null ? rest.read() : Promise.resolve(chunk);
    },
    cancel: (reason) => rest.cancel(reason),
  };
}

const magics = ['1f8b', '425a68', 'fd377a585a', '28b52ffd'];

/** A tar, or what is packed by gzip, bzip2, xz or zstd (moby: archive.DetectCompression). */
function looksPacked(bytes: Uint8Array): boolean {
  const start = [...bytes.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return magics.some((magic) => start.startsWith(magic)) || fromUtf8(bytes.subarray(257, 262)) === 'ustar';
}
