import { toDisposable, type Disposable } from '../../base/disposable.ts';
import { toAppError } from '../../base/errors.ts';
import type { Duplex } from '../../base/streams.ts';
import type { AnsweredRequest, Destination, NameStatus, OutsideWay, Served } from '../../engine/outside/way.ts';
import type { HttpHandler } from '../../protocol/http.ts';
import { serveHttp } from './http.ts';

/** Hosts that are in the app: plain HTTP to port 80 of a name is answered by a function. */
export class AppHosts implements OutsideWay {
  readonly #handlers = new Map<string, HttpHandler>();

  /** @param name in lower case, of several labels: "pypi.drydock" */
  add(name: string, handler: HttpHandler): Disposable {
    this.#handlers.set(name, handler);
    return toDisposable(() => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name);
    });
  }

  lookUp(name: string): Promise<NameStatus | null> {
    return Promise.resolve(this.#handlers.has(name) ? 'found' : null);
  }

  serve({ name, port }: Destination, connection: Duplex, told: (request: AnsweredRequest) => void): Promise<Served> | null {
    const handler = name === null || port !== 80 ? undefined : this.#handlers.get(name);
    return handler === undefined ? null : serveBy(handler, connection, told);
  }
}

async function serveBy(handler: HttpHandler, connection: Duplex, told: (request: AnsweredRequest) => void): Promise<Served> {
  const handle = async (request: Parameters<HttpHandler>[0]) => {
    try {
      return { response: await handler(request), problem: null };
    } catch (thrown) {
      const problem = toAppError(thrown).message;
      return {
        response: { status: 500, headers: { 'content-type': 'text/plain' }, body: new TextEncoder().encode(`${problem}\n`) },
        problem,
      };
    }
  };
  await serveHttp(connection, { by: 'host', handle }, told);
  return { by: 'host' };
}
