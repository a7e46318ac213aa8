import { utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { readAll, type ByteSource } from '../../base/streams.ts';
import type { Destination } from '../../engine/outside/way.ts';
import type { HttpRequest } from '../../protocol/http.ts';
import type { OutsideAnswer } from './http.ts';

export interface FetchOptions {
  readonly fetch: typeof fetch;
  /** The page came over https: browsers let it ask nobody over plain http. */
  readonly secure: boolean;
}

/** Of a request: a browser wants all of it at once. */
const mostBodyBytes = 16 * 1024 * 1024;
/** Milliseconds until the head of an answer has to be there, and of a look at why there is none. */
const patience = 60_000;
const lookPatience = 10_000;

/** Hop by hop (RFC 9110 7.6.1), and what the browser says of itself. */
const notSent: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
  ...['host', 'content-length', 'accept-encoding', 'user-agent', 'cookie', 'origin', 'referer', 'date', 'via', 'dnt'],
  // Each would make a browser ask first whether it may, which most servers do not know; without them the answer is whole.
  ...['cache-control', 'pragma', 'if-none-match', 'if-modified-since'],
]);
const notPassedOn: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  // Of what came over the wire: the browser has unpacked it, and follows its own protocol from here on.
  ...['content-encoding', 'content-length', 'alt-svc', 'strict-transport-security'],
]);
/** What a browser refuses to send. */
const notMethods: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** A request to a host, asked by the browser in the guest's place; what it may not read is an answer that says so. */
export async function answerByFetch(request: HttpRequest, destination: Destination, options: FetchOptions): Promise<OutsideAnswer> {
  const { method, target, headers, signal } = request;
  const host = destination.name ?? destination.address;
  if (notMethods.has(method)) return failure(501, `a browser sends no ${method}`);
  // What does not begin with a slash would move the end of the host's name.
  if (!target.startsWith('/')) return failure(400, 'a browser asks for a path');
  if (!isFor(headers['host'], host)) return failure(421, `a browser asks ${host} by its own name only, not as ${headers['host'] ?? ''}`);
  const url = urlOf({ host, port: destination.port, target }, options.secure);
  try {
    const body = await readAll(request.body, mostBodyBytes);
    const response = await options.fetch(url, {
      method,
      headers: sentHeaders(headers),
      body: body.length === 0 || method === 'GET' || method === 'HEAD' ? null : new Uint8Array(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'follow',
      referrerPolicy: 'no-referrer',
    });
    return {
      response: { status: response.status, headers: passedHeaders(response, method), body: bodyOf(response, method) },
      problem: null,
    };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.kind === 'exhausted') return failure(413, 'a browser takes at most 16 MiB of a request');
    if (thrown instanceof DOMException && thrown.name === 'TimeoutError')
      return failure(504, `${host} did not answer within ${patience / 1000} s`);
    return failure(502, `${url} could not be read: ${await why(url, host, options)}`);
  }
}

/** A browser does not tell; whether anybody answers can be seen without reading what is said. */
async function why(url: string, host: string, { fetch }: FetchOptions): Promise<string> {
  if (typeof navigator !== 'undefined' && navigator.onLine === false) return 'this browser is offline';
  try {
    await fetch(new URL('/', url).href, {
      method: 'HEAD',
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.timeout(lookPatience),
    });
    return `${host} answers, but does not let pages of other origins read it (CORS)`;
  } catch {
    return `${host} does not answer over ${new URL(url).protocol.slice(0, -1)}`;
  }
}

function failure(status: number, problem: string): OutsideAnswer {
  const text = `drydock: ${problem}. A wisp relay (settings, network) reaches what a browser may not.\n`;
  return { response: { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: utf8(text) }, problem };
}

function isFor(header: string | undefined, host: string): boolean {
  return header === undefined || header.toLowerCase().replace(/:\d+$/, '') === host;
}

function urlOf({ host, port, target }: { readonly host: string; readonly port: number; readonly target: string }, secure: boolean): string {
  return `${secure ? 'https' : 'http'}://${host}${port === 80 ? '' : `:${port}`}${target}`;
}

function sentHeaders(headers: HttpRequest['headers']): Record<string, string> {
  const named = new Set(
    (headers['connection'] ?? '')
      .toLowerCase()
      .split(',')
      .map((token) => token.trim()),
  );
  const isSent = (name: string): boolean =>
    !notSent.has(name) && !named.has(name) && !name.startsWith('sec-') && !name.startsWith('proxy-');
  return Object.fromEntries(Object.entries(headers).filter(([name]) => isSent(name)));
}

function passedHeaders(response: Response, method: string): Record<string, string> {
  const passed = Object.fromEntries([...response.headers].filter(([name]) => !notPassedOn.has(name)));
  const length = response.headers.get('content-length');
  return method === 'HEAD' && length !== null && /^\d+$/.test(length) ? { ...passed, 'content-length': length } : passed;
}

function bodyOf(response: Response, method: string): ByteSource | null {
  const reader = response.body?.getReader();
  if (reader === undefined) return null;
  if (method === 'HEAD') {
    void reader.cancel().catch(() => undefined);
    return null;
  }
  return {
    async read() {
      const { done, value } = await reader.read();
      return done ? null : value;
    },
    cancel: (reason) => void reader.cancel(reason).catch(() => undefined),
  };
}
