import type { ByteSink, Duplex } from '../base/streams.ts';
import type { AttachSession } from './backend.ts';
import { encoder, multiplexedStream, rawStream } from './byte-stream.ts';
import { isAtLeast, type Call } from './call.ts';
import { watchDetachKeys } from '../grammar/detach-keys.ts';
import type { EndedBy, Reply } from './respond.ts';
import { webSocketDuplex, webSocketHeaders } from './websocket.ts';

export interface AttachReplyOptions {
  readonly detachKeys: Uint8Array;
  /** Whether the client takes the bytes as they are; otherwise they come in frames. */
  readonly tty: boolean;
  /** What is to happen once the header of the answer is on its way, and not before. */
  readonly begin?: () => Promise<void>;
}

/** The answer of attach and exec start: 101 for a client that asks to upgrade, else 200 and the same bytes (moby: api/server/router/container). */
export function attachReply(call: Call, session: AttachSession, { detachKeys, tty, begin }: AttachReplyOptions): Reply {
  const takeOver = async (connection: Duplex): Promise<EndedBy> => {
    void begin?.();
    return runSession(connection, session, { detachKeys, tty, gone: call.request.signal });
  };
  if (call.request.headers['upgrade'] === undefined) return { status: 200, headers: { 'content-type': rawStream }, body: null, takeOver };
  const framed = !tty && isAtLeast(call, '1.42');
  const headers = { 'content-type': framed ? multiplexedStream : rawStream, connection: 'Upgrade', upgrade: 'tcp' };
  return { status: 101, headers, body: null, takeOver };
}

/**
 * The same session over a WebSocket: output is never multiplexed (moby: postContainersAttach and wsContainersAttach).
 * @throws AppError for a request that is no opening handshake
 */
export function webSocketReply(call: Call, session: AttachSession, detachKeys: Uint8Array): Reply {
  const text = !isAtLeast(call, '1.28');
  return {
    status: 101,
    headers: webSocketHeaders(call.request.headers),
    body: null,
    takeOver: (connection) => runSession(webSocketDuplex(connection, text), session, { detachKeys, tty: true, gone: call.request.signal }),
  };
}

const nothing = new Uint8Array(0);

interface SessionOptions {
  readonly detachKeys: Uint8Array;
  readonly tty: boolean;
  readonly gone: AbortSignal;
}

async function runSession(connection: Duplex, session: AttachSession, { detachKeys, tty, gone }: SessionOptions): Promise<EndedBy> {
  let endedBy: EndedBy = 'server';
  const detach = (): void => {
    endedBy = 'client';
    session.detach();
  };
  gone.addEventListener('abort', detach, { once: true });
  if (gone.aborted) detach();
  const keys = session.tty && session.input !== null ? detachKeys : null;
  void copyInput(connection, session.input, { keys, detach });
  try {
    await copyOutput(connection.sink, session, tty);
  } catch {
    detach();
  } finally {
    gone.removeEventListener('abort', detach);
    await connection.sink.close().catch(() => undefined);
    connection.source.cancel();
  }
  return endedBy;
}

async function copyOutput(sink: ByteSink, session: AttachSession, tty: boolean): Promise<void> {
  const encode = encoder(tty);
  for (;;) {
    const chunk = await session.output.read();
    if (chunk === null) return;
    await sink.write(encode(chunk));
  }
}

interface InputOptions {
  /** null: no detach sequence, bytes pass unseen. */
  readonly keys: Uint8Array | null;
  readonly detach: () => void;
}

/**
 * Never rejects. The client's half-close is the end of stdin and nothing more, a connection that breaks is the end of both. Without stdin
 * its bytes are dropped, so that it is not held up.
 */
async function copyInput({ source }: Duplex, input: ByteSink | null, { keys, detach }: InputOptions): Promise<void> {
  const watch = keys === null ? null : watchDetachKeys(keys);
  for (;;) {
    const chunk = await source.read().catch(() => undefined);
    if (chunk === undefined) detach();
    if (chunk === undefined || chunk === null) return endInput(input, watch?.flush() ?? nothing);
    const { forward, detached } = watch?.push(chunk) ?? { forward: chunk, detached: false };
    await forwardInput(input, forward);
    if (detached) return detach();
  }
}

async function endInput(input: ByteSink | null, held: Uint8Array): Promise<void> {
  await forwardInput(input, held);
  await input?.close().catch(() => undefined);
}

/** A process that no longer reads is not the client's failure: its output may go on. */
async function forwardInput(input: ByteSink | null, bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0) await input?.write(bytes).catch(() => undefined);
}
