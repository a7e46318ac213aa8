/** Which files COPY and ADD mean, and what they add to the cache's key (moby/buildkit: cache/contenthash; tonistiigi/fsutil: copy, ResolveWildcards). */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../../../base/bytes.ts';
import { AppError, toAppError } from '../../../base/errors.ts';
import { parseGlob } from '../../../base/glob.ts';
import { createPace } from '../../../base/pace.ts';
import { Steps } from '../../../base/steps.ts';
import { cleanFromRoot } from '../../../grammar/clean-path.ts';
import { IgnoreWalk } from '../../../grammar/dockerignore/left-out.ts';
import { pathPatterns, type PathPatterns } from '../../../grammar/dockerignore/path-patterns.ts';
import type { SourceFile, SourceFiles } from './source-files.ts';

/** Characters of names that the patterns of one instruction are held against. */
const mostSteps = 500_000_000;

export interface FoundSource {
  /** What it is called below a destination that is a folder. */
  readonly name: string;
  readonly file: SourceFile;
}

/**
 * @param sources paths and patterns; several may name the same file, and a pattern may match nothing
 * @throws AppError not_found, invalid in BuildKit's words: "failed to compute cache key: failed to calculate checksum of ref …: "/x": not found"
 */
export async function findSources(
  files: SourceFiles,
  sources: readonly string[],
  exclude: readonly string[],
): Promise<readonly FoundSource[]> {
  const steps = new Steps(mostSteps, 'what the patterns of sources are held against');
  try {
    await excludePatterns(exclude);
    const found: FoundSource[] = [];
    for (const source of sources) for (const each of await findSource(files, source, steps)) found.push(each);
    if (exclude.length > 0) for (const { file } of found) if (file.path === '/') await followLinksOf(files, exclude);
    return found;
  } catch (thrown) {
    if (thrown instanceof CopyError) throw thrown;
    const { kind, message } = toAppError(thrown);
    throw new AppError(kind, `failed to compute cache key: failed to calculate checksum of ref ${files.ref}: ${message}`, {
      cause: thrown,
    });
  }
}

class CopyError extends AppError {}

async function findSource(files: SourceFiles, source: string, steps: Steps): Promise<readonly FoundSource[]> {
  const parts = cleanFromRoot(source).split('/').slice(1);
  const first = parts.findIndex(hasWildcard);
  if (first < 0) {
    const path = `/${parts.join('/')}`;
    return [{ name: parts.at(-1) ?? '', file: await mustFind(files, path) }];
  }
  const patterns = parts.slice(first);
  for (const pattern of patterns) parseGlob(pattern, steps);
  const folder = await files.find(`/${parts.slice(0, first).join('/')}`);
  // Said when the files are copied, so without a word on the cache.
  if (folder === null) throw new CopyError('not_found', `lstat /${parts.slice(0, first).join('/')}: no such file or directory`);
  if (!folder.isFolder) return [];
  const found: FoundSource[] = [];
  for (const path of await match(files, folder.path, patterns, steps))
    found.push({ name: path.slice(path.lastIndexOf('/') + 1), file: await mustFind(files, path) });
  return found;
}

async function mustFind(files: SourceFiles, path: string): Promise<SourceFile> {
  const file = await files.find(path);
  if (file === null) throw notFound(path);
  return file;
}

function notFound(path: string): AppError {
  return new AppError('not_found', `"${path}": not found`);
}

/** No pattern crosses a slash, and no link on the way is followed. */
async function match(files: SourceFiles, folder: string, patterns: readonly string[], steps: Steps): Promise<readonly string[]> {
  const [pattern = '', ...rest] = patterns;
  const glob = parseGlob(pattern, steps);
  const found: string[] = [];
  for (const { name, type } of await files.list(folder)) {
    if (!glob.matches(name, steps)) continue;
    const path = `${folder === '/' ? '' : folder}/${name}`;
    if (rest.length === 0) found.push(path);
    else if (type === 'directory') found.push(...(await match(files, path, rest, steps)));
  }
  return found;
}

function hasWildcard(part: string): boolean {
  return /[*?[]/.test(part.replace(/\\./gs, ''));
}

/** null: nothing is left out. @throws AppError invalid "invalid excludepatterns: [[a]: syntax error in pattern" */
async function excludePatterns(exclude: readonly string[]): Promise<PathPatterns | null> {
  if (exclude.length === 0) return null;
  try {
    return await pathPatterns(exclude);
  } catch (thrown) {
    const { kind, message } = toAppError(thrown);
    throw new AppError(kind, `invalid excludepatterns: [${exclude.join(' ')}]: ${message}`, { cause: thrown });
  }
}

/** Of the whole of a context BuildKit takes the checksums of what is in it one by one, and of links what they lead to. */
async function followLinksOf(files: SourceFiles, exclude: readonly string[]): Promise<void> {
  const filter = await excluding(exclude);
  for (const { name, type } of await files.list('/'))
    if (filter(name, type === 'directory').kind === 'taken' && type === 'symlink') await mustFind(files, `/${name}`);
}

type Filter = IgnoreWalk['visit'];

/** What of a walk over one source is taken. A file that is the source itself always is. */
export async function excluding(exclude: readonly string[]): Promise<Filter> {
  const patterns = await excludePatterns(exclude);
  if (patterns === null) return () => ({ kind: 'taken', parents: [] });
  const walk = new IgnoreWalk(patterns);
  let skipped: string | null = null;
  return (path, isFolder) => {
    if (path === '') return { kind: 'taken', parents: [] };
    if (skipped !== null && path.startsWith(skipped)) return { kind: 'skipped' };
    const admission = walk.visit(path, isFolder);
    if (admission.kind === 'skipped') skipped = `${path}/`;
    return admission;
  };
}

/** What the cache's key has of the files that are copied, as SHA-256 in hex digits: their names, modes, owners, attributes and contents, but no times. */
export async function digestSources(files: SourceFiles, found: readonly FoundSource[], exclude: readonly string[]): Promise<string> {
  const hash = sha256.create();
  const pace = createPace();
  const add = (list: readonly string[]): void => void hash.update(utf8(`${JSON.stringify(list)}\n`));
  for (const { name, file } of found) {
    add(['source', name]);
    const filter = await excluding(exclude);
    const left = new Map<string, string>();
    for await (const { path, isFolder, digest } of files.digests(file)) {
      if (pace.isDue()) await pace.turn();
      const admission = filter(path, isFolder);
      if (admission.kind === 'taken') {
        for (const parent of admission.parents) add([parent, left.get(parent) ?? '']);
        add([path, digest]);
      } else if (isFolder) left.set(path, digest);
    }
  }
  return toHex(hash.digest());
}
