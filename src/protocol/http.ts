import type { ByteSource, Duplex } from '../base/streams.ts';

/** Where a request came from; the API request log and tutorial checks tell them apart. */
export type Transport = 'unix' | 'tcp' | 'cli' | 'page';

/** One request, already parsed. Header names are lower case. `target` is path and query as sent. */
export interface HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ByteSource;
  readonly transport: Transport;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** null: no body. A ByteSource is sent chunked, unless the headers have the `content-length` that it will have. */
  readonly body: Uint8Array | ByteSource | null;
  /** Set on 101, and on 200 answers of attach without Upgrade: takes over the connection. The response ends when it resolves. */
  readonly hijack?: (connection: Duplex) => Promise<void>;
}

/** The Docker Engine API as a function; the guest's socket, Node's socket and the CLI all call this one. Never rejects. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;
