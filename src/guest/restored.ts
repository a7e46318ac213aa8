import type { GuestChannel, GuestStream, IncomingGuestStream } from './channel.ts';

/** Streams that were open when the restored machine was saved, until somebody adopts them. */
export class RestoredStreams {
  readonly #streams = new Map<number, GuestStream | IncomingGuestStream>();

  constructor(channel: GuestChannel) {
    for (const stream of channel.takeRestored()) this.#streams.set(stream.id, stream);
  }

  /** One that the host has opened, once. */
  adopt(id: number): GuestStream | null {
    const stream = this.#streams.get(id);
    if (stream === undefined || !isHostStream(stream)) return null;
    this.#streams.delete(id);
    return stream;
  }

  /** Resets what nobody has adopted: unread it would hold its process up for ever, and the link's memory. */
  release(): void {
    for (const stream of this.#streams.values()) stream.reset();
    this.#streams.clear();
  }
}

/** One that we opened: its reply is a promise, not an act. */
function isHostStream(stream: GuestStream | IncomingGuestStream): stream is GuestStream {
  return typeof stream.reply !== 'function';
}
