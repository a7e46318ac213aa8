import { Emitter } from '../base/events.ts';
import type { ContainerInspect, ImageSummary, Network } from './engine-api.ts';
import type { Changes, EngineDelta, EngineState, EngineWatch } from './engine-feed.ts';
import type { LogEntry } from './log.ts';

/** Entries kept for who asks later. */
const mostEntries = 20_000;

type LogListener = (entries: readonly LogEntry[], rewoundTo?: number) => void;

/** The engine as it was last told of, for everyone on this side: one watch, whoever reads. State and log always belong together. */
export class EngineMirror {
  readonly #watch: EngineWatch;
  readonly #changed = new Emitter<EngineDelta>();
  /** After a delta was taken in. */
  readonly onChange = this.#changed.event;
  readonly #readers = new Map<number, LogListener>();
  #lastReader = 0;
  #watching: Promise<number> | null = null;
  #epoch: number | null = null;
  #state: EngineState = { sequence: 0, containers: [], images: [], networks: [], volumes: [] };
  #entries: readonly LogEntry[] = [];

  constructor(watch: EngineWatch) {
    this.#watch = watch;
  }

  /** Begins to watch; once. Resolves when the state is known. */
  async start(): Promise<void> {
    this.#watching ??= this.#watch.watch(0, (delta) => this.take(delta));
    await this.sync();
  }

  /** As last told. */
  get state(): EngineState {
    return this.#state;
  }

  /** As last told, which is at least as new as every log entry that was told. */
  snapshot(): Promise<EngineState> {
    return Promise.resolve(this.#state);
  }

  /** The state with everything in it that happened before the call. */
  async sync(): Promise<EngineState> {
    if (this.#watching !== null) await this.#watch.sync(await this.#watching);
    return this.#state;
  }

  logSince(after: number): Promise<readonly LogEntry[]> {
    return Promise.resolve(this.#since(after));
  }

  /**
   * Calls back with entries from sequence > after on as they are told, after the state that belongs to them.
   * @param listener also gets a position when the engine was restored: what it was told beyond that never happened
   */
  subscribeLog(after: number, listener: LogListener): Promise<number> {
    this.#lastReader += 1;
    this.#readers.set(this.#lastReader, listener);
    const past = this.#since(after);
    if (past.length > 0) listener(past);
    return Promise.resolve(this.#lastReader);
  }

  unsubscribeLog(subscription: number): Promise<void> {
    this.#readers.delete(subscription);
    return Promise.resolve();
  }

  take(delta: EngineDelta): void {
    const { epoch, after, sequence, entries, images, volumes } = delta;
    if (this.#epoch !== null && epoch < this.#epoch) return;
    this.#epoch = epoch;
    const { containers, networks, images: knownImages, volumes: knownVolumes, sequence: told } = this.#state;
    this.#state = {
      sequence,
      containers: merge(containers, delta.containers, 'first'),
      networks: merge(networks, delta.networks, 'last'),
      images: images ?? knownImages,
      volumes: volumes ?? knownVolumes,
    };
    const rewoundTo = after < told ? after : undefined;
    if (rewoundTo !== undefined) this.#entries = this.#entries.filter((entry) => entry.sequence <= rewoundTo);
    if (entries.length > 0) this.#entries = [...this.#entries, ...entries].slice(-mostEntries);
    if (entries.length > 0 || rewoundTo !== undefined) for (const listener of [...this.#readers.values()]) listener(entries, rewoundTo);
    this.#changed.emit(delta);
  }

  dispose(): void {
    this.#readers.clear();
    this.#changed.dispose();
    this.#watching?.then((watch) => this.#watch.unwatch(watch)).catch(() => undefined);
  }

  #since(after: number): readonly LogEntry[] {
    return this.#entries.filter(({ sequence }) => sequence > after);
  }
}

type Known = ContainerInspect | Network | ImageSummary;

/** @param place where what is new belongs */
function merge<T extends Known>(known: readonly T[], { whole, changed, gone }: Changes<T>, place: 'first' | 'last'): readonly T[] {
  if (whole) return changed;
  if (changed.length === 0 && gone.length === 0) return known;
  const fresh = new Map(changed.map((one) => [one.Id, one]));
  const left = new Set(gone);
  const kept = known.flatMap((one) => (left.has(one.Id) ? [] : [fresh.get(one.Id) ?? one]));
  const before = new Set(known.map(({ Id }) => Id));
  const added = changed.filter(({ Id }) => !before.has(Id));
  return place === 'first' ? [...added.toReversed(), ...kept] : [...kept, ...added];
}
