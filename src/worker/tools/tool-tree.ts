import { AppError } from '../../base/errors.ts';
import { modeType, type ImmutableTree, type TreeNode } from '../../base/file-tree.ts';
import type { ToolFile, ToolIndex } from '../../protocol/tools.ts';

/** Contents of a file by its SHA-256. */
export type ReadBlob = (blob: { readonly digest: string; readonly size: number; readonly path: string }) => Promise<Uint8Array>;

/** A file that is made here and not loaded. */
export interface MadeFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

type Draft = TreeNode & { readonly children?: Map<string, TreeNode> };

/** The tree that an index describes, with further files in directories that it names. Inode numbers are places in the two lists. */
export function toolTree({ files, mtime }: ToolIndex, made: readonly MadeFile[], readBlob: ReadBlob): ImmutableTree {
  const common = { uid: 0, gid: 0, mtime };
  const root: Draft = { ...common, ino: 0, mode: modeType.directory | 0o755, size: 0, children: new Map() };
  const directories = new Map<string, Draft>([['', root]]);
  let inodes = 1;
  const add = (path: string, node: (ino: number) => Draft): void => {
    const slash = path.lastIndexOf('/');
    const children = directories.get(path.slice(0, Math.max(slash, 0)))?.children;
    if (children === undefined) throw new AppError('invalid', `tools: ${path} stands before its directory`);
    const draft = node(inodes++);
    children.set(path.slice(slash + 1), draft);
    if (draft.children !== undefined) directories.set(path, draft);
  };
  for (const file of files) add(file.path, (ino) => ({ ...common, ino, ...contentsOf(file, readBlob) }));
  for (const { path, contents } of made)
    add(path, (ino) => ({
      ...common,
      ino,
      mode: modeType.file | 0o644,
      size: contents.length,
      read: (offset, count) => contents.subarray(offset, offset + count),
    }));
  return { root, inodes };
}

function contentsOf(file: ToolFile, readBlob: ReadBlob): Pick<Draft, 'mode' | 'size' | 'target' | 'children' | 'read'> {
  const { path, mode = 0o644, target, size = 0, blob } = file;
  if (target !== undefined) return { mode: modeType.symlink | 0o777, size: target.length, target };
  if (blob === undefined) return { mode: modeType.directory | mode, size: 0, children: new Map() };
  const read = async (offset: number, count: number): Promise<Uint8Array> =>
    (await readBlob({ digest: blob, size, path })).subarray(offset, offset + count);
  return { mode: modeType.file | mode, size, read };
}

const largestIndex = 10_000;
const pathPattern = /^[^/]+(?:\/[^/]+)*$/;

/** @throws AppError invalid */
export function parseToolIndex(text: string): ToolIndex {
  const value: unknown = parseJson(text);
  if (!isIndex(value)) throw new AppError('invalid', 'tools/index.json is not a list of tools that this version knows');
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isIndex(value: unknown): value is ToolIndex {
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) return false;
  if (!('mtime' in value) || typeof value.mtime !== 'number' || !('files' in value) || !Array.isArray(value.files)) return false;
  return value.files.length <= largestIndex && value.files.every(isFile);
}

function isFile(value: unknown): value is ToolFile {
  if (typeof value !== 'object' || value === null || !('path' in value) || typeof value.path !== 'string') return false;
  if (!pathPattern.test(value.path)) return false;
  const field = (name: string): unknown => Reflect.get(value, name);
  const [mode, target, size, blob] = [field('mode'), field('target'), field('size'), field('blob')];
  const isMode = mode === undefined || (Number.isInteger(mode) && typeof mode === 'number' && mode >= 0 && mode <= 0o7777);
  const isBlob = blob === undefined || (typeof blob === 'string' && /^[0-9a-f]{64}$/.test(blob) && Number.isSafeInteger(size));
  return isMode && isBlob && (target === undefined || typeof target === 'string');
}
