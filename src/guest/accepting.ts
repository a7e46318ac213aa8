import { Emitter, type Event } from '../base/events.ts';
import type { Duplex } from '../base/streams.ts';
import { encodeRecord } from '../protocol/agent-codec.ts';
import type { GuestStream, IncomingGuestStream } from './channel.ts';
import { wholeOrReset } from './connection.ts';
import { datagramsOver, type Datagrams } from './datagrams.ts';
import type { RestoredStreams } from './restored.ts';

/** A TCP connection that the agent accepted. */
export interface AcceptedConnection extends Duplex {
  /** Ends it after what was written. Idempotent. */
  end(): void;
  /** Ends it at once: the other side sees "connection reset by peer". */
  reset(): void;
}

/** Sockets that the agent holds for one stream: datagrams on it, and the connections it accepts. */
export interface AcceptingSockets<T> extends Datagrams {
  /** Names its stream in a saved machine; `adopt` takes it. */
  readonly handle: number;
  /** Who listens answers for its end. */
  readonly connected: Event<T>;
}

/** Sockets of one kind in the guest, by their streams, to which the agent's connections are brought. */
export class SocketsByStream<T> {
  readonly #restored: RestoredStreams;
  readonly #open = new Map<number, Emitter<T>>();

  constructor(restored: RestoredStreams) {
    this.#restored = restored;
  }

  add(stream: GuestStream): AcceptingSockets<T> {
    const connected = new Emitter<T>();
    this.#open.set(stream.id, connected);
    const forget = (): void => void this.#open.delete(stream.id);
    stream.closed.then(forget, forget);
    return { handle: stream.id, connected: connected.event, ...datagramsOver(stream) };
  }

  /** After a restore: those that were open when the machine was saved; null if they are not there. */
  adopt(handle: number): AcceptingSockets<T> | null {
    const stream = this.#restored.adopt(handle);
    return stream === null ? null : this.add(stream);
  }

  /** Passes a connection on to whoever has the sockets it came by; without them it is reset. */
  accept(stream: IncomingGuestStream, handle: number, told: (connection: AcceptedConnection) => T): void {
    stream.closed.catch(() => undefined);
    const connected = this.#open.get(handle);
    if (connected === undefined) {
      stream.reset();
      return;
    }
    stream.reply(encodeRecord('empty', {}));
    const end = (): void => void stream.close(encodeRecord('empty', {})).catch(() => undefined);
    connected.emit(told({ ...wholeOrReset(stream), end, reset: () => stream.reset() }));
  }
}
