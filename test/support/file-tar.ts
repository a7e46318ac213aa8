import { readAll, sourceOf } from '../../src/base/streams.ts';
import { tarOf } from '../../src/base/tar/write.ts';

/** One file of root's in an archive. */
export function fileTar(path: string, data: Uint8Array): Promise<Uint8Array> {
  const header = { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, size: data.length } as const;
  return readAll(tarOf([{ header: { ...header, xattrs: new Map() }, contents: sourceOf(data) }]), data.length + 4096);
}
