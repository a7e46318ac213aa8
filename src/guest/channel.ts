import type { Disposable } from '../base/disposable.ts';
import type { Duplex } from '../base/streams.ts';

/**
 * What the client of the agent needs of the link to it; `machine/` satisfies it. Kinds, records and lanes are those of
 * `protocol/agent.ts`; records are encoded bytes here.
 */
export interface GuestChannel {
  /**
   * Opens a stream to the agent. Never throws: a link that is gone makes `reply` reject with `unavailable`.
   * @param kind of `hostKind`
   */
  open(kind: number, record: Uint8Array): GuestStream;
  /**
   * Takes the streams that the agent opens with this kind; one handler for a kind. A stream of a kind without handler is reset (ENOSYS).
   * The handler must answer with `reply` or `reset`.
   * @param kind of `agentKind`
   */
  onOpen(kind: number, handler: (stream: IncomingGuestStream) => void): Disposable;
  /** Streams that were open when the restored state was saved, by id; nobody reads them until they are taken. */
  takeRestored(): readonly (GuestStream | IncomingGuestStream)[];
}

/** A stream that the host opened. Failures are AppErrors; those of the agent have `detail.errno` and, where it said one, `detail.stage`. */
export interface GuestStream {
  readonly id: number;
  readonly kind: number;
  /** The record of REPLY. Rejects when the agent resets the stream before. */
  readonly reply: Promise<Uint8Array>;
  /**
   * DATA of one lane: `source` reads what the agent sends, `sink` writes to it (held back until the reply came). Always the same
   * object for the same lane. An unread lane holds up the others after `streamWindowBytes`; `source.cancel()` drops a lane's bytes instead.
   */
  lane(lane: number): Duplex;
  /** Notes in order, one listener; those that came before it are not lost. `kind` of `noteKind`. */
  onNote(listener: (note: GuestNote) => void): Disposable;
  /** Sends a NOTE (after the reply). On a closed stream it does nothing. */
  note(kind: number, record: Uint8Array): void;
  /** The record of CLOSE, after the last DATA and NOTE were delivered to lanes and listener; rejects when the stream was reset by either side. */
  readonly closed: Promise<Uint8Array>;
  /** Ends the stream at once: sources and sinks fail, `reply` and `closed` reject with `reason` (`cancelled` unless given). Idempotent. */
  reset(reason?: unknown): void;
}

/** A stream that the agent opened. */
export interface IncomingGuestStream extends Omit<GuestStream, 'reply'> {
  /** The record of OPEN. */
  readonly record: Uint8Array;
  /** Accepts: sends REPLY. Before it no DATA and NOTE goes out. */
  reply(record: Uint8Array): void;
  /** Ends the stream after what was written: sends CLOSE with a record. Idempotent. */
  close(record: Uint8Array): Promise<void>;
}

export interface GuestNote {
  readonly kind: number;
  readonly record: Uint8Array;
}
