/**
 * What a container wrote, as the tar of a layer. It is the same byte for byte whenever it is made, because the agent walks a directory in the order of its
 * names and the headers are written anew here, by one writer, without what differs from walk to walk.
 */
import { inByteOrder } from '../../base/byte-order.ts';
import { utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { TarHeader } from '../../base/tar/entry.ts';
import { tarEntries } from '../../base/tar/read.ts';
import { tarOf, type TarInput } from '../../base/tar/write.ts';
import { opaqueMarker, whiteoutPrefix } from '../../base/tar/whiteout.ts';

/**
 * An upper directory's archive, as the agent streams it (`archiveSpec.layer`: whiteouts are OCI's already), as the layer's tar: names without "./", whole seconds.
 * @param onFile bytes of each entry, a symbolic link's are those of its target, as it comes
 * @throws AppError internal for an archive out of order
 */
export function layerTar(archive: ByteSource, onFile: (bytes: number) => void = () => undefined): ByteSource {
  return tarOf(layerEntries(archive, onFile));
}

async function* layerEntries(archive: ByteSource, onFile: (bytes: number) => void): AsyncGenerator<TarInput, void> {
  let before: readonly string[] = [];
  for await (const { header, contents } of tarEntries(archive)) {
    const path = partsOf(header.path);
    if (path.length === 0) continue;
    const place = placeOf(path);
    if (!isAfter(place, before)) throw new AppError('internal', `the archive of a layer is out of order at ${header.path}`);
    before = place;
    const entry: TarHeader = {
      ...header,
      path: header.type === 'directory' ? `${path.join('/')}/` : path.join('/'),
      link: header.type === 'hardlink' ? partsOf(header.link).join('/') : header.link,
      mtime: Math.floor(header.mtime),
    };
    onFile(header.type === 'symlink' ? utf8(header.link).length : entry.size);
    yield { header: entry, contents };
  }
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** Where the walk found it: a whiteout stands for the name that is hidden, the mark of an opaque directory before all names in it. */
function placeOf(path: readonly string[]): readonly string[] {
  const name = path.at(-1) ?? '';
  if (name === opaqueMarker) return [...path.slice(0, -1), ''];
  return name.startsWith(whiteoutPrefix) ? [...path.slice(0, -1), name.slice(whiteoutPrefix.length)] : path;
}

/** Whether a walk that takes each directory's names in order comes to `path` after `before`. */
function isAfter(path: readonly string[], before: readonly string[]): boolean {
  for (const [at, name] of path.entries()) {
    const other = before[at];
    if (other === undefined) return true;
    if (name !== other) return inByteOrder(name, other) > 0;
  }
  return false;
}
