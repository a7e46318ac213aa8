import { utf8 } from '../../base/bytes.ts';
import { DisposableStore, toDisposable, type Disposable } from '../../base/disposable.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/events.ts';
import type { TutorialProgress } from '../../protocol/tutorial.ts';
import type { FactRef } from '../predicates/answer.ts';
import type { Predicate } from '../predicates/registry.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { english } from '../catalogue/en.ts';
import { asksForExecs, createMemory, evaluate, type Outcome } from '../check/evaluate.ts';
import { readingText } from '../check/match.ts';
import type { Scene } from '../check/scene.ts';
import { hostClock, type Clock } from '../clock.ts';
import type { Bench, EngineSnapshot, FactSource } from '../facts.ts';
import { createGuestReader } from '../guest-reader.ts';
import { predicatesOf, type Tutorial } from '../load/tutorial.ts';
import { readFact } from '../predicates/answer.ts';
import { judge, pollEvery, standingOf, untilNextLook } from './judge.ts';
import { openLogBuffer, type LogBuffer } from './log-buffer.ts';
import { moveStep } from './move-step.ts';
import { nextStir } from './next-stir.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { noSuchFact, type Stage } from './perform.ts';
import { resolveTutorial, type ResolvedStep, type ResolvedTutorial } from './resolve-tutorial.ts';
import { keyPause, ShowMe } from './show-me.ts';
import type { TutorialState } from './state.ts';
import { StepStates } from './step-states.ts';
import type { TutorialTerminal } from './terminal.ts';
import { currentOf, openVisit, viewOf, type Visit } from './visit.ts';

export interface SessionOptions {
  readonly tutorial: Tutorial;
  readonly facts: FactSource;
  readonly bench: Bench;
  /** The learner's terminals, from 1 on. */
  terminal(index: number): TutorialTerminal;
  /** Of the variables: the same seed, the same values. */
  readonly seed: string;
  /** What `progress()` gave earlier. Steps that were passed, shown or done stay so. */
  readonly progress?: TutorialProgress;
  readonly clock?: Clock;
  readonly catalogue?: Catalogue;
}

export interface AnswerOutcome {
  readonly ok: boolean;
  readonly sentence: string;
}

/** Milliseconds after the last key of show me in which what it did must have come true. */
const proofTime = 15_000;

/** A learner's way through one tutorial. Calls that change the step reject with `conflict` when the step machine has no such move. */
export class TutorialSession implements Disposable {
  readonly #options: SessionOptions;
  readonly #tutorial: ResolvedTutorial;
  readonly #clock: Clock;
  readonly #catalogue: Catalogue;
  readonly #states: StepStates;
  readonly #showMe = new ShowMe(() => this.#tell());
  readonly #held = new DisposableStore();
  readonly #changed = new Emitter<TutorialState>();
  readonly #stirred = new Emitter<void>();
  #log: LogBuffer | null = null;
  #visit: Visit | null = null;
  #timer: Disposable | null = null;
  #visible = true;
  #disposed = false;
  #resetting = false;
  /** Counts entries and resets; what was begun under an older number gives up. */
  #turn = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#tutorial = resolveTutorial(options.tutorial, options.seed);
    this.#clock = options.clock ?? hostClock;
    this.#catalogue = options.catalogue ?? english;
    this.#held.add(this.#changed);
    this.#held.add(this.#stirred);
    const { progress } = options;
    this.#states = new StepStates(this.#tutorial.steps, progress?.tutorial === this.#tutorial.manifest.id ? progress.steps : {});
  }

  get changed(): Event<TutorialState> {
    return this.#changed.event;
  }

  /** Puts the seed into the guest and enters the first step that is open. Once. */
  async start(): Promise<void> {
    await this.#putSeed();
    const { sequence } = await this.#options.facts.snapshot();
    const log = await openLogBuffer(this.#options.facts, sequence, () => this.#stir());
    this.#log = this.#held.add(log);
    if (this.#disposed) throw new AppError('cancelled', 'the tutorial was closed');
    if (this.#tutorial.steps.some(({ front }) => predicatesOf(front).some(asksForExecs))) await this.#watchExecs();
    await this.#enterFirst();
  }

  /** Enters a step that is ready, or one that was shown, to try it. */
  async enter(id: string): Promise<void> {
    const step = this.#step(id);
    const tried = this.#states.of(id) === 'shown';
    moveStep(this.#states.of(id), 'enter');
    const turn = this.#begin();
    const entry = await this.#snapshot();
    const leftover = tried ? await standingOf(step, this.#sceneAt(entry, entry, null), this.#catalogue) : null;
    if (turn !== this.#turn) return;
    this.#leaveCurrent();
    this.#states.move(id, 'enter');
    this.#visit = openVisit(step, entry, this.#clock.now(), leftover);
    this.#tell();
    await this.look();
  }

  /** Closes the step that was passed or shown and enters the next one that is ready; none is left when there is none. */
  async next(): Promise<void> {
    const visit = this.#requireVisit();
    const { id } = visit.step.front;
    if (!visit.over)
      throw new AppError('conflict', `a step that is ${this.#states.of(id)} cannot become done`, {
        detail: { from: this.#states.of(id), to: 'done' },
      });
    this.#leaveCurrent();
    const following = this.#states.nextReady(visit.step);
    if (following === undefined) {
      this.#begin();
      this.#tell();
    } else await this.enter(following.front.id);
  }

  /** Leaves the step; an active one is ready again. */
  leave(): void {
    this.#begin();
    this.#leaveCurrent();
    this.#tell();
  }

  /** Gives an answer to the step's question. A right one stays right. */
  async answer(text: string): Promise<AnswerOutcome> {
    const visit = this.#requireVisit();
    if (visit.step.front.question === undefined) throw new AppError('conflict', `the step ${visit.step.front.id} asks nothing`);
    visit.answer = text.trim();
    await this.look();
    const leaves = (visit.outcome?.leaves ?? []).filter(({ predicate }) => predicate === 'answer');
    const wrong = leaves.find(({ ok }) => !ok);
    return { ok: leaves.length > 0 && wrong === undefined, sentence: (wrong ?? leaves[0])?.sentence ?? visit.failure ?? '' };
  }

  /** Looks at the facts now and resolves when what was found is told. Never rejects: a failed look is told as `failure`. */
  readonly look = oneAtATime(async () => {
    const visit = this.#visit;
    if (visit !== null && !visit.over) await this.#lookOnce(visit);
  });

  /** How predicates stand in the current step, from one look at the facts; without what is remembered of earlier ones. */
  async probe(predicates: readonly Predicate[]): Promise<readonly Outcome[]> {
    const scene = await this.#scene(this.#requireVisit());
    return Promise.all(predicates.map((predicate) => evaluate(predicate, scene, { memory: createMemory(), catalogue: this.#catalogue })));
  }

  /**
   * Types the solution of the active step and waits until the check holds. Resolves to `interrupted` when the signal aborts or the step is left.
   * @throws AppError `conflict` when the solution was typed and the check does not hold: the step is then as if nothing had been shown
   */
  async showMe({ signal, reducedMotion = false }: { readonly signal?: AbortSignal; readonly reducedMotion?: boolean } = {}): Promise<
    'shown' | 'interrupted'
  > {
    const visit = this.#requireVisit();
    if (visit.over) throw new AppError('conflict', 'the step is over');
    const done = await this.#showMe.run(visit.step.front.solution, this.stage(reducedMotion ? 0 : keyPause), signal, (own) =>
      this.#untilOver(visit, own),
    );
    return done ? 'shown' : 'interrupted';
  }

  /** What directives act on in the current step. @param pause milliseconds a key */
  stage(pause: number): Stage {
    return {
      terminal: (index) => this.#options.terminal(index),
      bench: this.#options.bench,
      clock: this.#clock,
      keyPause: pause,
      until: (predicate, signal) => this.#until(predicate, signal),
      answer: (text) => this.answer(text),
      fact: (fact) => this.#fact(fact),
      onDirective: (directive, line) => this.#showMe.told(directive, line),
    };
  }

  /** The guest, the seed and the steps as at the start. */
  async reset(): Promise<void> {
    const turn = this.#begin();
    this.#resetting = true;
    this.#visit = null;
    this.#tell();
    try {
      const sequence = await this.#options.bench.reset();
      await this.#putSeed();
      if (turn !== this.#turn) return;
      this.#log?.restart(sequence);
      this.#states.restart();
    } finally {
      this.#resetting = false;
      this.#tell();
    }
    await this.#enterFirst();
  }

  /** The learner typed: what is done in a shell alone leaves nothing in the log. */
  touch(): void {
    if (this.#visit !== null) this.#visit.begun = true;
  }

  /** Kernel and file facts are asked for regularly only while the learner sees the page. */
  setVisible(visible: boolean): void {
    if (visible === this.#visible) return;
    this.#visible = visible;
    if (visible) this.#stir();
  }

  /** What to keep; give it back as `progress` another time. */
  progress(): TutorialProgress {
    const { id, version } = this.#tutorial.manifest;
    return {
      tutorial: id,
      version,
      seed: this.#tutorial.seed,
      steps: this.#states.behind,
    };
  }

  get state(): TutorialState {
    const { manifest, vars, steps } = this.#tutorial;
    return {
      manifest,
      vars,
      steps: steps.map((step) => viewOf(step, this.#states.standingOf(step))),
      current: this.#visit === null ? null : currentOf(this.#visit),
      showing: this.#showMe.showing,
      resetting: this.#resetting,
      finished: this.#states.allBehind,
    };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#begin();
    this.#disposed = true;
    this.#visit = null;
    this.#held.dispose();
  }

  /** Ends what belongs to the stay in a step: show me and timers. */
  #begin(): number {
    this.#showMe.abort();
    this.#timer?.dispose();
    this.#timer = null;
    this.#turn += 1;
    return this.#turn;
  }

  #stir(): void {
    this.#stirred.emit();
    void this.look();
  }

  async #enterFirst(): Promise<void> {
    const first = this.#states.nextReady();
    if (first !== undefined) await this.enter(first.front.id);
    else this.#tell();
  }

  async #watchExecs(): Promise<void> {
    const { facts } = this.#options;
    await facts.watchExecs(true);
    this.#held.add(toDisposable(() => void facts.watchExecs(false).catch(() => undefined)));
  }

  async #putSeed(): Promise<void> {
    const files = this.#tutorial.files.map(({ path, text }) => ({ path, bytes: utf8(text), mode: 0o644 }));
    if (files.length > 0) await this.#options.bench.writeFiles(files);
  }

  #step(id: string): ResolvedStep {
    const step = this.#tutorial.steps.find(({ front }) => front.id === id);
    if (step === undefined) throw new AppError('not_found', `there is no step ${id}`);
    return step;
  }

  #requireVisit(): Visit {
    if (this.#visit === null) throw new AppError('conflict', 'no step is active');
    return this.#visit;
  }

  #leaveCurrent(): void {
    const id = this.#visit?.step.front.id;
    this.#visit = null;
    if (id !== undefined) this.#states.leave(id);
  }

  #tell(): void {
    if (!this.#disposed) this.#changed.emit(this.state);
  }

  async #lookOnce(visit: Visit): Promise<void> {
    this.#timer?.dispose();
    this.#timer = null;
    try {
      await this.#judge(visit);
      visit.failure = null;
    } catch (error) {
      visit.failure = toAppError(error).message;
    }
    if (visit !== this.#visit) return;
    if (!visit.over) this.#schedule(visit);
    this.#tell();
  }

  async #judge(visit: Visit): Promise<void> {
    const needed = this.#tutorial.steps.filter(({ front }) => visit.step.needs.includes(front.id)).map(({ front }) => front.title);
    const { outcome, hint, begun, based, stale, problem } = await judge(visit, needed, await this.#scene(visit), this.#catalogue);
    if (visit !== this.#visit || visit.over) return;
    Object.assign(visit, { outcome, hint, begun, based, problem });
    if (outcome.ok && based && !stale) this.#settle(visit);
  }

  #settle(visit: Visit): void {
    visit.over = true;
    this.#states.move(visit.step.front.id, this.#showMe.active ? 'show' : 'pass');
  }

  #schedule(visit: Visit): void {
    const wait = untilNextLook(visit, this.#clock, this.#visible);
    if (wait !== null) this.#timer = this.#clock.after(wait, () => void this.look());
  }

  async #scene({ entry, answer }: Visit): Promise<Scene> {
    return this.#sceneAt(await this.#snapshot(), entry, answer);
  }

  /** The engine now, and the log at least as far as it tells. */
  async #snapshot(): Promise<EngineSnapshot> {
    const engine = await this.#options.facts.snapshot();
    await this.#log?.reach(engine.sequence);
    return engine;
  }

  #sceneAt(engine: EngineSnapshot, entry: EngineSnapshot, answer: string | null): Scene {
    const guest = createGuestReader(this.#options.facts);
    return { engine, entry, log: this.#log?.entries ?? [], horizon: entry.sequence, answer, guest, now: this.#clock.now() };
  }

  /** @throws AppError `conflict` after `proofTime`, `cancelled` when the signal aborts */
  async #untilOver(visit: Visit, signal: AbortSignal): Promise<void> {
    const end = this.#clock.now() + proofTime;
    for (;;) {
      if (signal.aborted) throw new AppError('cancelled', 'the showing was cancelled');
      const stirred = nextStir(this.#stirred.event, this.#clock, signal);
      try {
        await this.look();
        if (visit.over) return;
        const left = end - this.#clock.now();
        if (left <= 0) throw new AppError('conflict', this.#catalogue.unproven(visit.failure ?? visit.outcome?.failing?.sentence ?? ''));
        stirred.limit(Math.min(left, visit.outcome?.wait ?? pollEvery));
        await stirred.promise;
      } finally {
        stirred.dispose();
      }
    }
  }

  async #until(predicate: Predicate, signal: AbortSignal): Promise<void> {
    const visit = this.#requireVisit();
    const tools = { memory: createMemory(), catalogue: this.#catalogue };
    for (;;) {
      if (signal.aborted) throw new AppError('cancelled', 'the wait was cancelled');
      const stirred = nextStir(this.#stirred.event, this.#clock, signal);
      try {
        const { ok, wait } = await evaluate(predicate, await this.#scene(visit), tools);
        if (ok) return;
        stirred.limit(wait ?? pollEvery);
        await stirred.promise;
      } finally {
        stirred.dispose();
      }
    }
  }

  async #fact(fact: FactRef): Promise<string> {
    const reading = readFact(fact, await this.#options.facts.snapshot(), this.#log?.entries ?? []);
    if (reading === undefined) throw noSuchFact(fact);
    return readingText(reading);
  }
}
