import { iterate, type Duplex } from '../../base/streams.ts';
import type { PlaygroundTerminals } from '../../protocol/playground.ts';
import { duplexOverPort } from '../../protocol/port-stream.ts';

/** `idle`: not connected yet; `open`: a shell runs; `ended`: it has exited, Enter starts another; `failed`: it could not be opened. */
export type ShellState = { readonly state: 'idle' | 'open' | 'ended' } | { readonly state: 'failed'; readonly message: string };

interface Screen {
  size(): { readonly rows: number; readonly columns: number };
  /** Resolves when the bytes are parsed. */
  write(chunk: Uint8Array): Promise<void>;
  onState(state: ShellState): void;
}

/** Bytes that the screen may hold unparsed before the stream is held back. */
const unparsedLimit = 64 * 1024;

/** What stands between a screen and a shell on a pty of the guest. After a shell has ended another can be opened. */
export class ShellLink {
  readonly #terminals: PlaygroundTerminals;
  readonly #screen: Screen;
  #connection: { readonly id: number; readonly duplex: Duplex } | null = null;
  #opening = false;
  #disposed = false;

  constructor(terminals: PlaygroundTerminals, screen: Screen) {
    this.#terminals = terminals;
    this.#screen = screen;
  }

  get isOpen(): boolean {
    return this.#connection !== null;
  }

  /** Opens a shell unless one is open. */
  async open(): Promise<void> {
    if (this.isOpen || this.#opening || this.#disposed) return;
    this.#opening = true;
    try {
      const { id, port } = await this.#terminals.open(this.#screen.size());
      const duplex = duplexOverPort(port);
      if (this.#disposed) {
        duplex.source.cancel();
        await this.#terminals.close(id);
        return;
      }
      this.#connection = { id, duplex };
      this.#screen.onState({ state: 'open' });
      // The window may have changed while the call was under way.
      this.resize();
      void this.#readOutput(duplex);
    } catch (error) {
      this.#screen.onState({ state: 'failed', message: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#opening = false;
    }
  }

  /** Nothing while there is no shell. */
  send(bytes: Uint8Array): void {
    this.#connection?.duplex.sink.write(bytes).catch(() => undefined);
  }

  /** The shell is told how large the screen is. */
  resize(): void {
    if (this.#connection !== null) this.#terminals.resize(this.#connection.id, this.#screen.size()).catch(() => undefined);
  }

  /** Lets go of the shell, without a word to the screen. */
  drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    connection.duplex.source.cancel();
    this.#terminals.close(connection.id).catch(() => undefined);
  }

  dispose(): void {
    this.#disposed = true;
    this.drop();
  }

  async #readOutput(duplex: Duplex): Promise<void> {
    try {
      let unparsed = 0;
      for await (const chunk of iterate(duplex.source)) {
        unparsed += chunk.length;
        const parsed = this.#screen.write(chunk).then(() => {
          unparsed -= chunk.length;
        });
        // xterm parses in a timer of its own: to wait for each chunk would cost a timer a line.
        if (unparsed > unparsedLimit) await parsed;
      }
    } catch {
      // The worker ended the stream; to the person it is the same as an exit.
    }
    if (this.#connection?.duplex !== duplex) return;
    this.#connection = null;
    this.#screen.onState({ state: 'ended' });
  }
}
