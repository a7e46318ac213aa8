import { AppError, cancelled } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { PageRequest } from '../../protocol/page-api.ts';
import type { PlaygroundPorts } from '../../protocol/playground.ts';
import { duplexOverPort } from '../../protocol/port-stream.ts';

/** Bytes of a request's body: it is sent in one piece. */
const bodyLimit = 64 * 1024 * 1024;

let last = 0;

/** The browser's fetch for a port of the guest: bodies, headers and methods are read as it reads them. @throws AppError */
export async function requestOfPort(ports: PlaygroundPorts, port: number, path: string, init: PageRequest = {}): Promise<Response> {
  const { signal = null, ...rest } = init;
  if (signal?.aborted === true) throw cancelled('fetch');
  if (!path.startsWith('/')) throw new AppError('invalid', `the path ${path} does not begin with a slash`);
  // Its own origin, so that no header is left out for being another's.
  const request = new Request(`http://localhost${path}`, { ...rest, mode: 'same-origin', credentials: 'omit' });
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.length > bodyLimit) throw new AppError('exhausted', 'the body of a request is larger than 64 MiB');
  const { pathname, search } = new URL(request.url);
  last += 1;
  const id = `fetch-${last}`;
  const abort = (): void => void ports.abort(id).catch(() => undefined);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const headers: [string, string][] = [['accept', '*/*'], ['accept-encoding', 'identity'], ...request.headers];
    const asked = ports.request(port, { method: request.method, target: `${pathname}${search}`, headers, body }, { id });
    // It may have fired while the body was read.
    if (isAborted(signal)) abort();
    const { status, reason, headers: said, port: carrier } = await asked;
    const duplex = carrier === null ? null : duplexOverPort(carrier);
    void duplex?.sink.close();
    try {
      // Also where the signal came together with the answer: nobody listens to it between the two.
      if (isAborted(signal)) throw cancelled('fetch');
      const body = duplex === null ? null : streamOf(duplex.source, signal, abort);
      return new Response(body, { status, statusText: reason, headers: said.map(([name, value]): [string, string] => [name, value]) });
    } catch (thrown) {
      duplex?.source.cancel();
      throw thrown;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

const isAborted = (signal: AbortSignal | null): boolean => signal?.aborted === true;

/** Read as it is asked for; an abort breaks it off. */
function streamOf(source: ByteSource, signal: AbortSignal | null, abort: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  let stop = (): void => undefined;
  return new ReadableStream({
    start(controller) {
      stop = () => {
        abort();
        source.cancel();
        controller.error(cancelled('fetch'));
      };
      signal?.addEventListener('abort', stop, { once: true });
    },
    async pull(controller) {
      const chunk = await source.read();
      if (chunk !== null) {
        controller.enqueue(new Uint8Array(chunk));
        return;
      }
      signal?.removeEventListener('abort', stop);
      controller.close();
    },
    cancel() {
      signal?.removeEventListener('abort', stop);
      source.cancel();
    },
  });
}
