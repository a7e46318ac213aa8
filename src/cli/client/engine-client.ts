import { utf8, fromUtf8 } from '../../base/bytes.ts';
import { AppError, type ErrorKind } from '../../base/errors.ts';
import type { Steps } from '../../base/steps.ts';
import { createPace } from '../../base/pace.ts';
import { createDuplexPair, emptySource, iterate, readAll, sourceOf, type ByteSource, type Duplex } from '../../base/streams.ts';
import { trimEndOf } from '../../base/trim.ts';
import { cleanPath } from '../../grammar/clean-path.ts';
import type { HttpHandler, HttpResponse } from '../../protocol/http.ts';
import { StatusError } from '../errors.ts';
import { JsonView, parseJson, writeJson, type Json } from '../json.ts';
import { clientVersion } from '../product.ts';

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface EngineRequest {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it comes, in place of `body`. */
  readonly stream?: ByteSource;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends this request before the session ends. */
  readonly signal?: AbortSignal;
}

export interface Hijacked {
  readonly connection: Duplex;
  /** The two outputs are framed; false for a tty. */
  readonly multiplexed: boolean;
  /** Resolves with `close`. */
  readonly closed: Promise<void>;
  close(): void;
}

/** What the daemon answered in words; `message` is as the docker client prints it. */
export class DaemonError extends AppError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(kindOf(status), `Error response from daemon: ${message.trim()}`);
    this.status = status;
  }
}

/** Requests, or values of a stream, between two looks at the clock. */
const requestsBetweenLooks = 32;

/** The Engine API as docker's client uses it, over a function in place of a socket. */
export class EngineClient {
  readonly #handler: HttpHandler;
  readonly #closing = new AbortController();
  readonly #pace = createPace();
  #sent = 0;

  constructor(handler: HttpHandler) {
    this.#handler = handler;
  }

  /** Aborted by `dispose`. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Ends every request that is still open: the client went away. */
  dispose(): void {
    this.#closing.abort();
  }

  /** The bare answer, whatever its status. @param path below the version: `/containers/json` */
  async send(method: string, path: string, request: EngineRequest = {}): Promise<HttpResponse> {
    const { query = {}, body, stream, headers = {} } = request;
    // An engine in the same thread that answers at once leaves nobody else a turn while thousands of names are asked for.
    if (++this.#sent % requestsBetweenLooks === 0 && this.#pace.isDue()) await this.#pace.turn();
    const payload = body === undefined ? null : utf8(writeJson(body));
    return this.#handler({
      method,
      target: `${cleanPath(`/v${clientVersion.apiVersion}${path}`)}${queryString(query)}`,
      headers: {
        host: 'api.moby.localhost',
        'user-agent': `Docker-Client/${clientVersion.version} (linux)`,
        ...(payload === null ? {} : { 'content-type': 'application/json', 'content-length': String(payload.length) }),
        ...(stream === undefined ? {} : { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' }),
        ...headers,
      },
      body: stream ?? (payload === null ? emptySource() : sourceOf(payload)),
      transport: 'cli',
      signal: this.#signalOf(request.signal),
    });
  }

  /** The answer if it is a success. Rejects with DaemonError otherwise. */
  async request(method: string, path: string, request: EngineRequest = {}): Promise<HttpResponse> {
    const response = await this.send(method, path, request);
    if (response.status >= 400) throw await daemonErrorOf(response);
    return response;
  }

  /** For answers without content. */
  async call(method: string, path: string, request: EngineRequest = {}): Promise<void> {
    await bodyText(await this.request(method, path, request));
  }

  async text(method: string, path: string, request: EngineRequest = {}): Promise<string> {
    return bodyText(await this.request(method, path, request));
  }

  async json(method: string, path: string, request: EngineRequest = {}): Promise<JsonView> {
    return decode(await this.text(method, path, request));
  }

  async get(path: string, query: Query = {}): Promise<JsonView> {
    return this.json('GET', path, { query });
  }

  async post(path: string, query: Query = {}, body?: unknown): Promise<JsonView> {
    return this.json('POST', path, { query, ...(body === undefined ? {} : { body }) });
  }

  /** The answer's body as it comes. */
  async stream(method: string, path: string, request: EngineRequest = {}): Promise<ByteSource> {
    return sourceOfBody(await this.request(method, path, request));
  }

  /** One JSON value after another (events, pull progress, stats). */
  async *jsonStream(method: string, path: string, request: EngineRequest = {}): AsyncGenerator<JsonView, void> {
    yield* jsonValues(await this.stream(method, path, request));
  }

  /** Takes the connection over (attach, exec start). */
  async hijack(path: string, request: EngineRequest = {}): Promise<Hijacked> {
    const response = await this.send('POST', path, { ...request, headers: { connection: 'Upgrade', upgrade: 'tcp' } });
    // Docker's client reads no further than the status (moby, client/hijack.go).
    if (response.hijack === undefined) throw new StatusError(1, `unable to upgrade to tcp, received ${response.status}`);
    const [ours, theirs] = createDuplexPair();
    const multiplexed = response.headers['content-type'] === 'application/vnd.docker.multiplexed-stream';
    response.hijack(theirs).catch((error: unknown) => {
      theirs.sink.abort(error);
      theirs.source.cancel(error);
    });
    let tell: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      tell = resolve;
    });
    return {
      connection: ours,
      multiplexed,
      closed,
      close() {
        tell();
        ours.source.cancel();
        // As a closed socket shows on the other side: the end of what was sent.
        ours.sink.close().catch(() => undefined);
      },
    };
  }

  #signalOf(own: AbortSignal | undefined): AbortSignal {
    const closing = this.#closing.signal;
    if (own === undefined) return closing;
    const either = new AbortController();
    if (own.aborted || closing.aborted) either.abort();
    own.addEventListener('abort', () => either.abort(), { once: true });
    closing.addEventListener('abort', () => either.abort(), { once: true });
    return either.signal;
  }
}

/** Go's url.Values.Encode: sorted by name; what is undefined is left out. */
function queryString(query: Query): string {
  const pairs = Object.keys(query)
    .sort()
    .flatMap((name) => {
      const value = query[name];
      return (typeof value === 'string' ? [value] : (value ?? [])).map((item) => `${queryEscape(name)}=${queryEscape(item)}`);
    });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Go's url.QueryEscape. */
function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `/containers/NAME`, as `objectPath`. */
export function containerPath(name: string): string {
  return objectPath('container', name);
}

/** Where an object is; slashes around its name do not count. Throws StatusError for a blank name. */
export function objectPath(kind: 'container' | 'network' | 'volume', name: string): string {
  if (name.trim() === '') throw new StatusError(1, `invalid ${kind} name or ID: value is empty`);
  return `/${kind}s/${segment(trimEndOf(name.trim().replace(/^\/+/, ''), '/'))}`;
}

/** A name in a path, as Go's client escapes it. */
export function segment(name: string): string {
  return encodeURIComponent(name)
    .replaceAll('%3A', ':')
    .replaceAll('%40', '@')
    .replaceAll('%2F', '/')
    .replaceAll('%2B', '+')
    .replaceAll('%24', '$')
    .replaceAll('%26', '&')
    .replaceAll('%3D', '=')
    .replaceAll('%2C', ',')
    .replaceAll('%3B', ';');
}

async function daemonErrorOf(response: HttpResponse): Promise<DaemonError> {
  const text = await bodyText(response);
  if (response.headers['content-type']?.startsWith('application/json')) {
    const message = decode(text).string('message');
    if (message !== '') return new DaemonError(response.status, message);
  }
  return new DaemonError(response.status, text.trim());
}

function decode(text: string): JsonView {
  return new JsonView(text.trim() === '' ? null : toJson(text));
}

function toJson(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw new AppError('internal', `the daemon's answer is not JSON: ${text.slice(0, 80)}`, { cause: error });
  }
}

export function sourceOfBody(response: HttpResponse): ByteSource {
  if (response.body === null) return emptySource();
  return response.body instanceof Uint8Array ? sourceOf(response.body) : response.body;
}

/** Bytes of an answer that is kept whole; what streams has no end. */
export const largestAnswer = 64 * 1024 * 1024;

async function bodyText(response: HttpResponse): Promise<string> {
  return fromUtf8(await readAll(sourceOfBody(response), largestAnswer));
}

/** One JSON value after another, a line each. */
export async function* jsonValues(source: ByteSource, steps?: Steps): AsyncGenerator<JsonView, void> {
  const pace = createPace();
  let count = 0;
  for await (const line of lines(source, steps)) {
    if (++count % requestsBetweenLooks === 0 && pace.isDue()) await pace.turn();
    if (line.trim() !== '') yield decode(line);
  }
}

/** Lines of a body, without their ends. */
async function* lines(source: ByteSource, steps?: Steps): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  // What has come of a line is joined once, at its end.
  let pieces: string[] = [];
  let size = 0;
  for await (const chunk of iterate(source)) {
    steps?.take(chunk.length);
    const parts = decoder.decode(chunk, { stream: true }).split('\n');
    const last = parts.pop() ?? '';
    for (const part of parts) {
      steps?.take(pieces.length + size);
      yield pieces.join('') + part;
      pieces = [];
      size = 0;
    }
    pieces.push(last);
    size += last.length;
    if (size > largestAnswer) throw new AppError('exhausted', `the daemon's answer is too large`);
  }
  const rest = pieces.join('') + decoder.decode();
  if (rest !== '') yield rest;
}

const kinds: Readonly<Record<number, ErrorKind>> = {
  304: 'not_modified',
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  501: 'not_implemented',
  503: 'unavailable',
};

function kindOf(status: number): ErrorKind {
  return kinds[status] ?? (status < 500 ? 'invalid' : 'internal');
}
