import { utf8 } from '../base/bytes.ts';
import type { ByteSource, Duplex } from '../base/streams.ts';
import { jsonText } from '../base/json-text.ts';
import type { HttpResponse } from '../protocol/http.ts';

/** Who ended a stream; goes to the log of API requests. */
export type EndedBy = 'client' | 'server';

/** A route's answer. Unlike a plain response, a taken-over connection tells who ended it. */
export type Reply = Omit<HttpResponse, 'hijack'> & {
  readonly takeOver?: (connection: Duplex) => Promise<EndedBy>;
  /** The body goes on until somebody ends it: cancelled when the client goes away. */
  readonly live?: boolean;
};

/** Go's encoder ends every value with a newline. */
export function json(value: unknown, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: utf8(`${jsonText(value)}\n`) };
}

export function text(value: string, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: utf8(value) };
}

export function noContent(): Reply {
  return { status: 204, headers: {}, body: null };
}

export function empty(status: number): Reply {
  return { status, headers: {}, body: null };
}

export function stream(body: ByteSource, contentType = 'application/json'): Reply {
  return { status: 200, headers: { 'content-type': contentType }, body };
}

export function liveStream(body: ByteSource, contentType = 'application/json'): Reply {
  return { ...stream(body, contentType), live: true };
}
