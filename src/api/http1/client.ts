import { AppError } from '../../base/errors.ts';
import { emptySource, type ByteSource, type Duplex } from '../../base/streams.ts';
import { ByteTotal } from '../pending.ts';
import { requestBody } from './body.ts';
import { BadRequest, parseHeaders, readHeadLines } from './head.ts';
import { ConnectionReader } from './reader.ts';

export interface Exchange {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Answer {
  /** 200 to 599. */
  readonly status: number;
  readonly reason: string;
  /** Names in lower case; repeated ones are joined. */
  readonly headers: ReadonlyMap<string, string>;
  /** null: there can be none. Its end is the end of the answer; a break rejects. */
  readonly body: ByteSource | null;
}

/** Bytes, of lines and headers, and of answers before the one. */
const headLimit = 64 * 1024;
const notInTarget = /[^!-~]/;
const notInValue = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/;

/**
 * One request and its answer (RFC 9112), for which the connection is then of no use any more.
 * @throws AppError invalid for a request that would be more than one, or an answer that is none; cancelled where the connection ends before its head does
 */
export async function exchange(connection: Duplex, { method, target, headers, body }: Exchange): Promise<Answer> {
  const hasBody = body.length > 0 || !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method);
  const all = { ...headers, connection: 'close', ...(hasBody ? { 'content-length': String(body.length) } : {}) };
  checkRequest(method, target, all);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = latin1(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const reader = new ConnectionReader(connection.source, new ByteTotal(4 * headLimit));
  // A server may answer before it has all of the body, or without taking it: what it says counts.
  send(connection, head, body).catch(() => undefined);
  return readAnswer(reader, method);
}

async function send({ sink }: Duplex, head: Uint8Array, body: Uint8Array): Promise<void> {
  await sink.write(head);
  if (body.length > 0) await sink.write(body);
}

async function readAnswer(reader: ConnectionReader, method: string): Promise<Answer> {
  for (;;) {
    const { status, reason, headers } = await readAnswerHead(reader);
    // What is said on the way (100, 103) is not for who asked.
    if (status >= 100 && status < 200 && status !== 101) continue;
    if (status < 200) throw malformed('it changes the protocol');
    if (method === 'HEAD' || status === 204 || status === 205 || status === 304) return { status, reason, headers, body: null };
    return { status, reason, headers, body: bodyOf(reader, headers) };
  }
}

async function readAnswerHead(
  reader: ConnectionReader,
): Promise<{ readonly status: number; readonly reason: string; readonly headers: ReadonlyMap<string, string> }> {
  try {
    const [first = '', ...rest] = await readHeadLines(reader, headLimit);
    if (first === '') throw new AppError('cancelled', 'the connection ended without an answer');
    const [, status = '', reason = ''] = /^HTTP\/1\.[01] ([1-5]\d\d)(?: (.*))?$/.exec(first) ?? [];
    if (status === '') throw malformed('not HTTP');
    return { status: Number(status), reason: notInValue.test(reason) ? '' : reason, headers: parseHeaders(rest) };
  } catch (thrown) {
    throw thrown instanceof BadRequest ? malformed(thrown.message) : thrown;
  }
}

/** Chunks, a length, or all there is until the end (RFC 9112 6.3). */
function bodyOf(reader: ConnectionReader, headers: ReadonlyMap<string, string>): ByteSource {
  const encoding = headers.get('transfer-encoding')?.toLowerCase();
  const length = headers.get('content-length');
  const none = { onFirstRead: () => Promise.resolve(), onEnd: () => undefined };
  if (encoding !== undefined && encoding !== 'identity') {
    if (encoding !== 'chunked') throw malformed(`the encoding ${encoding} is not known`);
    return requestBody(reader, { kind: 'chunked' }, none);
  }
  if (length === undefined) return reader.rest();
  if (!/^\d{1,15}$/.test(length)) throw malformed('bad Content-Length');
  return length === '0' ? emptySource() : requestBody(reader, { kind: 'sized', bytes: Number(length) }, none);
}

function checkRequest(method: string, target: string, headers: Readonly<Record<string, string>>): void {
  const isToken = (text: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
  const wrong =
    !isToken(method) ||
    !target.startsWith('/') ||
    notInTarget.test(target) ||
    Object.entries(headers).some(([name, value]) => !isToken(name) || notInValue.test(value));
  if (wrong) throw new AppError('invalid', 'a request that cannot be sent: its method, path or headers are malformed');
}

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function malformed(why: string): AppError {
  return new AppError('invalid', `malformed answer: ${why}`);
}
