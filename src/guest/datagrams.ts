import { lane } from '../protocol/agent.ts';
import type { GuestStream } from './channel.ts';

export interface Datagram {
  /** Of the other side. */
  readonly address: string;
  readonly port: number;
  readonly data: Uint8Array;
}

/** A UDP socket. What finds no room on its way is lost, as datagrams are. */
export interface Datagrams {
  /** The next one; null once it is closed. One reader at a time. Rejects when the guest is gone. */
  receive(): Promise<Datagram | null>;
  send(datagram: Datagram): Promise<void>;
  close(): void;
}

/** address[4] port[2] size[2] */
const headBytes = 8;

/** The datagrams that a stream of `datagrams` or `resolver` carries (protocol/agent.ts); the agent sends each in a frame of its own. */
export function datagramsOver(stream: Pick<GuestStream, 'lane' | 'reset'>): Datagrams {
  const { source, sink } = stream.lane(lane.main);
  return {
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
