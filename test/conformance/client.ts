import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { createDuplexPair, emptySource, readAll, sourceOf, type Duplex } from '../../src/base/streams.ts';
import { jsonText } from '../../src/base/json-text.ts';
import { createApi } from '../../src/api/api.ts';
import type { HttpHandler, HttpResponse } from '../../src/protocol/http.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { testEngine } from './test-engine.ts';
import type { TestMachine } from '../../src/engine/testing/machine.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** undefined when there is no body. */
  readonly json: unknown;
}

export interface TestClient {
  readonly engine: Engine;
  readonly runtime: TestMachine;
  readonly api: HttpHandler;
  /** The response as the handler gave it; `close` is the client going away. */
  open(method: string, target: string, options?: CallOptions): Promise<{ readonly response: HttpResponse; close(): void }>;
  call(method: string, target: string, body?: unknown): Promise<Answer>;
  /** Pulls busybox and creates a container. @returns its ID */
  create(body?: Readonly<Record<string, unknown>>, name?: string): Promise<string>;
  /** A time, as `until`, at which everything so far has happened. */
  now(): string;
  /** Takes a connection over; what is returned is the client's end. */
  attach(
    target: string,
    options?: CallOptions,
  ): Promise<{ readonly connection: Duplex; readonly response: HttpResponse; readonly over: Promise<void> }>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const upgrade = { connection: 'Upgrade', upgrade: 'tcp' };

/** @param over an engine of the test's own */
export function testClient({ engine, runtime } = testEngine()): TestClient {
  const api = createApi(engine, 'test');
  const open: TestClient['open'] = async (method, target, { body, headers = {} } = {}) => {
    const gone = new AbortController();
    const bytes = body === undefined ? null : utf8(jsonText(body));
    const response = await api({
      method,
      target,
      headers: { ...(bytes === null ? {} : { 'content-type': 'application/json' }), ...headers },
      body: bytes === null ? emptySource() : sourceOf(bytes),
      transport: 'cli',
      signal: gone.signal,
    });
    return { response, close: () => gone.abort() };
  };
  const call: TestClient['call'] = async (method, target, body) => {
    const { response } = await open(method, target, { body });
    const text = await textOf(response);
    return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : parse(text) };
  };
  return {
    engine,
    runtime,
    api,
    open,
    call,
    async create(body = {}, name = '') {
      await call('POST', '/images/create?fromImage=busybox&tag=latest');
      const { json, text } = await call('POST', `/containers/create?name=${name}`, { Image: 'busybox', Cmd: ['sleep', '100'], ...body });
      if (typeof json !== 'object' || json === null || !('Id' in json)) throw new Error(text);
      return String(json.Id);
    },
    now() {
      const nanos = BigInt(engine.log.since(0).at(-1)?.timeNano ?? '0');
      return `${nanos / 1_000_000_000n}.${(nanos % 1_000_000_000n).toString().padStart(9, '0')}`;
    },
    async attach(target, options = {}) {
      const { response } = await open('POST', target, { ...options, headers: { ...upgrade, ...options.headers } });
      if (response.hijack === undefined) throw new Error(`${response.status}: ${await textOf(response)}`);
      const [connection, server] = createDuplexPair();
      return { connection, response, over: response.hijack(server) };
    },
  };
}

export async function bytesOf({ body }: HttpResponse): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  return body instanceof Uint8Array ? body : readAll(body);
}

export async function textOf(response: HttpResponse): Promise<string> {
  return fromUtf8(await bytesOf(response));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Undoes Docker's framing: what came on which stream. */
export function unframe(bytes: Uint8Array): readonly { readonly stream: number; readonly text: string }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = view.getUint32(offset + 4);
    frames.push({ stream: view.getUint8(offset), text: fromUtf8(bytes.subarray(offset + 8, offset + 8 + length)) });
    offset += 8 + length;
  }
  return frames;
}
