import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';

export interface ApiAnswer {
  readonly status: number;
  /** The first four million bytes. */
  readonly text: string;
  /** Of the body. */
  readonly bytes: number;
}

/** A client of an Engine API on a unix socket. */
export interface ApiClient {
  /** @param body bytes are sent as a tar archive, everything else as JSON. Rejects when the connection breaks */
  send(method: string, target: string, body?: unknown): Promise<ApiAnswer>;
  /** Asks, and goes away once so many bytes of the answer have come, or so much time has passed. Before the head of the answer came: rejects */
  leave(method: string, target: string, options?: LeaveOptions): Promise<void>;
  /** Sends a request, and breaks the connection off after so many milliseconds, whatever came meanwhile. */
  breakOff(method: string, target: string, options: { readonly body?: unknown; readonly milliseconds: number }): Promise<void>;
}

export interface LeaveOptions {
  readonly body?: unknown;
  /** 0: with the head. */
  readonly bytes?: number;
  readonly milliseconds?: number;
  /** A status from 400 that is no failure. */
  readonly orStatus?: number | undefined;
}

interface Asked {
  readonly method: string;
  readonly target: string;
  readonly body?: unknown;
}

export function apiClient(socketPath: string): ApiClient {
  const agent = new Agent({ keepAlive: false });
  const ask = ({ method, target, body }: Asked, answered: (response: IncomingMessage) => void): ClientRequest => {
    const type = body instanceof Uint8Array ? 'application/x-tar' : 'application/json';
    const headers = body === undefined ? {} : { 'content-type': type };
    const sent = request({ socketPath, method, path: target, headers, agent }, answered);
    sent.end(body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body));
    return sent;
  };
  return {
    send: (method, target, body) =>
      new Promise((done, failed) => {
        ask({ method, target, body }, (response) => {
          let text = '';
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (text.length < 4_000_000) text += chunk.toString('latin1');
          });
          response.on('end', () => done({ status: response.statusCode ?? 0, text, bytes })).on('error', failed);
        }).on('error', failed);
      }),
    leave: (method, target, { body, bytes = 0, milliseconds = 60_000, orStatus } = {}) =>
      new Promise((done, failed) => {
        let seen = 0;
        const sent = ask({ method, target, body }, (response) => {
          const status = response.statusCode ?? 500;
          if (status >= 400 && status !== orStatus) failed(new Error(`${method} ${target}: ${status}`));
          const look = (more: number): void => {
            seen += more;
            if (seen >= bytes) sent.destroy();
          };
          response.on('data', (chunk: Buffer) => look(chunk.length)).on('error', () => undefined);
          look(0);
        });
        const timer = setTimeout(() => sent.destroy(), milliseconds);
        sent.on('error', failed).on('close', () => {
          clearTimeout(timer);
          done();
        });
      }),
    breakOff: (method, target, { body, milliseconds }) =>
      new Promise((done) => {
        const sent = ask({ method, target, body }, (response) => response.resume().on('error', () => undefined));
        setTimeout(() => sent.destroy(), milliseconds);
        sent.on('error', () => undefined).on('close', () => done());
      }),
  };
}
