import { readdir, rm, stat } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { isAlive, temporaryName } from './files.ts';

interface Found {
  readonly path: string;
  readonly bytes: number;
  readonly used: number;
}

/**
 * Keeps a folder of files that may go at any time within so many bytes: the longest unused (by their time of change, which `utimes` moves) go first. What a
 * process left half written when it was killed goes too. Others may do the same at the same time.
 * @param options.isFree whether a file counts and may go
 */
export async function prune(
  folder: string,
  { limit, isFree = () => true }: { readonly limit: number; readonly isFree?: (file: Stats) => boolean },
): Promise<void> {
  const found: Found[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const writer = temporaryName.exec(name)?.[1];
    if (writer !== undefined && !isAlive(Number(writer))) await rm(path, { force: true });
    if (writer !== undefined) continue;
    const file = await stat(path).catch(() => null);
    if (file?.isFile() === true && isFree(file)) found.push({ path, bytes: file.size, used: file.mtimeMs });
  }
  let total = found.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of found.sort((one, other) => one.used - other.used)) {
    if (total <= limit) return;
    await rm(path, { force: true });
    total -= bytes;
  }
}
