import type { Duplex } from '../base/streams.ts';
import { encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, lane } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';

export interface Peer {
  /** Whose network it is seen from; '' is the guest's own. */
  readonly container: string;
  /** Dotted. */
  readonly address: string;
  readonly port: number;
}

export interface GuestConnection extends Duplex {
  /** Resolves when both sides have said all; rejects when the connection is lost. */
  readonly closed: Promise<unknown>;
  /** Ends it at once. */
  reset(): void;
}

/** Connections that are made inside the guest's networks. */
export class GuestSockets {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /** TCP. Rejects with the kernel's reason (`detail.errno`), e.g. when nobody listens. */
  async connect(peer: Peer): Promise<GuestConnection> {
    const stream = this.#channel.open(hostKind.connect, encodeRecord('connectSpec', peer));
    stream.closed.catch(() => undefined);
    await stream.reply;
    return { ...stream.lane(lane.main), closed: stream.closed, reset: () => stream.reset() };
  }
}
