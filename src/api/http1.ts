import { utf8, concatBytes } from '../base/bytes.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { emptySource, type ByteSink, type ByteSource, type Duplex } from '../base/streams.ts';
import type { HttpHandler, HttpRequest, HttpResponse, Transport } from '../protocol/http.ts';
import { requestBody, type RequestBody } from './http1/body.ts';
import type { ByteTotal } from './pending.ts';
import { BadRequest, readHead, type RequestHead } from './http1/head.ts';
import { ConnectionReader, UnexpectedEnd } from './http1/reader.ts';
import { framingOf, responseHead, sendStream } from './http1/response.ts';

export interface ServeOptions {
  readonly transport: Transport;
  /** Bytes of request line and headers together; 1 MiB as Go's server has (some clients repeat a body in the query). */
  readonly maxHeadBytes?: number;
  /** What is not whole yet counts in this total; of the engine's clients unless given. */
  readonly pending?: ByteTotal;
  /** How often a client that closed its half of a taken-over connection is looked for; 5 s. */
  readonly probeMilliseconds?: number;
}

/**
 * A body up to so many bytes is received before the handler is called. Only behind a body is it seen that the client goes away, and not
 * every handler reads the one it gets: dockerode sends one along with each POST.
 */
const preloadLimit = 64 * 1024;

/** What may be left of a body that the handler did not read before the connection is given up. */
const drainLimit = 256 * 1024;

/**
 * HTTP/1.1 (RFC 9112) over a byte stream: requests of one connection one after the other, until either side closes. Resolves when the
 * connection is over; never rejects. A request's signal is aborted when the client closes before the answer is complete, as Go's
 * net/http does it, but what has an end is still sent: the client may have closed its half only. A connection that is to be upgraded may
 * be half-closed without that.
 */
export async function serve(connection: Duplex, handler: HttpHandler, options: ServeOptions): Promise<void> {
  const reader = new ConnectionReader(connection.source, options.pending);
  try {
    while (await serveOne(reader, connection, handler, options));
    await connection.sink.close();
  } catch (thrown) {
    await end(connection.sink, thrown).catch(() => undefined);
  } finally {
    connection.source.cancel();
    reader.release();
  }
}

/** Of a connection that broke off. Rejects where the other side is gone, too. */
async function end(sink: ByteSink, thrown: unknown): Promise<void> {
  if (thrown instanceof BadRequest) await refuse(sink, thrown);
  else if (thrown instanceof UnexpectedEnd) await sink.close();
  else sink.abort(thrown);
}

/** @returns whether the connection can carry another request */
async function serveOne(reader: ConnectionReader, connection: Duplex, handler: HttpHandler, options: ServeOptions): Promise<boolean> {
  const head = await readHead(reader, options.maxHeadBytes ?? 1024 * 1024);
  if (head === null) return false;
  const gone = new AbortController();
  const sink = watchedSink(connection.sink, gone);
  let answered = false;
  const body = requestBody(reader, head.body, {
    onFirstRead: async () => {
      if (head.expectsContinue && !answered) await sink.write(utf8('HTTP/1.1 100 Continue\r\n\r\n'));
    },
    onEnd: () => reader.watch((failure) => (failure !== null || !head.upgrade) && gone.abort(failure ?? undefined)),
  });
  if (!body.finished && head.body.kind === 'sized' && head.body.bytes <= preloadLimit && !head.expectsContinue) {
    await body.preload().catch((thrown: unknown) => gone.abort(thrown));
  }
  const response = await answer(handler, toRequest(head, body, options.transport, gone.signal));
  answered = true;
  if (response.hijack !== undefined) {
    await hijack({ head, body, response, sink, reader, gone, probeMilliseconds: options.probeMilliseconds ?? 5000 });
    return false;
  }
  // A body the client still waits to be asked for will never come (RFC 9110 10.1.1).
  const reusable = head.keepAlive && !body.failed && (body.finished || !head.expectsContinue);
  const keep = reusable && framingOf(response, head.http10) !== 'close';
  await send(response, sink, { head, keep });
  return keep && !gone.signal.aborted && (await body.drain(drainLimit).catch(() => false));
}

function toRequest(head: RequestHead, body: RequestBody, transport: Transport, signal: AbortSignal): HttpRequest {
  return { method: head.method, target: head.target, headers: head.headers, body, transport, signal };
}

async function answer(handler: HttpHandler, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await handler(request);
  } catch (thrown) {
    const body = utf8(`${JSON.stringify({ message: toAppError(thrown).message })}\n`);
    return { status: 500, headers: { 'content-type': 'application/json' }, body };
  }
}

interface SendOptions {
  readonly head: RequestHead;
  readonly keep: boolean;
}

async function send(response: HttpResponse, sink: ByteSink, { head, keep }: SendOptions): Promise<void> {
  const framing = framingOf(response, head.http10);
  const text = utf8(responseHead(response, { framing, close: !keep, http10: head.http10 }));
  const { body } = response;
  if (body instanceof Uint8Array) return sink.write(head.method === 'HEAD' || framing === 'none' ? text : concatBytes([text, body]));
  if (body === null) return sink.write(text);
  try {
    await sink.write(text);
    if (head.method === 'HEAD' || framing === 'none') body.cancel();
    else await sendStream(body, sink, { framing, length: Number(response.headers['content-length'] ?? 0) });
  } catch (thrown) {
    body.cancel(thrown);
    throw thrown;
  }
}

interface Hijack {
  readonly head: RequestHead;
  readonly body: RequestBody;
  readonly response: HttpResponse;
  readonly sink: ByteSink;
  readonly reader: ConnectionReader;
  readonly gone: AbortController;
  readonly probeMilliseconds: number;
}

async function hijack({ head, body, response, sink, reader, gone, probeMilliseconds }: Hijack): Promise<void> {
  // Whatever fails here, the handler is told: it holds a session, and ends it when the client is gone.
  const source = await streamSource(head, body, reader).catch((thrown: unknown) => {
    gone.abort(thrown);
    return emptySource();
  });
  const text = responseHead(response, { framing: 'none', close: true, http10: head.http10 });
  await sink.write(utf8(text)).catch(() => undefined);
  const probe = probing(sink, probeMilliseconds);
  try {
    await response.hijack?.({ source: watchedSource(source, { gone, onEnd: probe.start }), sink });
  } finally {
    probe.stop();
  }
}

/**
 * Behind its half-close a client may be gone altogether, and a session without output would never notice. On a unix socket that its peer has
 * closed even a write of nothing fails (EPIPE); elsewhere it does nothing.
 */
function probing(sink: ByteSink, milliseconds: number): { start(): void; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state: 'waiting' | 'probing' | 'stopped' = 'waiting';
  const again = (): void => {
    if (state === 'probing') timer = setTimeout(() => void sink.write(new Uint8Array(0)).then(again, () => undefined), milliseconds);
  };
  return {
    start() {
      if (state !== 'waiting') return;
      state = 'probing';
      again();
    },
    stop() {
      state = 'stopped';
      clearTimeout(timer);
    },
  };
}

/**
 * What the client sends from now on: the bytes behind its body. A body of known length that nobody asked for (dockerode repeats the query
 * in one) is dropped, as moby does; a chunked one that is still open is the stream, and its end the client's half-close.
 */
async function streamSource(head: RequestHead, body: RequestBody, reader: ConnectionReader): Promise<ByteSource> {
  const rest = reader.rest();
  if (head.body.kind === 'chunked' && !body.finished) return { read: () => body.read(), cancel: (reason) => rest.cancel(reason) };
  if (!(await body.drain(drainLimit))) throw new AppError('invalid', 'http: request body too large');
  return rest;
}

/** A read that fails means that the client is gone; an end does not, it may still read. */
function watchedSource(source: ByteSource, { gone, onEnd }: { readonly gone: AbortController; readonly onEnd: () => void }): ByteSource {
  return {
    read: async () => {
      try {
        const chunk = await source.read();
        if (chunk === null) onEnd();
        return chunk;
      } catch (thrown) {
        gone.abort(thrown);
        throw thrown;
      }
    },
    cancel: (reason) => source.cancel(reason),
  };
}

/** A write that fails means that the client is gone. */
function watchedSink(sink: ByteSink, gone: AbortController): ByteSink {
  return {
    write: async (chunk) => {
      try {
        await sink.write(chunk);
      } catch (thrown) {
        gone.abort(thrown);
        throw thrown;
      }
    },
    close: () => sink.close(),
    abort: (reason) => sink.abort(reason),
  };
}

async function refuse(sink: ByteSink, { status, message }: BadRequest): Promise<void> {
  const body = utf8(`${status}: ${message}`);
  const headers = { 'content-type': 'text/plain; charset=utf-8' };
  const response: HttpResponse = { status, headers, body };
  const head = utf8(responseHead(response, { framing: 'length', close: true, http10: false }));
  await sink.write(concatBytes([head, body])).catch(() => undefined);
  await sink.close();
}
