import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { agentKind, hostKind } from '../protocol/agent.ts';
import { SocketsByStream, type AcceptedConnection, type AcceptingSockets } from './accepting.ts';
import type { GuestChannel } from './channel.ts';
import { resolverRules } from './resolver-rules.ts';
import type { RestoredStreams } from './restored.ts';

export type ResolverConnection = AcceptedConnection;

/** What a container sends to 127.0.0.11:53. */
export type GuestResolver = AcceptingSockets<ResolverConnection>;

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
  readonly #sockets: SocketsByStream<ResolverConnection>;

  constructor(channel: GuestChannel, restored: RestoredStreams) {
    this.#channel = channel;
    this.#sockets = new SocketsByStream(restored);
    channel.onOpen(agentKind.resolverConnection, (stream) => {
      const { resolver } = decodeRecord('resolverConnectionSpec', stream.record);
      this.#sockets.accept(stream, resolver, (connection) => connection);
    });
  }

  /** Rejects with the kernel's reason (`detail.errno`), e.g. when a port is taken. */
  async listen({ container, ahead, udpPort, tcpPort }: ResolverRequest): Promise<GuestResolver> {
    const record = { container, ahead: ahead ? 1 : 0, udpPort, tcpPort, rules: resolverRules({ udpPort, tcpPort }) };
    const stream = this.#channel.open(hostKind.resolver, encodeRecord('resolverSpec', record));
    stream.closed.catch(() => undefined);
    await stream.reply;
    return this.#sockets.add(stream);
  }

  /** After a restore: one that was open when the machine was saved; null if it is not there. */
  adopt(handle: number): GuestResolver | null {
    return this.#sockets.adopt(handle);
  }
}
