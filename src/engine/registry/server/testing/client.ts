/** A registry over contents in memory, and a client that calls it without a connection. */
import { fromUtf8, utf8 } from '../../../../base/bytes.ts';
import { emptySource, readAll, sourceOf, type ByteSource } from '../../../../base/streams.ts';
import { encodeBase64 } from '../../../../grammar/base64.ts';
import type { HttpHandler } from '../../../../protocol/http.ts';
import { Content } from '../../../content/content.ts';
import { memoryBlobs } from '../../../content/memory.ts';
import { portableSha256 } from '../../../content/sha256.ts';
import { digestOf } from '../../../content/verified.ts';
import { TestClock } from '../../../testing/clock.ts';
import { createInAppRegistries, hubHost, privateHost, type InAppRegistries } from '../registries.ts';

export interface TestRegistries {
  readonly registries: InAppRegistries;
  readonly content: Content;
  readonly blobs: ReturnType<typeof memoryBlobs>;
  readonly clock: TestClock;
  readonly hub: TestClient;
  readonly private: TestClient;
  /** Digests in the store when nothing is left to sweep. */
  kept(): Promise<readonly string[]>;
}

/** @param blobs of another one, to follow it over the same store */
export function testRegistries(blobs = memoryBlobs(), sha256 = portableSha256): TestRegistries {
  const clock = new TestClock();
  const content: Content = new Content(blobs, sha256, (digest) => registries.names(digest));
  const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));
  const registries: InAppRegistries = createInAppRegistries({ content, clock, random });
  const client = (host: string): TestClient => {
    const handler = registries.handlerFor(host);
    if (handler === null) throw new Error(`nobody answers for ${host}`);
    return new TestClient(handler, host);
  };
  return {
    registries,
    content,
    blobs,
    clock,
    hub: client(hubHost),
    private: client(privateHost),
    async kept() {
      content.sweep();
      await content.settled();
      return (await blobs.list()).map(({ digest }) => digest);
    },
  };
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** "DENIED: requested access …" of an error; "": it is none. */
  readonly error: string;
}

export interface TestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | ByteSource;
  /** "name:password" in place of the client's own; "": none. */
  readonly as?: string;
  readonly signal?: AbortSignal;
}

export class TestClient {
  /** "name:password"; "": none. */
  as = '';

  constructor(
    readonly handler: HttpHandler,
    readonly host: string,
  ) {}

  /** @param line "GET /v2/" */
  async send(
    line: string,
    { headers = {}, body = '', as = this.as, signal = new AbortController().signal }: TestRequest = {},
  ): Promise<TestAnswer> {
    const [method = '', target = ''] = line.split(' ');
    const credentials = as === '' ? {} : { authorization: `Basic ${encodeBase64(as)}` };
    const response = await this.handler({
      method,
      target,
      headers: { host: this.host, ...credentials, ...headers },
      body: sourceFrom(body),
      transport: 'cli',
      signal,
    });
    const bytes =
      response.body === null || response.body instanceof Uint8Array ? (response.body ?? new Uint8Array(0)) : await readAll(response.body);
    const text = fromUtf8(bytes);
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      text,
      error: response.status < 400 || text === '' ? '' : errorIn(text),
    };
  }

  /** From now on with these credentials. */
  async login(as: string): Promise<TestAnswer> {
    this.as = as;
    return this.send('GET /v2/');
  }

  /** In one request. @returns its digest */
  async pushBlob(name: string, content: string): Promise<string> {
    const digest = digestOf(utf8(content));
    const { status, error } = await this.send(`POST /v2/${name}/blobs/uploads/?digest=${digest}`, { body: content });
    if (status !== 201) throw new Error(`a blob was not taken: ${status} ${error}`);
    return digest;
  }

  /** An image of a config and a layer with these contents. @returns the manifest's digest */
  async pushImage(name: string, reference: string, { config = '{}', layer = 'layer' } = {}): Promise<string> {
    await this.pushBlob(name, config);
    await this.pushBlob(name, layer);
    const manifest = manifestOf({ config, layers: [layer] });
    const { status, error, headers } = await this.send(`PUT /v2/${name}/manifests/${reference}`, {
      body: manifest,
      headers: { 'content-type': ociManifest },
    });
    if (status !== 201) throw new Error(`a manifest was not taken: ${status} ${error}`);
    return headers['docker-content-digest'] ?? '';
  }
}

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const ociIndex = 'application/vnd.oci.image.index.v1+json';

export function descriptorOf(content: string, mediaType = 'application/octet-stream'): { mediaType: string; digest: string; size: number } {
  const bytes = utf8(content);
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

export function manifestOf({
  config = '{}',
  layers = [],
  more = {},
}: {
  readonly config?: string;
  readonly layers?: readonly string[];
  readonly more?: Readonly<Record<string, unknown>>;
}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: ociManifest,
    config: descriptorOf(config, 'application/vnd.oci.image.config.v1+json'),
    layers: layers.map((layer) => descriptorOf(layer)),
    ...more,
  });
}

function sourceFrom(body: Uint8Array | string | ByteSource): ByteSource {
  if (typeof body === 'string') return body === '' ? emptySource() : sourceOf(utf8(body));
  return body instanceof Uint8Array ? sourceOf(body) : body;
}

function errorIn(text: string): string {
  const { errors } = JSON.parse(text) as { readonly errors: readonly { readonly code: string; readonly message: string }[] };
  return errors.map(({ code, message }) => `${code}: ${message}`).join('; ');
}
