import type { Duplex } from '../base/streams.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
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

export interface Datagram {
  /** Of the other side. */
  readonly address: string;
  readonly port: number;
  readonly data: Uint8Array;
}

/** A UDP socket. What finds no room on its way is lost, as datagrams are. */
export interface GuestDatagrams {
  readonly port: number;
  /** The next one; null once it is closed. One reader at a time. Rejects when the guest is gone. */
  receive(): Promise<Datagram | null>;
  send(datagram: Datagram): Promise<void>;
  close(): void;
}

/** address[4] port[2] size[2] */
const headBytes = 8;

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
    return { ...stream.lane(lane.main), closed: stream.closed, reset: () => stream.reset() };
  }

  /** A UDP socket of the container's network; port 0 is any. Rejects with the kernel's reason (`detail.errno`), e.g. when the port is taken. */
  async bind(own: Peer): Promise<GuestDatagrams> {
    const stream = this.#channel.open(hostKind.datagrams, encodeRecord('datagramsSpec', own));
    stream.closed.catch(() => undefined);
    const { port } = decodeRecord('datagramsBound', await stream.reply);
    const { source, sink } = stream.lane(lane.main);
    // The agent sends each datagram in a frame of its own.
    return {
      port,
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
}

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
