import { Emitter, type Event } from '../base/events.ts';
import type { Duplex } from '../base/streams.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { agentKind, hostKind, lane } from '../protocol/agent.ts';
import type { GuestChannel, GuestStream, IncomingGuestStream } from './channel.ts';
import { resolverRules } from './resolver-rules.ts';
import type { RestoredStreams } from './restored.ts';

export interface Datagram {
  /** Of the other side. */
  readonly address: string;
  readonly port: number;
  readonly data: Uint8Array;
}

export interface ResolverConnection extends Duplex {
  /** Ends it after what was written. Idempotent. */
  end(): void;
  /** Ends it at once. */
  reset(): void;
}

/** What a container sends to 127.0.0.11:53. */
export interface GuestResolver {
  /** Names its stream in a saved machine; `adopt` takes it. */
  readonly handle: number;
  /** The next UDP datagram; null once it is closed. One reader at a time. Rejects when the guest is gone. What finds no room on its way is lost. */
  receive(): Promise<Datagram | null>;
  send(datagram: Datagram): Promise<void>;
  /** A TCP connection; who listens answers for its end. */
  readonly connected: Event<ResolverConnection>;
  close(): void;
}

export interface ResolverRequest {
  readonly container: string;
  /** The container will be started next. */
  readonly ahead: boolean;
  readonly udpPort: number;
  readonly tcpPort: number;
}

/** Sockets of Docker's DNS in network name spaces. */
export class GuestResolvers {
  readonly #channel: GuestChannel;
  readonly #restored: RestoredStreams;
  readonly #open = new Map<number, Emitter<ResolverConnection>>();

  constructor(channel: GuestChannel, restored: RestoredStreams) {
    this.#channel = channel;
    this.#restored = restored;
    channel.onOpen(agentKind.resolverConnection, (stream) => this.#accept(stream));
  }

  /** Rejects with the kernel's reason (`detail.errno`), e.g. when a port is taken. */
  async listen({ container, ahead, udpPort, tcpPort }: ResolverRequest): Promise<GuestResolver> {
    const record = { container, ahead: ahead ? 1 : 0, udpPort, tcpPort, rules: resolverRules({ udpPort, tcpPort }) };
    const stream = this.#channel.open(hostKind.resolver, encodeRecord('resolverSpec', record));
    stream.closed.catch(() => undefined);
    await stream.reply;
    return this.#resolverOn(stream);
  }

  /** After a restore: one that was open when the machine was saved; null if it is not there. */
  adopt(handle: number): GuestResolver | null {
    const stream = this.#restored.adopt(handle);
    return stream === null ? null : this.#resolverOn(stream);
  }

  #resolverOn(stream: GuestStream): GuestResolver {
    const connected = new Emitter<ResolverConnection>();
    this.#open.set(stream.id, connected);
    const forget = (): void => void this.#open.delete(stream.id);
    stream.closed.then(forget, forget);
    const { source, sink } = stream.lane(lane.main);
    return {
      handle: stream.id,
      connected: connected.event,
      // The agent sends each datagram in a frame of its own.
      receive: async () => {
        const bytes = await source.read();
        return bytes === null ? null : decodeDatagram(bytes);
      },
      send: (datagram) => sink.write(encodeDatagram(datagram)),
      close: () => {
        source.cancel();
        stream.reset();
      },
    };
  }

  #accept(stream: IncomingGuestStream): void {
    stream.closed.catch(() => undefined);
    const { resolver } = decodeRecord('resolverConnectionSpec', stream.record);
    const connected = this.#open.get(resolver);
    if (connected === undefined) {
      stream.reset();
      return;
    }
    stream.reply(encodeRecord('empty', {}));
    const end = (): void => void stream.close(encodeRecord('empty', {}));
    connected.emit({ ...stream.lane(lane.main), end, reset: () => stream.reset() });
  }
}

/** address[4] port[2] size[2] */
const headBytes = 8;

function decodeDatagram(bytes: Uint8Array): Datagram {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { address: [...bytes.subarray(0, 4)].join('.'), port: view.getUint16(4), data: bytes.subarray(headBytes) };
}

function encodeDatagram({ address, port, data }: Datagram): Uint8Array {
  const bytes = new Uint8Array(headBytes + data.length);
  bytes.set(address.split('.').map(Number));
  const view = new DataView(bytes.buffer);
  view.setUint16(4, port);
  view.setUint16(6, data.length, true);
  bytes.set(data, headBytes);
  return bytes;
}
