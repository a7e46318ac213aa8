/** The server's half of RFC 6455 over a connection, for clients that attach from a web page or by `attach_socket(ws=True)` of docker-py. */
import { sha1 } from '@noble/hashes/legacy.js';
import { concatBytes, utf8 } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import type { ByteSink, ByteSource, Duplex } from '../base/streams.ts';
import { encodeBase64Bytes } from '../grammar/base64.ts';

/** 5.2, opcodes. */
const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const final = 0x80;
const masked = 0x80;
/** 7.4.1. */
const status = { normal: 1000, protocolError: 1002 } as const;
/** 5.5: of a control frame. */
const maxControlBytes = 125;
/** 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * The header of the answer to an opening handshake (4.2).
 * @throws AppError invalid for a request that is none, forbidden for one that a page of another origin makes: a browser lets any page open
 * a WebSocket to any host, and only says which it is
 */
export function webSocketHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const has = (name: string, token: string): boolean => (headers[name] ?? '').split(',').some((one) => one.trim().toLowerCase() === token);
  const key = headers['sec-websocket-key'] ?? '';
  if (!has('upgrade', 'websocket') || !has('connection', 'upgrade')) throw invalid('not websocket protocol');
  if (headers['sec-websocket-version'] !== '13') throw invalid('missing or bad WebSocket Version');
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) throw invalid('mismatch challenge/response');
  if (!isSameOrigin(headers['origin'], headers['host'])) throw new AppError('forbidden', 'a WebSocket of another origin is refused');
  return {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': encodeBase64Bytes(sha1(utf8(key + acceptSuffix))),
  };
}

function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || /^[a-z]+:\/\/(.*)$/.exec(origin)?.[1] === host;
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}

/**
 * The payload of both directions over a connection that was answered with 101. What is written goes out in one frame each.
 * A close frame of the client is answered, and then reading rejects as where a connection breaks, since that is what follows.
 * @param text whether frames are of text (below 1.28 of the API), else of bytes
 */
export function webSocketDuplex({ source, sink }: Duplex, text: boolean): Duplex {
  const out = new FrameSink(sink, text ? opcode.text : opcode.binary);
  return { source: new PayloadSource(source, out), sink: out };
}

class FrameSink implements ByteSink {
  readonly #sink: ByteSink;
  readonly #opcode: number;
  #closing = false;

  constructor(sink: ByteSink, code: number) {
    this.#sink = sink;
    this.#opcode = code;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (!this.#closing) await this.send(this.#opcode, chunk);
  }

  async send(code: number, payload: Uint8Array): Promise<void> {
    await this.#sink.write(concatBytes([frameHead(code, payload.length), payload]));
  }

  async end(code: number): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    await this.send(opcode.close, Uint8Array.of(code >> 8, code & 0xff));
  }

  async close(): Promise<void> {
    await this.end(status.normal);
    await this.#sink.close();
  }

  abort(reason?: unknown): void {
    this.#sink.abort(reason);
  }
}

function frameHead(code: number, length: number): Uint8Array {
  const first = final | code;
  if (length < 126) return Uint8Array.of(first, length);
  if (length < 0x1_0000) return Uint8Array.of(first, 126, length >> 8, length & 0xff);
  const head = new Uint8Array(10);
  const view = new DataView(head.buffer);
  view.setUint8(0, first);
  view.setUint8(1, 127);
  view.setBigUint64(2, BigInt(length));
  return head;
}

interface FrameHead {
  readonly code: number;
  readonly length: number;
  readonly mask: Uint8Array;
}

/** Payload of data frames as it comes: a frame of any length is never kept whole. */
class PayloadSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #out: FrameSink;
  #rest: Uint8Array = new Uint8Array(0);
  /** Of the data frame that is being read. */
  #left = 0;
  #mask: Uint8Array = new Uint8Array(4);
  #read = 0;

  constructor(source: ByteSource, out: FrameSink) {
    this.#source = source;
    this.#out = out;
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#left > 0) return this.#payload();
      const head = await this.#head();
      if (head === null) return null;
      if (head.code <= opcode.binary) this.#begin(head);
      else await this.#control(head);
    }
  }

  cancel(reason?: unknown): void {
    this.#source.cancel(reason);
  }

  #begin({ length, mask }: FrameHead): void {
    this.#left = length;
    this.#mask = mask;
    this.#read = 0;
  }

  async #payload(): Promise<Uint8Array> {
    const bytes = this.#rest.length > 0 ? this.#rest : await this.#more();
    const taken = bytes.slice(0, this.#left);
    this.#rest = bytes.subarray(taken.length);
    this.#left -= taken.length;
    unmask(taken, this.#mask, this.#read);
    this.#read += taken.length;
    return taken;
  }

  async #control({ code, length, mask }: FrameHead): Promise<void> {
    const payload = (await this.#take(length)).slice();
    unmask(payload, mask, 0);
    if (code === opcode.ping) await this.#out.send(opcode.pong, payload);
    if (code !== opcode.close) return;
    await this.#out.end(status.normal);
    throw new AppError('cancelled', 'the client closed the WebSocket');
  }

  /** null where the connection ends between two frames. */
  async #head(): Promise<FrameHead | null> {
    if (this.#rest.length === 0) {
      const chunk = await this.#source.read();
      if (chunk === null) return null;
      this.#rest = chunk;
    }
    const [first = 0, second = 0] = await this.#take(2);
    const code = first & 0x0f;
    const isControl = code >= opcode.close;
    const short = second & 0x7f;
    const known = code <= opcode.binary || (code >= opcode.close && code <= opcode.pong);
    const whole = (first & final) !== 0 && short <= maxControlBytes;
    if ((first & 0x70) !== 0 || (second & masked) === 0 || !known || (isControl && !whole)) return this.#refuse();
    const length = short < 126 ? short : await this.#longLength(short === 126 ? 2 : 8);
    return { code, length, mask: (await this.#take(4)).slice() };
  }

  async #longLength(bytes: number): Promise<number> {
    const digits = await this.#take(bytes);
    const length = digits.reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(length) ? length : this.#refuse();
  }

  async #refuse(): Promise<never> {
    await this.#out.end(status.protocolError);
    throw invalid('malformed WebSocket frame');
  }

  async #take(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count) {
      const chunk = await this.#more();
      this.#rest = this.#rest.length === 0 ? chunk : concatBytes([this.#rest, chunk]);
    }
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async #more(): Promise<Uint8Array> {
    const chunk = await this.#source.read();
    if (chunk === null) throw invalid('the connection ended within a WebSocket frame');
    return chunk;
  }
}

function unmask(bytes: Uint8Array, mask: Uint8Array, from: number): void {
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = (bytes[at] ?? 0) ^ (mask[(from + at) & 3] ?? 0);
}
