import { concatBytes } from '../bytes.ts';
import type { Steps } from '../steps.ts';
import type { PlacedHeader } from '../tar/entry.ts';
import { TarParser } from '../tar/parser.ts';

export type ReadEntry = PlacedHeader & { readonly data: Uint8Array };

/** The entries of an archive in memory, pushed in pieces of `pieceBytes`. */
export function readArchive(
  archive: Uint8Array,
  { steps, pieceBytes = 65536 }: { readonly steps?: Steps; readonly pieceBytes?: number } = {},
): ReadEntry[] {
  const entries: { readonly header: PlacedHeader; readonly chunks: Uint8Array[] }[] = [];
  const parser = new TarParser(
    { entry: (header) => entries.push({ header, chunks: [] }), data: (chunk) => entries.at(-1)?.chunks.push(chunk) },
    steps,
  );
  for (let at = 0; at < archive.length; at += pieceBytes) parser.push(archive.subarray(at, at + pieceBytes));
  parser.finish();
  return entries.map(({ header, chunks }) => ({ ...header, data: concatBytes(chunks) }));
}
