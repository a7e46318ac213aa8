import { DisposableStore, toDisposable, type Disposable } from '../../base/disposable.ts';
import { readingText } from '../check/match.ts';
import type { Observation } from '../check/observation.ts';
import type { Clock } from '../clock.ts';
import type { EngineSnapshot, FactSource } from '../facts.ts';
import { createGuestReader } from '../guest-reader.ts';
import { readFact, type FactRef } from '../predicates/answer.ts';
import { openLogBuffer, type LogBuffer } from './log-buffer.ts';
import { noSuchFact } from './perform.ts';

/** What checks see: the engine, the log since the tutorial was begun and the guest, at one moment. The only place that asks for the engine's state. */
export class Observer implements Disposable {
  readonly #facts: FactSource;
  readonly #clock: Clock;
  readonly #held = new DisposableStore();
  #log: LogBuffer | null = null;
  closed = false;

  constructor(facts: FactSource, clock: Clock) {
    this.#facts = facts;
    this.#clock = clock;
  }

  /** Reads the log from now on. Once. @param execs whether programs executed in the guest are wanted in it */
  async open(execs: boolean, onEntries: () => void): Promise<void> {
    const { sequence } = await this.#facts.sync();
    this.#log = this.#held.add(await openLogBuffer(this.#facts, sequence, onEntries));
    if (!execs || this.closed) return;
    await this.#facts.watchExecs(true);
    this.#held.add(toDisposable(() => void this.#facts.watchExecs(false).catch(() => undefined)));
  }

  /** The engine with all that happened before the call, and the log at least as far as it tells. */
  async engine(): Promise<EngineSnapshot> {
    return this.#withLog(await this.#facts.sync());
  }

  /** With all that happened before the call. */
  async now(entry: EngineSnapshot, answer: string | null): Promise<Observation> {
    return this.at(await this.engine(), entry, answer);
  }

  /** As told so far: at least as new as every entry of the log that was told. */
  async told(entry: EngineSnapshot, answer: string | null): Promise<Observation> {
    return this.at(await this.#withLog(await this.#facts.snapshot()), entry, answer);
  }

  at(engine: EngineSnapshot, entry: EngineSnapshot, answer: string | null): Observation {
    const guest = createGuestReader(this.#facts);
    return { engine, entry, log: this.#log?.entries ?? [], horizon: entry.sequence, answer, guest, now: this.#clock.now() };
  }

  /** How far the log was told. */
  get lastSequence(): number {
    return this.#log?.entries.at(-1)?.sequence ?? 0;
  }

  /** What a fact is, as text. @throws AppError `not_found` */
  async fact(fact: FactRef): Promise<string> {
    const engine = await this.#facts.sync();
    const reading = await readFact(fact, { engine, log: this.#log?.entries ?? [], guest: createGuestReader(this.#facts) });
    if (reading === undefined) throw noSuchFact(fact);
    return readingText(reading);
  }

  /** Forgets what happened until then. */
  restart(sequence: number): void {
    this.#log?.restart(sequence);
  }

  /** What is done meanwhile is nobody's deed: it is left out of the log. */
  async unseen(act: () => Promise<void>): Promise<void> {
    const { sequence } = await this.engine();
    try {
      await act();
    } finally {
      const after = await this.engine().catch(() => null);
      if (after !== null) this.#log?.omit(sequence, after.sequence);
    }
  }

  async #withLog(engine: EngineSnapshot): Promise<EngineSnapshot> {
    await this.#log?.reach(engine.sequence);
    return engine;
  }

  dispose(): void {
    this.closed = true;
    this.#held.dispose();
  }
}
