import { concatBytes } from './bytes.ts';
import { AppError } from './errors.ts';

/** Bytes to read. `read` resolves to null at the end; it rejects when the producer aborted. One reader at a time. */
export interface ByteSource {
  read(): Promise<Uint8Array | null>;
  /** Says that no more will be read; the producer's writes reject with `cancelled` from then on. Idempotent. */
  cancel(reason?: unknown): void;
}

/** Bytes to write. `write` resolves when there is room for more (flow control), not when the bytes arrived. */
export interface ByteSink {
  write(chunk: Uint8Array): Promise<void>;
  /** Half-close: the reader sees the end after what was written. Idempotent. */
  close(): Promise<void>;
  /** The reader's next read rejects with the reason. Idempotent. */
  abort(reason?: unknown): void;
}

/** A connection: each half closes on its own, as a TCP or unix socket does. */
export interface Duplex {
  readonly source: ByteSource;
  readonly sink: ByteSink;
}

interface Waiter {
  resolve(chunk: Uint8Array | null): void;
  reject(reason: unknown): void;
}

/**
 * A bounded in-memory pipe. `write` waits while more than `highWater` bytes are unread.
 * @param highWater bytes, 256 KiB unless given
 */
export function createPipe(highWater = 256 * 1024): Duplex {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let state: 'open' | 'closed' | 'aborted' | 'cancelled' = 'open';
  let reason: unknown;
  let reader: Waiter | null = null;
  let room: Waiter[] = [];

  const releaseWriters = (): void => {
    const waiting = room;
    room = [];
    for (const writer of waiting) {
      if (state === 'cancelled') writer.reject(reason);
      else writer.resolve(null);
    }
  };

  const source: ByteSource = {
    read() {
      const chunk = chunks.shift();
      if (chunk !== undefined) {
        size -= chunk.length;
        if (size <= highWater) releaseWriters();
        return Promise.resolve(chunk);
      }
      if (state === 'closed' || state === 'cancelled') return Promise.resolve(null);
      if (state === 'aborted') return Promise.reject(asError(reason));
      if (reader !== null) return Promise.reject(new AppError('internal', 'a second read of the same stream'));
      return new Promise((resolve, reject) => {
        reader = { resolve, reject };
      });
    },
    cancel(why) {
      if (state === 'cancelled' || state === 'aborted') return;
      state = 'cancelled';
      reason = why ?? new AppError('cancelled', 'the reader is gone');
      chunks.length = 0;
      size = 0;
      reader?.resolve(null);
      reader = null;
      releaseWriters();
    },
  };

  const sink: ByteSink = {
    write(chunk) {
      if (state === 'cancelled') return Promise.reject(asError(reason));
      if (state !== 'open') return Promise.reject(new AppError('conflict', 'write after close'));
      if (chunk.length === 0) return Promise.resolve();
      if (reader !== null) {
        const waiting = reader;
        reader = null;
        waiting.resolve(chunk);
        return Promise.resolve();
      }
      chunks.push(chunk);
      size += chunk.length;
      if (size <= highWater) return Promise.resolve();
      return new Promise<void>((resolve, reject) => {
        room.push({ resolve: () => resolve(), reject });
      });
    },
    close() {
      if (state === 'open') {
        state = 'closed';
        reader?.resolve(null);
        reader = null;
        releaseWriters();
      }
      return Promise.resolve();
    },
    abort(why) {
      if (state === 'aborted' || state === 'cancelled') return;
      state = 'aborted';
      reason = why ?? new AppError('cancelled', 'the writer gave up');
      chunks.length = 0;
      size = 0;
      reader?.reject(asError(reason));
      reader = null;
      releaseWriters();
    },
  };

  return { source, sink };
}

/** Two connected ends: what one writes the other reads. */
export function createDuplexPair(highWater?: number): [Duplex, Duplex] {
  const there = createPipe(highWater);
  const back = createPipe(highWater);
  return [
    { source: back.source, sink: there.sink },
    { source: there.source, sink: back.sink },
  ];
}

/** Iterate a source; leaving the loop early cancels it. */
export async function* iterate(source: ByteSource): AsyncGenerator<Uint8Array, void> {
  let finished = false;
  try {
    for (;;) {
      const chunk = await source.read();
      if (chunk === null) {
        finished = true;
        return;
      }
      yield chunk;
    }
  } finally {
    if (!finished) source.cancel();
  }
}

/** Copies until the end and closes the sink; an error on either side ends both and rejects. */
export async function pipeTo(source: ByteSource, sink: ByteSink): Promise<void> {
  try {
    for (;;) {
      const chunk = await source.read();
      if (chunk === null) break;
      await sink.write(chunk);
    }
    await sink.close();
  } catch (error) {
    source.cancel(error);
    sink.abort(error);
    throw error;
  }
}

/** Everything up to the end. @param limit bytes; more rejects with `exhausted` */
export async function readAll(source: ByteSource, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of iterate(source)) {
    size += chunk.length;
    if (size > limit) throw new AppError('exhausted', `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}

/**
 * A source that is given up with the signal: whoever reads is told at once, however long the producer takes, and the producer is told, too.
 * @throws what the signal was aborted with
 */
export function untilAborted(source: ByteSource, signal: AbortSignal): ByteSource {
  const stop = (): void => source.cancel(signal.reason);
  const over = (): void => signal.removeEventListener('abort', stop);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return {
    async read() {
      const chunk = await unlessAborted(source.read(), signal).catch((thrown: unknown) => {
        over();
        throw thrown;
      });
      if (chunk === null) over();
      return chunk;
    },
    cancel(reason) {
      over();
      source.cancel(reason);
    },
  };
}

/** Settles as the promise does, or rejects with the signal's reason as soon as that is there. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(asError(signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export function emptySource(): ByteSource {
  return { read: () => Promise.resolve(null), cancel: () => undefined };
}

export function sourceOf(...chunks: Uint8Array[]): ByteSource {
  const rest = [...chunks];
  return {
    read: () => Promise.resolve(rest.shift() ?? null),
    cancel: () => {
      rest.length = 0;
    },
  };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new AppError('cancelled', String(reason));
}
