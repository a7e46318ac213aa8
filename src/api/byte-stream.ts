import { concatBytes, utf8 } from '../base/bytes.ts';
import type { ByteSource } from '../base/streams.ts';
import type { OutputChunk, Source } from './backend.ts';

export const rawStream = 'application/vnd.docker.raw-stream';
export const multiplexedStream = 'application/vnd.docker.multiplexed-stream';

/** A source of values as a body, one piece of bytes a value. */
export function encoded<T>(source: Source<T>, encode: (value: T) => Uint8Array): ByteSource {
  return {
    read: async () => {
      const value = await source.read();
      return value === null ? null : encode(value);
    },
    cancel: () => source.cancel(),
  };
}

/** One value a line. @param end moby's encoders differ: "\n" or, for progress, "\r\n" */
export function jsonLines<T>(source: Source<T>, end = '\n'): ByteSource {
  return encoded(source, (value) => utf8(`${JSON.stringify(value)}${end}`));
}

/** A body made by one promise; the response's header goes out before it settles. */
export function laterBody(body: Promise<Uint8Array>): ByteSource {
  let rest: Promise<Uint8Array> | null = body;
  // It may fail before anybody reads it.
  body.catch(() => undefined);
  return {
    read: async () => {
      const now = rest;
      rest = null;
      return now;
    },
    cancel: () => {
      rest = null;
    },
  };
}

/** Docker's stdcopy frame: 1 or 2 for the stream, three zeros, length in 32 bits big-endian, data. */
export function frame(chunk: OutputChunk): Uint8Array {
  const header = new Uint8Array(8);
  header[0] = chunk.stream === 'stdout' ? 1 : 2;
  new DataView(header.buffer).setUint32(4, chunk.data.length);
  return concatBytes([header, chunk.data]);
}

export function encoder(tty: boolean): (chunk: OutputChunk) => Uint8Array {
  return tty ? (chunk) => chunk.data : frame;
}
