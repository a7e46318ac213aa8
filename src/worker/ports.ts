import { exchange } from '../api/http1/client.ts';
import { AppError, cancelled, toAppError } from '../base/errors.ts';
import { pipeTo, type ByteSource } from '../base/streams.ts';
import { errnoText } from '../grammar/errno-text.ts';
import type { GuestConnection, GuestSockets } from '../guest/sockets.ts';
import type { PlaygroundPorts, PortAnswer, PortRequest } from '../protocol/playground.ts';
import { duplexOverPort, type MessagePortLike } from '../protocol/port-stream.ts';

/** Hop by hop (RFC 9110 7.6.1), and lengths: they are this client's. */
const ours: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
]);

/** HTTP requests to ports of the guest, each over a connection of its own. */
export class Ports implements PlaygroundPorts {
  readonly #sockets: () => Pick<GuestSockets, 'connect'>;
  readonly #createPorts: () => readonly [MessagePortLike, MessagePortLike];
  readonly #running = new Map<string, { abort(): void }>();

  constructor(sockets: () => Pick<GuestSockets, 'connect'>, createPorts: () => readonly [MessagePortLike, MessagePortLike]) {
    this.#sockets = sockets;
    this.#createPorts = createPorts;
  }

  async request(port: number, request: PortRequest, { id }: { readonly id: string }): Promise<PortAnswer> {
    if (this.#running.has(id)) throw new AppError('conflict', `a request with the id ${id} is under way`);
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new AppError('invalid', `${port} is not a port`);
    let connection: GuestConnection | null = null;
    let aborted = false;
    const over = (): void => {
      this.#running.delete(id);
      connection?.reset();
    };
    this.#running.set(id, {
      abort() {
        aborted = true;
        over();
      },
    });
    try {
      connection = await this.#sockets().connect({ container: '', address: '127.0.0.1', port });
      if (aborted) connection.reset();
      const { status, reason, headers, body } = await exchange(connection, {
        ...request,
        headers: { host: `localhost:${port}`, ...sentHeaders(request.headers) },
      });
      if (body === null) over();
      return {
        status,
        reason,
        headers: [...headers].filter(([name]) => !ours.has(name) || name === 'content-length'),
        port: body && this.#carry(body, over),
      };
    } catch (thrown) {
      over();
      if (aborted) throw cancelled('the request');
      const { kind, message, detail } = toAppError(thrown);
      // What the kernel says is of the connection; else it is what was said over it.
      const { errno } = detail;
      const text = typeof errno === 'number' ? errnoText(errno) : message;
      const isAnswer = kind === 'invalid' && errno === undefined;
      throw new AppError(isAnswer ? 'invalid' : 'unavailable', `localhost:${port}: ${text}`, { cause: thrown, detail });
    }
  }

  abort(id: string): Promise<void> {
    this.#running.get(id)?.abort();
    return Promise.resolve();
  }

  abortAll(): void {
    for (const request of [...this.#running.values()]) request.abort();
  }

  /** Who reads no more ends the connection, and so does its end. */
  #carry(body: ByteSource, over: () => void): MessagePortLike {
    const [mine, theirs] = this.#createPorts();
    const { source, sink } = duplexOverPort(mine, { tellsAborts: true });
    // Nothing comes this way.
    source.cancel();
    pipeTo(body, sink).then(over, over);
    return theirs;
  }
}

function sentHeaders(headers: PortRequest['headers']): Record<string, string> {
  const sent = headers.map(([name, value]): [string, string] => [name.toLowerCase(), value]).filter(([name]) => !ours.has(name));
  return Object.fromEntries(sent);
}
