import { AppError } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import { createDuplexPair, type Duplex } from '../../base/streams.ts';
import type { Datagram, OutsideConnection, OutsideRuntime, OutsideSockets } from '../runtime.ts';

/** A connection's end in the guest. */
export interface OutsideClient extends Duplex {
  /** How the other side let it go: null while it has not. */
  readonly end: () => 'ended' | 'reset' | null;
}

/** What leaves a guest, from the guest's side. */
export class TestOutside implements OutsideRuntime, OutsideSockets {
  readonly handle = 200_001;
  readonly #connected = new Emitter<OutsideConnection>();
  readonly connected = this.#connected.event;
  readonly #arrived: Datagram[] = [];
  readonly #askers: ((answer: Uint8Array) => void)[] = [];
  #reader: ((datagram: Datagram | null) => void) | null = null;
  opened = 0;
  /** Whether a restored guest has it. */
  isThere = true;

  open(): Promise<OutsideSockets> {
    this.opened += 1;
    return Promise.resolve(this);
  }

  adopt(handle: number): OutsideSockets | null {
    return this.isThere && handle === this.handle ? this : null;
  }

  receive(): Promise<Datagram | null> {
    const next = this.#arrived.shift();
    return next !== undefined ? Promise.resolve(next) : new Promise((resolve) => (this.#reader = resolve));
  }

  send({ port, data }: Datagram): Promise<void> {
    this.#askers[port]?.(data);
    return Promise.resolve();
  }

  close(): void {
    this.#reader?.(null);
  }

  /** A question by UDP; its answer. */
  ask(data: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => {
      const datagram = { address: '100.64.0.2', port: this.#askers.push(resolve) - 1, data };
      const reader = this.#reader;
      this.#reader = null;
      if (reader === null) this.#arrived.push(datagram);
      else reader(datagram);
    });
  }

  /** @param from who connects */
  connect(address: string, port: number, from: string | null = null): OutsideClient {
    const [own, other] = createDuplexPair();
    let how: 'ended' | 'reset' | null = null;
    const reset = (): void => {
      how ??= 'reset';
      other.sink.abort(new AppError('cancelled', 'connection reset'));
      other.source.cancel();
    };
    const end = (): void => {
      how ??= 'ended';
      void other.sink.close();
    };
    this.#connected.emit({ ...other, address, port, madeBy: () => Promise.resolve(from), end, reset });
    return { ...own, end: () => how };
  }
}
