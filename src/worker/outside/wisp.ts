import { concatBytes, utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import type { Duplex } from '../../base/streams.ts';
import { openMessages, type Messages } from './messages.ts';

/** https://github.com/MercuryWorkshop/wisp-protocol, version 1. */
const packet = { connect: 1, data: 2, more: 3, close: 4 } as const;
const tcp = 1;
const streamId = 1;
const headerBytes = 5;
/** What a relay ends a connection with that has said all. */
const voluntary = 2;
/** Of a DATA packet: what one read of the guest brings at most. */
const largestData = 65_536;
/** Milliseconds for a relay to answer; and that a host may say nothing once the guest has said all, for wisp has no half-close. */
const patience = 15_000;
const silence = 30_000;

const reasons: Readonly<Record<number, string>> = {
  0x41: 'the relay does not take that address',
  0x42: 'the relay does not reach it',
  0x43: 'it does not answer the relay',
  0x44: 'it refused the connection',
  0x47: 'it went silent',
  0x48: 'the relay blocks it',
  0x49: 'the relay takes no more connections now',
};

export interface RelayOptions {
  /** "wss://relay.example/" */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly open?: undefined | ((url: string, milliseconds: number) => Promise<Messages>);
}

/** A TCP connection over a relay, in a WebSocket of its own: so one that is slow holds back no other. Rejects with why it was refused or broke. */
export async function serveByRelay({ url, host, port, open = openMessages }: RelayOptions, { source, sink }: Duplex): Promise<void> {
  const messages = await open(url, patience);
  try {
    const room = new Room();
    await awaitWelcome(messages, room);
    await messages.send(frame(packet.connect, concatBytes([Uint8Array.of(tcp, port & 255, port >> 8), utf8(host)])));
    const heard = { at: performance.now(), isOver: false };
    let watch: ReturnType<typeof setInterval> | undefined;
    const sending = (async () => {
      for (let chunk = await source.read(); chunk !== null; chunk = await source.read())
        for (let at = 0; at < chunk.length; at += largestData) {
          await room.take();
          await messages.send(frame(packet.data, chunk.subarray(at, at + largestData)));
        }
      watch = setInterval(() => {
        if (performance.now() - heard.at < silence) return;
        heard.isOver = true;
        messages.close();
      }, silence / 10);
    })();
    const receiving = receive(messages, { room, sink, host, heard }).finally(() => clearInterval(watch));
    // A guest that broke ends it; one that has said all still listens.
    await Promise.race([receiving, sending.then(() => receiving)]);
    await sink.close();
  } finally {
    source.cancel();
    messages.close();
  }
}

/** How many packets the relay takes. */
class Room {
  #left = 0;
  #wake: () => void = () => undefined;

  set(left: number): void {
    this.#left = left;
    this.#wake();
  }

  async take(): Promise<void> {
    while (this.#left === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#left -= 1;
  }
}

/** How many packets a stream may send before it hears more. */
async function awaitWelcome(messages: Messages, room: Room): Promise<void> {
  const first = await within(patience, messages.receive());
  const found = first === null || first === 'late' ? null : parse(first);
  if (found === null || found.type !== packet.more || found.stream !== 0 || found.payload.length < 4)
    throw new AppError('invalid', 'what answers there is no wisp relay');
  room.set(new DataView(found.payload.buffer, found.payload.byteOffset).getUint32(0, true));
}

interface Receiving {
  readonly room: Room;
  readonly sink: Duplex['sink'];
  readonly host: string;
  /** When something came last; whether it has been silent for too long after the guest had said all. */
  readonly heard: { at: number; readonly isOver: boolean };
}

async function receive(messages: Messages, { room, sink, host, heard }: Receiving): Promise<void> {
  for (;;) {
    const message = await messages.receive();
    heard.at = performance.now();
    if (message === null && heard.isOver) return;
    if (message === null) throw new AppError('cancelled', 'the relay has closed the connection');
    const { type, stream, payload } = parse(message);
    if (stream !== streamId) continue;
    if (type === packet.data && payload.length > 0) await sink.write(payload);
    else if (type === packet.more && payload.length >= 4) room.set(new DataView(payload.buffer, payload.byteOffset).getUint32(0, true));
    else if (type === packet.close) {
      const reason = payload[0] ?? 0;
      if (reason === voluntary) return;
      throw new AppError('unavailable', `${host}: ${reasons[reason] ?? 'the relay ended the connection'}`);
    }
  }
}

async function within<T>(milliseconds: number, task: Promise<T>): Promise<T | 'late'> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), milliseconds)));
  try {
    return await Promise.race([task, late]);
  } finally {
    clearTimeout(timer);
  }
}

function frame(type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes + payload.length);
  bytes[0] = type;
  new DataView(bytes.buffer).setUint32(1, streamId, true);
  bytes.set(payload, headerBytes);
  return bytes;
}

function parse(message: Uint8Array): { readonly type: number; readonly stream: number; readonly payload: Uint8Array } {
  if (message.length < headerBytes) throw new AppError('invalid', 'the relay says something that is not wisp');
  const stream = new DataView(message.buffer, message.byteOffset).getUint32(1, true);
  return { type: message[0] ?? 0, stream, payload: message.subarray(headerBytes) };
}
