import { exchange } from '../api/http1/client.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { readAll, type ByteSource, type Duplex } from '../base/streams.ts';
import type { RegistryHosts } from '../engine/registry/hosts.ts';
import { errnoText } from '../grammar/errno-text.ts';
import type { GuestSockets } from '../guest/sockets.ts';
import type { HttpRequest, HttpResponse } from '../protocol/http.ts';

/** A connection, with what ends it at once. */
export interface Dialled extends Duplex {
  reset(): void;
}

export type DialLoopback = (port: number) => Promise<Dialled>;

/** Bytes of a request's body. */
const largestRequest = 16 * 1024 * 1024;
const refused = 111;

/**
 * Registries at "localhost:5000": behind a port of the guest's, which is where a container publishes its own; where nobody listens there, of the machine that
 * the engine runs on, if that lets it.
 */
export function loopbackRegistries(sockets: () => Pick<GuestSockets, 'connect'>, outside?: DialLoopback): RegistryHosts {
  return (host) => {
    const found = /^(?:localhost|127\.\d+\.\d+\.\d+)(?::(\d{1,5}))?$/.exec(host);
    const port = Number(found?.[1] ?? 80);
    return found === null || port < 1 || port > 65535 ? null : (request) => ask(request, () => dial(port, sockets, outside));
  };
}

async function dial(port: number, sockets: () => Pick<GuestSockets, 'connect'>, outside: DialLoopback | undefined): Promise<Dialled> {
  try {
    return await sockets().connect({ container: '', address: '127.0.0.1', port });
  } catch (thrown) {
    const { message, detail } = toAppError(thrown);
    if (outside !== undefined && detail['errno'] === refused) return outside(port);
    const why = typeof detail['errno'] === 'number' ? errnoText(detail['errno']) : message;
    throw new AppError('unavailable', `dial tcp 127.0.0.1:${port}: connect: ${why}`, { cause: thrown });
  }
}

/** Each request over a connection of its own, which is over with its answer, or when nobody waits for it any more. */
async function ask({ method, target, headers, body, signal }: HttpRequest, connect: () => Promise<Dialled>): Promise<HttpResponse> {
  const bytes = await readAll(body, largestRequest);
  const { 'content-length': _ours, ...sent } = headers;
  const connection = await connect();
  const stop = (): void => connection.reset();
  const over = (): void => {
    signal.removeEventListener('abort', stop);
    connection.reset();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    const answer = await exchange(connection, { method, target, headers: sent, body: bytes });
    if (answer.body === null) over();
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: answer.body === null ? null : endingWith(answer.body, over),
    };
  } catch (thrown) {
    over();
    throw thrown;
  }
}

function endingWith(source: ByteSource, over: () => void): ByteSource {
  return {
    async read() {
      try {
        const chunk = await source.read();
        if (chunk === null) over();
        return chunk;
      } catch (thrown) {
        over();
        throw thrown;
      }
    },
    cancel(reason) {
      source.cancel(reason);
      over();
    },
  };
}
