/** A context that comes as an archive. */
import { toHex } from '../../../base/bytes.ts';
import type { Steps } from '../../../base/steps.ts';
import type { ByteSource } from '../../../base/streams.ts';
import type { PlacedHeader } from '../../../base/tar/entry.ts';
import { tarEntries } from '../../../base/tar/read.ts';
import type { StartSha256 } from '../../content/sha256.ts';
import type { ContextEntry } from './entry.ts';
import { TreeBuilder } from './tree-builder.ts';

export interface TarOptions {
  readonly steps?: Steps;
  /** Told where in the archive the contents of a file stand. */
  readonly placed?: (content: string, header: PlacedHeader) => void;
}

/**
 * Owners are the archive's, and its .dockerignore is a file as any other: BuildKit looks for one in folders alone.
 * @throws AppError invalid in BuildKit's words; what the source rejects with
 */
export async function contextOfTar(
  archive: ByteSource,
  startSha256: StartSha256,
  { steps, placed }: TarOptions = {},
): Promise<ContextEntry> {
  const builder = new TreeBuilder();
  for await (const { header, contents } of tarEntries(archive, steps)) {
    const { path, type, mode, uid, gid, size, link, major, minor, xattrs, mtime: modified } = header;
    if (type === 'hardlink') builder.addLink(path, link);
    else {
      const target = type === 'symlink' ? link : '';
      const content = type === 'file' ? await checksumOf(contents, startSha256) : '';
      if (type === 'file') placed?.(content, header);
      builder.add(path, { type, mode, uid, gid, size, target, major, minor, xattrs, modified }, content);
    }
  }
  return builder.finish();
}

/** In hex digits, of all that is to be read. */
export async function checksumOf(contents: ByteSource, startSha256: StartSha256): Promise<string> {
  const hash = await startSha256();
  for (let chunk = await contents.read(); chunk !== null; chunk = await contents.read()) hash.update(chunk);
  return toHex(hash.digest());
}
