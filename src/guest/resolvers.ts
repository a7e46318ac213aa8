import { Emitter, type Event } from '../base/events.ts';
import type { Duplex } from '../base/streams.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { agentKind, hostKind, lane } from '../protocol/agent.ts';
import type { GuestChannel, GuestStream, IncomingGuestStream } from './channel.ts';
import { datagramsOver, type Datagrams } from './datagrams.ts';
import { resolverRules } from './resolver-rules.ts';
import type { RestoredStreams } from './restored.ts';

export interface ResolverConnection extends Duplex {
  /** Ends it after what was written. Idempotent. */
  end(): void;
  /** Ends it at once. */
  reset(): void;
}

/** What a container sends to 127.0.0.11:53. */
export interface GuestResolver extends Datagrams {
  /** Names its stream in a saved machine; `adopt` takes it. */
  readonly handle: number;
  /** A TCP connection; who listens answers for its end. */
  readonly connected: Event<ResolverConnection>;
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
    return { handle: stream.id, connected: connected.event, ...datagramsOver(stream) };
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
