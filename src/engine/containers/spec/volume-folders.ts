import { modeType } from '../../../base/file-tree.ts';
import type { FileStat } from '../../../protocol/facts.ts';
import type { Container } from '../container.ts';
import { overlayDirectories, type ContainersContext } from '../context.ts';
import { cleanPath } from './clean-path.ts';

/**
 * Folders of the guest to make so that a container has the places of its volumes where its image has them not. They are made in its upper
 * directory, whose folders hide owner and mode of the image's: so only below folders that are as they would be made.
 */
export async function volumeFolders({ host, runtime }: ContainersContext, { id, config, identity }: Container): Promise<string[]> {
  const volumes = Object.keys(config.Volumes ?? {}).map(cleanPath);
  if (volumes.length === 0) return [];
  const paths = [...new Set(volumes.flatMap(withParents))];
  const places = paths.flatMap((path) => identity.layers.map((layer) => ({ path, file: `${host.layerRoot}/${layer}${path}` })));
  const found = await runtime.facts.inspect(places.map(({ file }) => ({ op: 'lstat', path: file })));
  const image = new Map<string, FileStat>();
  for (const [index, { path }] of places.entries()) {
    const stat = found[index]?.stat ?? null;
    if (stat !== null && !image.has(path)) image.set(path, stat);
  }
  const isPlain = (path: string): boolean => {
    const stat = image.get(path);
    return stat === undefined || (stat.mode === (modeType.directory | 0o755) && stat.uid === 0 && stat.gid === 0);
  };
  const { upper } = overlayDirectories(host, id);
  return volumes.filter((path) => !image.has(path) && withParents(path).every(isPlain)).map((path) => `${upper}${path}`);
}

/** "/a/b": "/a", "/a/b". */
function withParents(path: string): string[] {
  const parts = path.slice(1).split('/');
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
