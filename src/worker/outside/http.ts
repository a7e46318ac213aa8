import { serve } from '../../api/http1.ts';
import { ByteTotal } from '../../api/pending.ts';
import type { Duplex } from '../../base/streams.ts';
import type { AnsweredRequest } from '../../engine/outside/way.ts';
import type { HttpRequest, HttpResponse } from '../../protocol/http.ts';

/** Bytes of a request's line and headers; most servers take less. */
const headLimit = 64 * 1024;
/** Milliseconds that a client may say nothing while it is waited for. */
const patience = 60_000;
/** Heads and bodies that have not come whole yet, of all that go outside: apart from those of the engine's own clients. */
const pending = new ByteTotal(32 * 1024 * 1024);

export interface OutsideAnswer {
  readonly response: HttpResponse;
  /** Why it is an error of ours; null: it is the host's own. */
  readonly problem: string | null;
}

/** Answers the requests of a connection in the host's place, until either side closes. Never rejects. */
export async function serveHttp(
  connection: Duplex,
  { by, handle }: { readonly by: AnsweredRequest['by']; readonly handle: (request: HttpRequest) => Promise<OutsideAnswer> },
  told: (request: AnsweredRequest) => void,
): Promise<void> {
  const handler = async (request: HttpRequest): Promise<HttpResponse> => {
    const { response, problem } = await handle(request);
    const { method, target } = request;
    told({ by, method, target: target.slice(0, 2048), status: response.status, problem });
    return response;
  };
  await serve(patient(connection), handler, { transport: 'tcp', maxHeadBytes: headLimit, pending });
}

/** To who reads, a client that says nothing for too long has ended. */
function patient({ source, sink }: Duplex): Duplex {
  const read = async (): Promise<Uint8Array | null> => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), patience)));
    try {
      return await Promise.race([source.read(), late]);
    } finally {
      clearTimeout(timer);
    }
  };
  return { source: { read, cancel: (reason) => source.cancel(reason) }, sink };
}
