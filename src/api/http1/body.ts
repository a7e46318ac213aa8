import { AppError, toAppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { RequestHead } from './head.ts';
import { type ConnectionReader, UnexpectedEnd } from './reader.ts';

const chunkLineLimit = 4096;
const trailerLimit = 16 * 1024;

export interface RequestBody extends ByteSource {
  /** Receives all of it now; what is read later comes out of memory. Rejects when the body is malformed or breaks off, and so does the read then. */
  preload(): Promise<void>;
  /** Reads and drops what is left. @returns false when that is more than `limit` bytes: the connection cannot be used again */
  drain(limit: number): Promise<boolean>;
  readonly finished: boolean;
  /** It was malformed or broke off: where it ends nobody knows. */
  readonly failed: boolean;
}

export interface BodyOptions {
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
  let failure: AppError | null = null;
  const preloaded: Uint8Array[] = [];
  if (finished) options.onEnd();

  const receive = async (): Promise<Uint8Array | null> => {
    if (finished) return null;
    if (failure !== null) throw failure;
    try {
      if (!started) {
        started = true;
        await options.onFirstRead();
      }
      const chunk = await next();
      if (chunk !== null) return chunk;
    } catch (thrown) {
      failure = toAppError(thrown);
      throw failure;
    }
    finished = true;
    options.onEnd();
    return null;
  };

  const drain = async (limit: number): Promise<boolean> => {
    let left = limit;
    while (!finished) {
      const chunk = await receive();
      left -= chunk?.length ?? 0;
      if (left < 0) return false;
    }
    return true;
  };

  // Whoever cancels a body does not end the connection: what is left of it is drained before the next request.
  return {
    read: () => {
      const early = preloaded.shift();
      return early === undefined ? receive() : Promise.resolve(early);
    },
    async preload() {
      for (let chunk = await receive(); chunk !== null; chunk = await receive()) preloaded.push(chunk);
    },
    cancel: () => undefined,
    drain,
    get finished() {
      return finished;
    },
    get failed() {
      return failure !== null;
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
