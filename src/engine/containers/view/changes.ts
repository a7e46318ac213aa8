import type { ByteSource } from '../../../base/streams.ts';
import { modeType } from '../../../base/file-tree.ts';
import { tarEntries } from '../../../base/tar/read.ts';
import type { TarHeader } from '../../../base/tar/entry.ts';
import { opaqueMarker, whiteoutPrefix } from '../../../base/tar/whiteout.ts';
import type { FilesystemChange } from '../../../protocol/engine-api.ts';
import type { FileStat } from '../../../protocol/facts.ts';
import { overlayDirectories, type Needs } from '../context.ts';
import { viewImage } from '../files/view.ts';
import { never } from '../state.ts';

const changed = 0;
const added = 1;
const deleted = 2;
/** Entries compared in one round trip. */
const batch = 200;

type Context = Needs<'store' | 'runtime' | 'volumes' | 'host' | 'views'>;

/** GET /containers/{id}/changes: what the container's own layer has in place of the image's files, by path. */
export async function containerChanges(context: Context, reference: string): Promise<readonly FilesystemChange[]> {
  const container = context.store.find(reference);
  const { upper } = overlayDirectories(context.host, container.id);
  if (container.run === null && container.state.startedAt === never) await context.runtime.files.write({ directories: [upper] });
  const image = await viewImage(context, container);
  try {
    const archive = await context.runtime.archives.read({ path: upper, layer: 1, bare: 1 });
    return await compare(context, image.root, archive);
  } finally {
    await image.release();
  }
}

interface Entry {
  readonly path: string;
  readonly header: TarHeader;
  readonly what: 'entry' | 'whiteout' | 'opaque';
}

function entryOf(header: TarHeader): Entry | null {
  const parts = header.path.split('/').filter((part) => part !== '' && part !== '.');
  const name = parts.at(-1);
  if (name === undefined) return null;
  const folder = parts.slice(0, -1);
  if (name === opaqueMarker) return { path: `/${folder.join('/')}`, header, what: 'opaque' };
  if (name.startsWith(whiteoutPrefix))
    return { path: `/${[...folder, name.slice(whiteoutPrefix.length)].join('/')}`, header, what: 'whiteout' };
  return { path: `/${parts.join('/')}`, header, what: 'entry' };
}

async function compare(
  context: Context,
  root: Awaited<ReturnType<typeof viewImage>>['root'],
  archive: ByteSource,
): Promise<FilesystemChange[]> {
  const kinds = new Map<string, 0 | 1 | 2>();
  const opaque: string[] = [];
  /** Folders of the image that the layer has, too: changed when something in them is. */
  const folders = new Set<string>();
  let waiting: Entry[] = [];
  const flush = async (): Promise<void> => {
    const entries = waiting;
    waiting = [];
    if (entries.length === 0) return;
    const found = await context.runtime.facts.inspect(entries.map(({ path }) => ({ op: 'lstat', path, ...root })));
    for (const [index, { path, header }] of entries.entries()) {
      const before = found[index]?.stat ?? null;
      const isFolder = header.type === 'directory' && before !== null && (before.mode & modeType.mask) === modeType.directory;
      if (isFolder) folders.add(path);
      if (before === null) kinds.set(path, added);
      else if (!isFolder || differs(header, before)) kinds.set(path, changed);
    }
  };
  for await (const { header } of tarEntries(archive)) {
    const entry = entryOf(header);
    if (entry === null) continue;
    if (entry.what === 'whiteout') kinds.set(entry.path, deleted);
    else if (entry.what === 'opaque') opaque.push(entry.path);
    else waiting.push(entry);
    if (waiting.length >= batch) await flush();
  }
  await flush();
  for (const folder of opaque) {
    const [listed] = await context.runtime.facts.inspect([{ op: 'list', path: folder, ...root }]);
    for (const name of listed?.names ?? [])
      if (!kinds.has(`${folder}/${name}`) && !folders.has(`${folder}/${name}`)) kinds.set(`${folder}/${name}`, deleted);
  }
  for (const path of [...kinds.keys()])
    for (let above = parentOf(path); above !== '/'; above = parentOf(above)) if (!kinds.has(above)) kinds.set(above, changed);
  return [...kinds].map(([Path, Kind]): FilesystemChange => ({ Path, Kind })).sort((one, other) => (one.Path < other.Path ? -1 : 1));
}

function differs(header: TarHeader, before: FileStat): boolean {
  return (
    (before.mode & 0o7777) !== header.mode ||
    before.uid !== header.uid ||
    before.gid !== header.gid ||
    before.mtime !== Math.floor(header.mtime)
  );
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
