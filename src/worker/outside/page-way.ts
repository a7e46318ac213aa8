import { concatBytes } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { ByteSource, Duplex } from '../../base/streams.ts';
import type { AnsweredRequest, Destination, NameStatus, OutsideWay, Served } from '../../engine/outside/way.ts';
import type { HttpRequest } from '../../protocol/http.ts';
import { answerByFetch, type FetchOptions } from './fetch.ts';
import { serveHttp } from './http.ts';
import { serveByRelay, type RelayOptions } from './wisp.ts';

export interface PageWayOptions extends FetchOptions {
  /** False: nobody can be asked for anything. */
  readonly isOnline?: () => boolean;
  readonly openRelay?: RelayOptions['open'];
}

/** Milliseconds for a client to say what it wants. */
const patience = 10_000;
/** Where nobody speaks plain HTTP (IANA's well-known ports), but for port 80. */
const lastWellKnown = 1023;
const tlsPorts: ReadonlySet<number> = new Set([443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995]);

const needsRelay = (what: string): AppError => new AppError('forbidden', `${what} needs a relay: settings, network`);

/** What a page may do for its guest: all over a wisp relay where its person named one, else plain HTTP by fetch. */
export class PageWay implements OutsideWay {
  readonly #options: PageWayOptions;
  #relay: string | null = null;

  constructor(options: PageWayOptions) {
    this.#options = options;
  }

  /** @param url null: none */
  useRelay(url: string | null): void {
    this.#relay = url;
  }

  /** A page cannot ask DNS: whether anybody has the name is seen once he is asked. */
  lookUp(): Promise<NameStatus> {
    return Promise.resolve(this.#options.isOnline?.() === false ? 'unreachable' : 'found');
  }

  serve(destination: Destination, connection: Duplex, told: (request: AnsweredRequest) => void): Promise<Served> {
    return this.#relay === null ? this.#byFetch(destination, connection, told) : this.#byRelay(this.#relay, destination, connection);
  }

  async #byRelay(url: string, { name, address, port }: Destination, connection: Duplex): Promise<Served> {
    await serveByRelay({ url, host: name ?? address, port, open: this.#options.openRelay }, connection);
    return { by: 'relay' };
  }

  async #byFetch(destination: Destination, { source, sink }: Duplex, told: (request: AnsweredRequest) => void): Promise<Served> {
    const { port } = destination;
    if (tlsPorts.has(port)) throw needsRelay('TLS');
    if (port <= lastWellKnown && port !== 80) throw needsRelay('whatever is not plain HTTP');
    const begun = await beginning(source);
    const handle = (request: HttpRequest) => answerByFetch(request, destination, this.#options);
    await serveHttp({ source: begun, sink }, { by: 'fetch', handle }, told);
    return { by: 'fetch' };
  }
}

/** The same bytes, once they look like HTTP. @throws AppError forbidden */
async function beginning(source: ByteSource): Promise<ByteSource> {
  const late = AbortSignal.timeout(patience);
  const tooLate = new Promise<never>((_, reject) =>
    late.addEventListener('abort', () => reject(needsRelay('a protocol in which the server speaks first'))),
  );
  tooLate.catch(() => undefined);
  let said = new Uint8Array();
  for (;;) {
    const chunk = await Promise.race([source.read(), tooLate]);
    if (chunk === null) break;
    said = concatBytes([said, chunk]);
    if (said[0] === 0x16) throw needsRelay('TLS');
    const text = String.fromCharCode(...said.subarray(0, 24)).trimStart();
    if (/^[A-Z]{3,16} /.test(text)) break;
    if (text.length > 16 || !/^[A-Z]*$/.test(text)) throw needsRelay('whatever is not plain HTTP');
  }
  let first: Uint8Array | null = said;
  return {
    read() {
      const begun = first;
      first = null;
      return begun === null || begun.length === 0 ? source.read() : Promise.resolve(begun);
    },
    cancel: (reason) => source.cancel(reason),
  };
}
