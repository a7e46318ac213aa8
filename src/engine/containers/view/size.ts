import type { GuestFacts } from '../../runtime.ts';
import { modeType } from '../../../base/file-tree.ts';
import type { Container } from '../container.ts';
import { type Needs, overlayDirectories } from '../context.ts';

/** Bytes that a container has written: its upper directory. */
export function sizeOfUpper(context: Needs<'runtime' | 'host'>, { id }: Container): Promise<number> {
  return sizeOfTree(context.runtime.facts, overlayDirectories(context.host, id).upper);
}

/**
 * Bytes of a folder's files and of the words of its symbolic links (moby/moby/v2/pkg/directory, Size), a round trip for each level of folders; hard links
 * count once.
 */
export async function sizeOfTree(facts: GuestFacts, folder: string): Promise<number> {
  const seen = new Set<string>();
  let total = 0;
  let folders = [folder];
  while (folders.length > 0) {
    const lists = await facts.inspect(folders.map((path) => ({ op: 'list', path })));
    const paths = folders.flatMap((folder, index) => (lists[index]?.names ?? []).map((name) => `${folder}/${name}`));
    const stats = paths.length === 0 ? [] : await facts.inspect(paths.map((path) => ({ op: 'lstat', path })));
    folders = [];
    for (const [index, path] of paths.entries()) {
      const stat = stats[index]?.stat;
      if (stat === null || stat === undefined) continue;
      const isFolder = (stat.mode & modeType.mask) === modeType.directory;
      if (isFolder) folders.push(path);
      if (isFolder || seen.has(`${stat.dev}:${stat.ino}`)) continue;
      seen.add(`${stat.dev}:${stat.ino}`);
      total += stat.size;
    }
  }
  return total;
}
