import { fromUtf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSink, ByteSource } from '../../base/streams.ts';

const headerBytes = 8;

/**
 * Copies a multiplexed stream of attach, exec or logs to two sinks, which stay open. A null sink drops its part.
 * Frames: stream number (1 out, 2 err, 3 an error of the daemon), three zeros, length big-endian (Engine API, "Stream format").
 */
export async function demultiplex(source: ByteSource, out: ByteSink | null, err: ByteSink | null): Promise<void> {
  const reader = new FrameReader(source);
  for (;;) {
    const header = await reader.take(headerBytes);
    if (header === null) return;
    const length = new DataView(header.buffer, header.byteOffset).getUint32(4);
    const stream = header[0] ?? 0;
    if (stream === 3)
      throw new AppError('internal', `error from daemon in stream: ${fromUtf8((await reader.take(length)) ?? new Uint8Array())}`);
    if (stream > 3) throw new AppError('internal', `Unrecognized input header: ${stream}`);
    await reader.copy(length, stream === 2 ? err : out);
  }
}

class FrameReader {
  readonly #source: ByteSource;
  #rest = new Uint8Array();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** @returns null when the stream ends before so many bytes */
  async take(length: number): Promise<Uint8Array | null> {
    while (this.#rest.length < length) {
      const chunk = await this.#source.read();
      if (chunk === null) return null;
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
