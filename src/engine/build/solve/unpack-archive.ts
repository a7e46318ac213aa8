/** Archives that ADD unpacks (moby: pkg/archive, IsArchivePath): whatever begins with a header of tar, packed or not. */
import { sourceOf, type ByteSource } from '../../../base/streams.ts';
import { TarParser } from '../../../base/tar/parser.ts';
import { decompressed } from '../../content/decompressed.ts';
import type { Inflate } from '../../images/unpack.ts';
import type { Piece } from './copy-entries.ts';

/** Bytes within which an archive has its first entry: extended headers may stand before it. */
const longestStart = 4 * 1024 * 1024;

export async function startsAsArchive(piece: Piece, inflate: Inflate): Promise<boolean> {
  const source = await unpackedArchive(piece, inflate);
  let found = false;
  const parser = new TarParser({ entry: () => (found = true) });
  try {
    for (let read = 0; !found && read < longestStart;) {
      const chunk = await source.read();
      if (chunk === null) break;
      read += chunk.length;
      for (let at = 0; at < chunk.length && !found; at += 512) parser.push(chunk.subarray(at, at + 512));
    }
    return found;
  } catch {
    return false;
  } finally {
    source.cancel();
  }
}

/** Its bytes, unpacked. */
export async function unpackedArchive(piece: Piece, inflate: Inflate): Promise<ByteSource> {
  for await (const { contents } of piece.walk()) if (contents !== undefined) return decompressed(contents, inflate);
  return sourceOf();
}
