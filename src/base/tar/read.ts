import { createPace } from '../pace.ts';
import type { Steps } from '../steps.ts';
import type { ByteSource } from '../streams.ts';
import { AppError } from '../errors.ts';
import type { PlacedHeader } from './entry.ts';
import { TarParser } from './parser.ts';

export interface TarEntry {
  readonly header: PlacedHeader;
  /** A file's contents, once; what is not read is skipped when the next entry is asked for, and `cancel` does that now. */
  readonly contents: ByteSource;
}

/** Bytes after the end of an archive that are taken. */
const mostAfterEnd = 1024 * 1024;

/**
 * The entries of an archive that comes as a stream, one after the other; leaving the loop cancels the stream. What stands behind the archive's end is read
 * and dropped, as the writer may still be writing it: tar fills up to 10 KiB, others more.
 * @throws AppError invalid for anything damaged or unknown; what the source rejects with
 */
export async function* tarEntries(source: ByteSource, steps?: Steps): AsyncGenerator<TarEntry, void> {
  const found: (PlacedHeader | Uint8Array)[] = [];
  const parser = new TarParser({ entry: (header) => found.push(header), data: (chunk) => found.push(chunk) }, steps);
  const pace = createPace();
  let over = false;
  let dropped = 0;
  /** The next header or piece; null at the end. */
  const next = async (): Promise<PlacedHeader | Uint8Array | null> => {
    while (found.length === 0 && !over) {
      if (pace.isDue()) await pace.turn();
      const chunk = await source.read();
      if (chunk === null) {
        over = true;
        parser.finish();
      } else if (!parser.ended) parser.push(chunk);
      else if ((dropped += chunk.length) > mostAfterEnd) return null;
    }
    return found.shift() ?? null;
  };
  /** Of the entry at hand; a header in it is the next entry's. */
  let waiting: PlacedHeader | null = null;
  const nextData = async (): Promise<Uint8Array | null> => {
    if (waiting !== null) return null;
    const item = await next();
    if (item === null || item instanceof Uint8Array) return item;
    waiting = item;
    return null;
  };
  try {
    for (;;) {
      while ((await nextData()) !== null);
      if (waiting === null) return;
      const header: PlacedHeader = waiting;
      waiting = null;
      let mine = true;
      const { extents } = header;
      const read = extents === undefined ? nextData : withHoles(header.size, extents, nextData);
      const contents: ByteSource = {
        read: () => (mine ? read() : Promise.reject(new AppError('conflict', 'an entry is read after the next was asked for'))),
        cancel: () => undefined,
      };
      yield { header, contents };
      mine = false;
    }
  } finally {
    if (!over) source.cancel();
  }
}

const holeBytes = 64 * 1024;

/** What is read of a sparse file: its pieces, and zeros between them. */
function withHoles(size: number, extents: Float64Array, nextData: () => Promise<Uint8Array | null>): () => Promise<Uint8Array | null> {
  const pace = createPace();
  let [at, next] = [0, 0];
  /** Of the extent at hand. */
  let left = 0;
  let rest: Uint8Array = new Uint8Array(0);
  return async () => {
    if (at === size) return null;
    if (pace.isDue()) await pace.turn();
    if (left === 0 && at === extents[next]) {
      left = extents[next + 1] ?? 0;
      next += 2;
    }
    if (left === 0) {
      const zeros = new Uint8Array(Math.min(holeBytes, (extents[next] ?? size) - at));
      at += zeros.length;
      return zeros;
    }
    if (rest.length === 0) rest = (await nextData()) ?? new Uint8Array(0);
    const piece = rest.subarray(0, left);
    rest = rest.subarray(piece.length);
    at += piece.length;
    left -= piece.length;
    return piece.length === 0 ? null : piece;
  };
}
