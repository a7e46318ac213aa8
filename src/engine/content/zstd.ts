import { Decompress } from 'fzstd';
import { concatBytes } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';

/** Memory for what may be referred back to: what zstd itself takes unless told otherwise (ZSTD_WINDOWLOG_LIMIT_DEFAULT, 27). */
const largestWindow = 128 * 1024 * 1024;
/** Bytes given at once: a block of 4 bytes may stand for 128 KiB (RFC 8878, 3.1.1.2.2), so that no more than 16 MiB come of them. */
const pieceBytes = 512;
/** Bytes read at least before any are decoded: a frame's header is among them (18 at most; RFC 8878, 3.1.1.1). */
const gatheredBytes = 16 * 1024;

/** Out of zstd, as it is read. @throws AppError invalid for what is damaged; exhausted for a window that is too large */
export function unzstd(source: ByteSource): ByteSource {
  const made: Uint8Array[] = [];
  const decoder = new Decompress((chunk) => {
    // A copy: the decoder's own may be its window, which goes on.
    if (chunk.length > 0) made.push(chunk.slice());
  });
  let isFirst = true;
  let waiting: Uint8Array = new Uint8Array(0);
  let over = false;
  const push = (bytes: Uint8Array, isLast: boolean): void => {
    try {
      decoder.push(bytes, isLast);
    } catch (thrown) {
      throw new AppError('invalid', `zstd: ${thrown instanceof Error ? thrown.message : 'invalid input'}`, { cause: thrown });
    }
  };
  /** Many small pieces would be joined by the decoder, again and again. */
  const gathered = async (): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    while (size < gatheredBytes && !over) {
      const chunk = await source.read();
      if (chunk === null) over = true;
      else chunks.push(chunk);
      size += chunk?.length ?? 0;
    }
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : concatBytes(chunks);
  };
  const next = async (): Promise<void> => {
    waiting = await gathered();
    if (isFirst) checkWindow(waiting);
    isFirst = false;
    if (waiting.length === 0) push(waiting, true);
  };
  return {
    async read() {
      while (made.length === 0) {
        if (waiting.length === 0 && over) return null;
        if (waiting.length === 0) await next();
        if (waiting.length === 0) continue;
        const piece = waiting.subarray(0, pieceBytes);
        waiting = waiting.subarray(piece.length);
        push(piece, over && waiting.length === 0);
      }
      return made.shift() ?? null;
    },
    cancel(reason) {
      over = true;
      waiting = new Uint8Array(0);
      made.length = 0;
      source.cancel(reason);
    },
  };
}

/** RFC 8878, 3.1.1.1.2: Window_Size, which a frame of a single segment has from its content's size. */
function checkWindow(head: Uint8Array): void {
  const [descriptor = 0, window = 0] = head.subarray(4);
  const isSingle = (descriptor & 0x20) !== 0;
  const base = 2 ** (10 + (window >> 3));
  if ((isSingle ? contentSize(head, descriptor) : base + (base / 8) * (window & 7)) > largestWindow)
    throw new AppError('exhausted', 'zstd: the window is larger than this playground can hold');
}

/** Frame_Content_Size of a frame without a window's descriptor. */
function contentSize(head: Uint8Array, descriptor: number): number {
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = 2 ** (descriptor >> 6);
  const field = head.subarray(5 + dictionaryBytes, 5 + dictionaryBytes + sizeBytes);
  return field.reduce((size, byte, at) => size + byte * 256 ** at, 0);
}
