import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { RequestHead } from './head.ts';
import { type ConnectionReader, UnexpectedEnd } from './reader.ts';

const chunkLineLimit = 4096;
const trailerLimit = 16 * 1024;

export interface RequestBody extends ByteSource {
  /** Reads and drops what is left. @returns false when that is more than `limit` bytes: the connection cannot be used again */
  drain(limit: number): Promise<boolean>;
  readonly finished: boolean;
}

export interface BodyOptions {
  /** Bytes; more rejects with `invalid`. */
  readonly limit: number;
  /** Before the first byte is read: the place for "100 Continue". */
  readonly onFirstRead: () => Promise<void>;
  /** After the last. */
  readonly onEnd: () => void;
}

/** The body of one request, read no further than its end. */
export function requestBody(reader: ConnectionReader, body: RequestHead['body'], options: BodyOptions): RequestBody {
  const next = body.kind === 'chunked' ? chunked(reader) : sized(reader, body.bytes);
  let finished = body.kind === 'sized' && body.bytes === 0;
  let started = false;
  let total = 0;
  if (finished) options.onEnd();

  const read = async (): Promise<Uint8Array | null> => {
    if (finished) return null;
    if (!started) {
      started = true;
      await options.onFirstRead();
    }
    const chunk = await next();
    if (chunk === null) {
      finished = true;
      options.onEnd();
      return null;
    }
    total += chunk.length;
    if (total > options.limit) throw new AppError('invalid', 'http: request body too large');
    return chunk;
  };

  const drain = async (limit: number): Promise<boolean> => {
    let left = limit;
    while (!finished) {
      const chunk = await read();
      left -= chunk?.length ?? 0;
      if (left < 0) return false;
    }
    return true;
  };

  // Whoever cancels a body does not end the connection: what is left of it is drained before the next request.
  return {
    read,
    cancel: () => undefined,
    drain,
    get finished() {
      return finished;
    },
  };
}

function sized(reader: ConnectionReader, bytes: number): () => Promise<Uint8Array | null> {
  let left = bytes;
  return async () => {
    if (left === 0) return null;
    const chunk = await reader.readSome(left);
    if (chunk === null) throw new UnexpectedEnd();
    left -= chunk.length;
    return chunk;
  };
}

function chunked(reader: ConnectionReader): () => Promise<Uint8Array | null> {
  let left = 0;
  let ended = false;
  return async () => {
    if (ended) return null;
    if (left === 0) left = await chunkSize(reader);
    if (left === 0) {
      await skipTrailers(reader);
      ended = true;
      return null;
    }
    const chunk = await reader.readSome(left);
    if (chunk === null) throw new UnexpectedEnd();
    left -= chunk.length;
    if (left === 0 && (await line(reader, 2)) !== '') throw malformed();
    return chunk;
  };
}

async function chunkSize(reader: ConnectionReader): Promise<number> {
  const text = await line(reader, chunkLineLimit);
  const match = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(text);
  if (match === null) throw malformed();
  return Number.parseInt(match[1] ?? '', 16);
}

async function skipTrailers(reader: ConnectionReader): Promise<void> {
  let left = trailerLimit;
  for (;;) {
    const text = await line(reader, left);
    if (text === '') return;
    left = Math.max(0, left - text.length);
  }
}

async function line(reader: ConnectionReader, limit: number): Promise<string> {
  const text = await reader.readLine(limit);
  if (text === null) throw new UnexpectedEnd();
  return text;
}

function malformed(): AppError {
  return new AppError('invalid', 'malformed chunked encoding');
}
