import { Emitter } from '../../base/events.ts';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { AppError, cancelled, toAppError } from '../../base/errors.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { createMemory, evaluate, type Outcome } from '../check/evaluate.ts';
import type { Clock } from '../clock.ts';
import type { Predicate } from '../predicates/registry.ts';
import { judge, pollEvery, untilNextLook, type Judgement } from './judge.ts';
import { nextStir } from './next-stir.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { Observation } from '../check/observation.ts';
import type { Observer } from './observer.ts';
import type { Visit } from './visit.ts';

/** Milliseconds after the last key of show me in which what it did must have come true. */
const proofTime = 15_000;

interface Watched {
  readonly observer: Observer;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  /** The stay that is looked at; null for none. */
  visit(): Visit | null;
  /** Titles of the steps that the visit's one needs. */
  needed(visit: Visit): readonly string[];
  /** The check holds, and not of what show me left behind alone. */
  onHolds(visit: Visit): void;
  /** Something was found. @param observation what was looked at; null when the look failed */
  onLook(visit: Visit, observation: Observation | null): void;
}

/** Looks at the facts of the step one is in: when something happens, when time may have changed it, and when asked. */
export class CheckLoop implements Disposable {
  readonly #watched: Watched;
  readonly #held = new DisposableStore();
  readonly #stirred = this.#held.add(new Emitter<void>());
  #timer: Disposable | null = null;
  #visible = true;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** Looks now and resolves when what was found is told. Never rejects: a failed look is told as `failure`. */
  readonly look = oneAtATime(async () => {
    const visit = this.#watched.visit();
    if (visit !== null && !visit.over) await this.#lookAt(visit);
  });

  /** Something happened. */
  readonly stir = (): void => {
    this.#stirred.emit();
    void this.look();
  };

  /** No look because of time, until the next one. */
  rest(): void {
    this.#timer?.dispose();
    this.#timer = null;
  }

  /** Kernel and file facts are asked for regularly only while the learner sees the page. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (visible) this.stir();
  }

  /** How predicates stand, from one look; without what is remembered of earlier ones. */
  async probe({ entry, answer }: Visit, predicates: readonly Predicate[]): Promise<readonly Outcome[]> {
    const { observer, catalogue } = this.#watched;
    const observation = await observer.now(entry, answer);
    return Promise.all(predicates.map((predicate) => evaluate(predicate, observation, { memory: createMemory(), catalogue })));
  }

  /** @throws AppError `conflict` after `proofTime`, `cancelled` when the signal aborts */
  async untilOver(visit: Visit, signal: AbortSignal): Promise<void> {
    const { clock, catalogue } = this.#watched;
    const end = clock.now() + proofTime;
    await this.#untilSo(signal, 'the showing', async () => {
      await this.look();
      if (visit.over) return null;
      const left = end - clock.now();
      if (left <= 0) throw new AppError('conflict', catalogue.unproven(visit.failure ?? visit.outcome?.failing?.sentence ?? ''));
      return Math.min(left, visit.outcome?.wait ?? pollEvery);
    });
  }

  /** Resolves when the predicate holds. @throws AppError `cancelled` when the signal aborts */
  async until(visit: Visit, predicate: Predicate, signal: AbortSignal): Promise<void> {
    const { observer, catalogue } = this.#watched;
    const tools = { memory: createMemory(), catalogue };
    await this.#untilSo(signal, 'the wait', async () => {
      const { ok, wait } = await evaluate(predicate, await observer.told(visit.entry, visit.answer), tools);
      return ok ? null : (wait ?? pollEvery);
    });
  }

  dispose(): void {
    this.rest();
    this.#held.dispose();
  }

  /** @param attempt resolves to the milliseconds after which to try again at the latest; null when it is so */
  async #untilSo(signal: AbortSignal, what: string, attempt: () => Promise<number | null>): Promise<void> {
    for (;;) {
      if (signal.aborted) throw cancelled(what);
      const stirred = nextStir(this.#stirred.event, this.#watched.clock, signal);
      try {
        const wait = await attempt();
        if (wait === null) return;
        stirred.limit(wait);
        await stirred.promise;
      } finally {
        stirred.dispose();
      }
    }
  }

  async #lookAt(visit: Visit): Promise<void> {
    const { observer, catalogue, clock, needed, onLook } = this.#watched;
    this.rest();
    let observation: Observation | null = null;
    try {
      observation = await observer.told(visit.entry, visit.answer);
      this.#take(visit, await judge(visit, needed(visit), observation, catalogue));
      visit.failure = null;
    } catch (error) {
      visit.failure = toAppError(error).message;
    }
    if (visit !== this.#watched.visit()) return;
    const wait = visit.over ? null : untilNextLook(visit, clock, this.#visible);
    if (wait !== null) this.#timer = clock.after(wait, () => void this.look());
    onLook(visit, observation);
  }

  #take(visit: Visit, { stale, ...found }: Judgement): void {
    if (visit !== this.#watched.visit() || visit.over) return;
    Object.assign(visit, found);
    if (found.outcome.ok && found.based && !stale) this.#watched.onHolds(visit);
  }
}
