import type { Duplex } from '../base/streams.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind } from '../protocol/agent.ts';
import type { GuestChannel } from './channel.ts';
import { wholeOrReset } from './connection.ts';
import { datagramsOver, type Datagrams } from './datagrams.ts';

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

/** A UDP socket of a port. */
export interface GuestDatagrams extends Datagrams {
  readonly port: number;
}

/** Sockets inside the guest's networks. */
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
    return { ...wholeOrReset(stream), closed: stream.closed, reset: () => stream.reset() };
  }

  /** A UDP socket of the container's network; port 0 is any. Rejects with the kernel's reason (`detail.errno`), e.g. when the port is taken. */
  async bind(own: Peer): Promise<GuestDatagrams> {
    const stream = this.#channel.open(hostKind.datagrams, encodeRecord('datagramsSpec', own));
    stream.closed.catch(() => undefined);
    const { port } = decodeRecord('datagramsBound', await stream.reply);
    return { port, ...datagramsOver(stream) };
  }
}
