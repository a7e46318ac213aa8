import { toAppError } from '../../base/errors.ts';
import type { ByteSink, ByteSource, Duplex } from '../../base/streams.ts';
import { utf8 } from '../../base/bytes.ts';
import type { EventLog, OutsideEntry } from '../../protocol/log.ts';
import type { Clock } from '../clock.ts';
import type { NameService } from '../networks/names/name-service.ts';
import { serveNameConnection, serveNameDatagrams } from '../networks/names/serve.ts';
import type { Answered } from '../networks/names/serve.ts';
import type { Member } from '../networks/names/resolve.ts';
import type { OutsideConnection, OutsideSockets, Runtime } from '../runtime.ts';
import { KnownNames, standsForName, type SavedNames } from './known-names.ts';
import { OutsideNames } from './names.ts';
import type { AnsweredRequest, Destination, OutsideWay } from './way.ts';

/** Of the guest's way out (guest/outside/setup.ts), where its names are answered as well. */
export const outsideGateway = '100.64.0.1';
/** At a time: each may hold a window of the link to the guest both ways. */
const mostConnections = 256;
/** Where names are asked for by TCP. */
const namePort = 53;

export interface OutsideContext {
  readonly runtime: Pick<Runtime, 'outside' | 'files'>;
  readonly ways: readonly OutsideWay[];
  readonly events: Pick<EventLog, 'append'>;
  readonly clock: Clock;
  /** Whose an address is at this moment; null: the guest's own, or nobody's. */
  readonly containerAt: (address: string) => Connected;
}

type Connected = OutsideEntry['container'];

export interface SavedOutside extends SavedNames {
  readonly handle: number;
}

/** The network outside of the guest: whatever leaves it comes here, and the first way that takes it serves it. Without ways there is none. */
export class OutsideNetwork {
  readonly #context: OutsideContext;
  readonly #known: KnownNames;
  readonly names: OutsideNames;
  #sockets: OutsideSockets | null = null;
  #service: NameService | null = null;
  readonly #open = new Set<OutsideConnection>();
  #isFull = false;

  constructor(context: OutsideContext) {
    this.#context = context;
    this.#known = new KnownNames(() => Number(context.clock.now() / 1_000_000n));
    this.names = new OutsideNames(context.ways, this.#known, context.clock);
  }

  get isThere(): boolean {
    return this.#context.ways.length > 0;
  }

  /** Of connections under way. */
  get connections(): number {
    return this.#open.size;
  }

  /** Makes the guest's way out, unless a restored guest has it. @param service answers who asks for names without a resolver of Docker's */
  async prepare(service: NameService): Promise<void> {
    this.#service = service;
    if (!this.isThere || this.#sockets !== null) return;
    this.#listen(await this.#context.runtime.outside.open());
    const text = `# What leaves the guest ends here: the engine answers.\nnameserver ${outsideGateway}\n`;
    await this.#context.runtime.files.write({ files: [{ path: '/etc/resolv.conf', mode: 0o644, contents: utf8(text) }] });
  }

  save(): SavedOutside | null {
    return this.#sockets === null ? null : { handle: this.#sockets.handle, ...this.#known.save() };
  }

  /** What was under way is reset: nobody at the other end knows of it. */
  restore(saved: SavedOutside | null, service: NameService): void {
    this.#service = service;
    this.#reset();
    this.#sockets = null;
    if (saved === null || !this.isThere) return;
    this.#known.restore(saved);
    const sockets = this.#context.runtime.outside.adopt(saved.handle);
    if (sockets !== null) this.#listen(sockets);
  }

  dispose(): void {
    this.#reset();
  }

  #reset(): void {
    for (const connection of this.#open) connection.reset();
    this.#open.clear();
  }

  #listen(sockets: OutsideSockets): void {
    this.#sockets = sockets;
    sockets.connected((connection) => this.#accept(connection));
    // A guest that is gone asks nothing any more.
    serveNameDatagrams(sockets, (packet, transport) => this.#answer(packet, transport)).catch(() => undefined);
  }

  #accept(connection: OutsideConnection): void {
    const destination = this.#destinationOf(connection);
    if (this.#open.size >= mostConnections) {
      connection.reset();
      // Whoever floods is told of once, until there is room again.
      if (!this.#isFull)
        this.#tell(destination, this.#connectedBy(connection), { problem: `more than ${mostConnections} connections at a time` });
      this.#isFull = true;
      return;
    }
    this.#open.add(connection);
    void this.#serve(destination, connection, this.#connectedBy(connection)).finally(() => {
      this.#open.delete(connection);
      this.#isFull = false;
    });
  }

  async #connectedBy(connection: OutsideConnection): Promise<Connected> {
    const source = await connection.madeBy();
    return source === null ? null : this.#context.containerAt(source);
  }

  #destinationOf({ address, port }: OutsideConnection): Destination {
    return { name: this.#known.nameOf(address), address, port };
  }

  /** Never rejects. */
  async #serve(destination: Destination, connection: OutsideConnection, asked: Promise<Connected>): Promise<void> {
    const held = destination.name === null ? null : this.#known.hold(destination.name);
    const counted = counting(connection);
    const bytes = () => ({ sent: counted.sent, received: counted.received });
    try {
      if (destination.port === namePort) {
        await serveNameConnection(connection, (packet) => this.#answer(packet, 'tcp'), this.#context.clock);
        return;
      }
      const request = ({ by, problem, ...said }: AnsweredRequest): void => {
        this.#tell(destination, asked, { by, request: said, problem, ...bytes() });
      };
      const { by } = await this.#serving(destination, counted.duplex, request);
      connection.end();
      this.#tell(destination, asked, { by, ...bytes() });
    } catch (thrown) {
      connection.reset();
      this.#tell(destination, asked, { problem: toAppError(thrown).message, ...bytes() });
    } finally {
      held?.dispose();
    }
  }

  #serving(destination: Destination, connection: Duplex, told: Parameters<OutsideWay['serve']>[2]): ReturnType<typeof served> {
    const { name, address } = destination;
    if (name === null && standsForName(address)) throw new Error(`${address} stands for no name: its answer was too old`);
    return served(this.#context.ways, destination, connection, told);
  }

  #answer(packet: Uint8Array, transport: 'udp' | 'tcp'): Answered {
    return this.#service?.answer(packet, transport, { member: nobody, ndotsSet: false, forwards: true }) ?? null;
  }

  /** Once it is known who connected, which is asked while the connection is served. */
  #tell(
    destination: Destination,
    asked: Promise<Connected>,
    more: Partial<Pick<OutsideEntry, 'by' | 'request' | 'sent' | 'received' | 'problem'>>,
  ): void {
    void asked.then((container) => {
      this.#context.events.append({ kind: 'outside', container, ...destination, by: null, problem: null, sent: 0, received: 0, ...more });
    });
  }
}

/** Who asks without a resolver of Docker's: the guest itself, or containers that are on no network of the user's. */
const nobody: Member = { id: '', name: '', config: { Hostname: '' }, endpoints: new Map() };

function served(
  ways: readonly OutsideWay[],
  destination: Destination,
  connection: Duplex,
  told: Parameters<OutsideWay['serve']>[2],
): NonNullable<ReturnType<OutsideWay['serve']>> {
  for (const way of ways) {
    const serving = way.serve(destination, connection, told);
    if (serving !== null) return serving;
  }
  throw new Error('nobody takes it');
}

interface Counted {
  readonly duplex: Duplex;
  /** Bytes from the guest, and to it. */
  sent: number;
  received: number;
}

function counting({ source, sink }: Duplex): Counted {
  const countedSource: ByteSource = {
    async read() {
      const chunk = await source.read();
      counted.sent += chunk?.length ?? 0;
      return chunk;
    },
    cancel: (reason) => source.cancel(reason),
  };
  const countedSink: ByteSink = {
    async write(chunk) {
      await sink.write(chunk);
      counted.received += chunk.length;
    },
    close: () => sink.close(),
    abort: (reason) => sink.abort(reason),
  };
  const counted: Counted = { duplex: { source: countedSource, sink: countedSink }, sent: 0, received: 0 };
  return counted;
}
