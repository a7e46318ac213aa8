import type { Source } from '../../source.ts';

export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

/** Bytes a client may leave unread before the process is held back. */
const highWater = 256 * 1024;

interface HubClient {
  readonly streams: ReadonlySet<OutputChunk['stream']>;
  readonly chunks: OutputChunk[];
  size: number;
  waiting: ((chunk: OutputChunk | null) => void) | null;
}

/**
 * One process's output to any number of clients. No client loses a byte: while one has more than `highWater` unread, `write` waits,
 * so the process is held back as by a full pipe (Docker's broadcaster does the same). After `release` (the process is gone, what is
 * left is bounded by the pipes and the link's window) nobody waits any more and slow clients read the rest at their own pace.
 */
export class OutputHub {
  readonly #clients = new Set<HubClient>();
  #room: (() => void)[] = [];
  #released = false;
  #ended = false;

  /** Reads what is written from now on; ends after `end`, once everything was read. */
  attach(streams: ReadonlySet<OutputChunk['stream']>): Source<OutputChunk> & { end(): void } {
    const client: HubClient = { streams, chunks: [], size: 0, waiting: null };
    if (!this.#ended) this.#clients.add(client);
    const leave = (): void => {
      this.#clients.delete(client);
      client.waiting?.(null);
      client.waiting = null;
      this.#wake();
    };
    return {
      read: () => {
        const chunk = client.chunks.shift();
        if (chunk === undefined) {
          if (!this.#clients.has(client)) return Promise.resolve(null);
          return new Promise((resolve) => {
            client.waiting = resolve;
          });
        }
        client.size -= chunk.data.length;
        if (client.size <= highWater) this.#wake();
        return Promise.resolve(chunk);
      },
      end: leave,
      cancel: () => {
        client.chunks.length = 0;
        client.size = 0;
        leave();
      },
    };
  }

  /** Resolves when every client has room. */
  async write(chunk: OutputChunk): Promise<void> {
    for (const client of this.#clients) {
      if (client.streams.has(chunk.stream)) give(client, chunk);
    }
    while (!this.#released && this.#isFull()) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
  }

  release(): void {
    this.#released = true;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#released = true;
    for (const client of this.#clients) {
      client.waiting?.(null);
      client.waiting = null;
    }
    this.#clients.clear();
    this.#wake();
  }

  #isFull(): boolean {
    for (const client of this.#clients) if (client.size > highWater) return true;
    return false;
  }

  #wake(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resume of waiting) resume();
  }
}

function give(client: HubClient, chunk: OutputChunk): void {
  if (client.waiting !== null) {
    client.waiting(chunk);
    client.waiting = null;
    return;
  }
  client.chunks.push(chunk);
  client.size += chunk.data.length;
}
