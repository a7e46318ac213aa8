import { createServer, type Server, type Socket } from 'node:net';
import { createPipe, iterate, sourceOf, type ByteSource } from '../../../src/base/streams.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../../../src/protocol/http.ts';

export interface ServedEngine {
  close(): Promise<void>;
}

/** As much HTTP/1.1 as the real docker client speaks, on a unix socket, in front of a handler. One request a connection. */
export async function serveEngine(handler: HttpHandler, path: string): Promise<ServedEngine> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(handler, socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function serve(handler: HttpHandler, socket: Socket): Promise<void> {
  const incoming = createPipe();
  const gone = new AbortController();
  socket.on('data', (chunk: Buffer) => void incoming.sink.write(new Uint8Array(chunk)).catch(() => undefined));
  socket.on('end', () => void incoming.sink.close());
  socket.on('close', () => {
    gone.abort();
    void incoming.sink.close();
  });
  const { head, rest } = await readHead(incoming.source);
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const { body, after } = await readBody(headers, rest);
  const request: HttpRequest = { method, target, headers, body: sourceOf(body), transport: 'unix', signal: gone.signal };
  await respond(await handler(request), socket, method, after);
}

async function readHead(source: ByteSource): Promise<{ head: string; rest: ByteSource }> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n');
    if (end !== -1) return { head: bytes.subarray(0, end).toString('latin1'), rest: prepend(bytes.subarray(end + 4), source) };
    const chunk = await source.read();
    if (chunk === null) throw new Error('no request');
    bytes = Buffer.concat([bytes, chunk]);
  }
}

function prepend(first: Uint8Array, source: ByteSource): ByteSource {
  let pending: Uint8Array | null = first.length > 0 ? new Uint8Array(first) : null;
  return {
    read() {
      const chunk = pending;
      pending = null;
      return chunk === null ? source.read() : Promise.resolve(chunk);
    },
    cancel: (reason) => source.cancel(reason),
  };
}

async function readBody(headers: Record<string, string>, source: ByteSource): Promise<{ body: Uint8Array; after: ByteSource }> {
  if (headers['transfer-encoding'] === 'chunked') return readChunked(source);
  const length = Number(headers['content-length'] ?? 0);
  let bytes = Buffer.alloc(0);
  while (bytes.length < length) {
    const chunk = await source.read();
    if (chunk === null) break;
    bytes = Buffer.concat([bytes, chunk]);
  }
  return { body: new Uint8Array(bytes.subarray(0, length)), after: prepend(bytes.subarray(length), source) };
}

async function readChunked(source: ByteSource): Promise<{ body: Uint8Array; after: ByteSource }> {
  let bytes = Buffer.alloc(0);
  const parts: Buffer[] = [];
  const fill = async (enough: () => boolean): Promise<void> => {
    while (!enough()) {
      const chunk = await source.read();
      if (chunk === null) return;
      bytes = Buffer.concat([bytes, chunk]);
    }
  };
  for (;;) {
    await fill(() => bytes.includes('\r\n'));
    const line = bytes.indexOf('\r\n');
    const size = Number.parseInt(bytes.subarray(0, line).toString(), 16);
    await fill(() => bytes.length >= line + 4 + size);
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    bytes = bytes.subarray(line + 4 + size);
    if (!(size > 0)) return { body: new Uint8Array(Buffer.concat(parts)), after: prepend(bytes, source) };
  }
}

async function respond(response: HttpResponse, socket: Socket, method: string, after: ByteSource): Promise<void> {
  const { status, body, hijack } = response;
  const isStream = body !== null && !(body instanceof Uint8Array);
  const headers: Record<string, string> = { ...response.headers };
  if (hijack === undefined) {
    headers['connection'] = 'close';
    if (body instanceof Uint8Array) headers['content-length'] = String(body.length);
    else if (isStream) headers['transfer-encoding'] = 'chunked';
    else if (status !== 204 && status !== 304) headers['content-length'] = '0';
  }
  const reason = status === 101 ? 'UPGRADED' : 'OK';
  socket.write(
    `HTTP/1.1 ${status} ${reason}\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`,
  );
  if (hijack !== undefined) {
    await hijack({ source: after, sink: sinkOf(socket) });
    socket.end();
    return;
  }
  if (method === 'HEAD' || body === null) return void socket.end();
  if (body instanceof Uint8Array) return void socket.end(body);
  for await (const chunk of iterate(body))
    socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]));
  socket.end('0\r\n\r\n');
}

function sinkOf(socket: Socket) {
  return {
    write: (chunk: Uint8Array) => new Promise<void>((resolve) => void socket.write(chunk, () => resolve())),
    close: () => Promise.resolve(void socket.end()),
    abort: () => void socket.destroy(),
  };
}
