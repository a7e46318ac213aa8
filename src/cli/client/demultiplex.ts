import { concatBytes, fromUtf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { Steps } from '../../base/steps.ts';
import type { ByteSink, ByteSource } from '../../base/streams.ts';

const headerBytes = 8;
/** Bytes of an error that are shown, whatever length its frame claims. */
const longestError = 64 * 1024;

/**
 * Copies a multiplexed stream of attach, exec or logs to two sinks, which stay open. A null sink drops its part.
 * Frames: stream number (1 out, 2 err, 3 an error of the daemon), three zeros, length big-endian (Engine API, "Stream format").
 */
export async function demultiplex(source: ByteSource, out: ByteSink | null, err: ByteSink | null, steps?: Steps): Promise<void> {
  const reader = new FrameReader(source, steps);
  for (;;) {
    const header = await reader.take(headerBytes);
    if (header === null) return;
    const length = new DataView(header.buffer, header.byteOffset).getUint32(4);
    const stream = header[0] ?? 0;
    if (stream === 3)
      throw new AppError('internal', `error from daemon in stream: ${fromUtf8(await reader.upTo(Math.min(length, longestError)))}`);
    if (stream > 3) throw new AppError('internal', `Unrecognized input header: ${stream}`);
    await reader.copy(length, stream === 2 ? err : out);
  }
}

class FrameReader {
  readonly #source: ByteSource;
  readonly #steps: Steps | undefined;
  #rest = new Uint8Array();

  constructor(source: ByteSource, steps: Steps | undefined) {
    this.#source = source;
    this.#steps = steps;
  }

  /** So many bytes, or those there are. */
  async upTo(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    const into: ByteSink = {
      write: async (part) => void parts.push(part),
      close: () => Promise.resolve(),
      abort: () => undefined,
    };
    await this.copy(length, into);
    return concatBytes(parts);
  }

  /** @returns null when the stream ends before so many bytes */
  async take(length: number): Promise<Uint8Array | null> {
    while (this.#rest.length < length) {
      const chunk = await this.#source.read();
      if (chunk === null) return null;
      this.#steps?.take(this.#rest.length + chunk.length);
      const joined = new Uint8Array(this.#rest.length + chunk.length);
      joined.set(this.#rest);
      joined.set(chunk, this.#rest.length);
      this.#rest = joined;
    }
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  /** Passes bytes on as they come, however large the frame. */
  async copy(length: number, sink: ByteSink | null): Promise<void> {
    for (let left = length; left > 0;) {
      if (this.#rest.length === 0) {
        const chunk = await this.#source.read();
        if (chunk === null) return;
        this.#rest = new Uint8Array(chunk);
      }
      const part = this.#rest.subarray(0, left);
      this.#steps?.take(1);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      await sink?.write(part);
    }
  }
}

/** Copies to a sink, which stays open. */
export async function copyTo(source: ByteSource, sink: ByteSink | null): Promise<void> {
  for (;;) {
    const chunk = await source.read();
    if (chunk === null) return;
    await sink?.write(chunk);
  }
}
