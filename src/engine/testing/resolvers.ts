import { AppError } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import { createDuplexPair, type Duplex } from '../../base/streams.ts';
import { errno, type Datagram, type ResolverConnection, type ResolverRuntime, type ResolverSockets } from '../runtime.ts';

/** The sockets of one container's resolver, and its programs' side of them. */
export class TestResolver implements ResolverSockets {
  readonly #connected = new Emitter<ResolverConnection>();
  readonly connected = this.#connected.event;
  readonly #arrived: Datagram[] = [];
  readonly #askers: ((answer: Uint8Array) => void)[] = [];
  #reader: ((datagram: Datagram | null) => void) | null = null;
  closed = false;

  constructor(
    readonly handle: number,
    readonly container: string,
  ) {}

  receive(): Promise<Datagram | null> {
    const next = this.#arrived.shift() ?? (this.closed ? null : undefined);
    return next !== undefined ? Promise.resolve(next) : new Promise((resolve) => (this.#reader = resolve));
  }

  send({ port, data }: Datagram): Promise<void> {
    this.#askers[port]?.(data);
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
    this.#reader?.(null);
    this.#reader = null;
  }

  /** By UDP; the answer. */
  ask(data: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => {
      const port = this.#askers.push(resolve) - 1;
      const datagram = { address: '127.0.0.1', port, data };
      const reader = this.#reader;
      this.#reader = null;
      if (reader === null) this.#arrived.push(datagram);
      else reader(datagram);
    });
  }

  /** By TCP: the program's end, and whether the other side has reset it. */
  connect(): Duplex & { readonly wasReset: () => boolean } {
    const [own, other] = createDuplexPair();
    let gone = false;
    const reset = (): void => {
      gone = true;
      other.sink.abort(new AppError('cancelled', 'connection reset'));
    };
    this.#connected.emit({ ...other, end: () => void other.sink.close(), reset });
    return { ...own, wasReset: () => gone };
  }
}

/** As a save of their machine has them. */
export interface SavedResolvers {
  readonly open: readonly { readonly handle: number; readonly container: string }[];
  readonly next: number;
}

export class TestResolvers implements ResolverRuntime {
  /** Those that are open, by container. */
  readonly open = new Map<string, TestResolver>();
  /** Of all that were asked for, newest last. */
  readonly asked: Parameters<ResolverRuntime['listen']>[0][] = [];
  /** UDP ports that somebody else has. */
  readonly takenPorts = new Set<number>();
  /** Held until resolved, to look at what happens meanwhile. */
  gate: Promise<void> | null = null;
  /** How long a round trip takes; none unless a test says so. */
  roundTrip: () => Promise<void> = () => Promise.resolve();
  readonly #adopted = new Set<number>();
  #next = 0;

  async listen(request: Parameters<ResolverRuntime['listen']>[0]): Promise<ResolverSockets> {
    this.asked.push(request);
    await this.gate;
    await this.roundTrip();
    if (this.takenPorts.has(request.udpPort))
      throw new AppError('internal', 'address in use', { detail: { errno: errno.EADDRINUSE, stage: 'bind' } });
    this.#next += 1;
    const resolver = new TestResolver(100_001 + this.#next * 2, request.container);
    this.open.set(request.container, resolver);
    return resolver;
  }

  adopt(handle: number): ResolverSockets | null {
    const found = this.listening.find((resolver) => resolver.handle === handle) ?? null;
    if (found !== null) this.#adopted.add(handle);
    return found;
  }

  get listening(): readonly TestResolver[] {
    return [...this.open.values()].filter(({ closed }) => !closed);
  }

  save(): SavedResolvers {
    return { open: this.listening.map(({ handle, container }) => ({ handle, container })), next: this.#next };
  }

  restore({ open, next }: SavedResolvers): void {
    for (const { handle, container } of open) this.open.set(container, new TestResolver(handle, container));
    this.#next = next;
  }

  /** As the guest: what nobody has adopted after a restore is reset. */
  releaseRestored(): void {
    for (const resolver of this.listening) if (!this.#adopted.has(resolver.handle)) resolver.close();
    this.#adopted.clear();
  }

  /** @throws where the container has none */
  of(container: string): TestResolver {
    const found = this.open.get(container);
    if (found === undefined || found.closed) throw new Error(`${container} has no resolver`);
    return found;
  }
}
