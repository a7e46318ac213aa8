import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/events.ts';
import type { StepState, TutorialProgress } from '../../protocol/tutorial.ts';
import type { FactRef, Predicate } from '../../protocol/tutorial-check.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { english } from '../catalogue/en.ts';
import { createMemory, evaluate, needsPolling, type Outcome } from '../check/evaluate.ts';
import { readingText } from '../check/match.ts';
import type { Scene } from '../check/scene.ts';
import { utf8 } from '../../base/bytes.ts';
import { hostClock, type Clock } from '../clock.ts';
import type { Bench, FactSource } from '../facts.ts';
import { createGuestReader } from '../guest-reader.ts';
import type { Tutorial } from '../load/tutorial.ts';
import { readFact } from '../predicates/answer.ts';
import { chooseHint, untilNextHint } from './hints.ts';
import { openLogBuffer, type LogBuffer } from './log-buffer.ts';
import { isBehind, moveStep, type StepMove } from './move-step.ts';
import { captionOf, noSuchFact, perform, type Stage } from './perform.ts';
import { resolveTutorial, type ResolvedStep, type ResolvedTutorial } from './resolve-tutorial.ts';
import { nextStir } from './next-stir.ts';
import type { TutorialState } from './state.ts';
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

/** Milliseconds between looks at what does not announce itself: 2 Hz. */
const pollEvery = 500;
/** Milliseconds a key when show me types: about 25 keys a second. */
const keyPause = 40;

/** A learner's way through one tutorial. Calls that change the step reject with `conflict` when the step machine has no such move. */
export class TutorialSession implements Disposable {
  readonly #options: SessionOptions;
  readonly #tutorial: ResolvedTutorial;
  readonly #clock: Clock;
  readonly #catalogue: Catalogue;
  readonly #states = new Map<string, StepState>();
  readonly #held = new DisposableStore();
  readonly #changed = new Emitter<TutorialState>();
  readonly #stirred = new Emitter<void>();
  #log: LogBuffer | null = null;
  #visit: Visit | null = null;
  #timer: Disposable | null = null;
  #looking: Promise<void> = Promise.resolve();
  #busy = false;
  #again = false;
  #visible = true;
  #disposed = false;
  #resetting = false;
  #showing: TutorialState['showing'] = null;
  #show: AbortController | null = null;
  /** Counts entries and resets; what was begun under an older number gives up. */
  #turn = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#tutorial = resolveTutorial(options.tutorial, options.seed);
    this.#clock = options.clock ?? hostClock;
    this.#catalogue = options.catalogue ?? english;
    this.#held.add(this.#changed);
    this.#held.add(this.#stirred);
    for (const { front } of this.#tutorial.steps) {
      const kept = options.progress?.tutorial === this.#tutorial.manifest.id ? options.progress.steps[front.id] : undefined;
      this.#states.set(front.id, kept !== undefined && isBehind(kept) ? kept : 'locked');
    }
    this.#unlock();
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
    await this.#enterFirst();
  }

  /** Enters a step that is ready, or one that was shown, to try it. */
  async enter(id: string): Promise<void> {
    const step = this.#step(id);
    moveStep(this.#stateOf(id), 'enter');
    const turn = this.#begin();
    const entry = await this.#options.facts.snapshot();
    await this.#log?.reach(entry.sequence);
    if (turn !== this.#turn) return;
    this.#leaveCurrent();
    this.#move(id, 'enter');
    this.#visit = openVisit(step, entry, this.#clock.now());
    this.#tell();
    await this.look();
  }

  /** Closes the step that was passed or shown and enters the next one that is ready; none is left when there is none. */
  async next(): Promise<void> {
    const visit = this.#requireVisit();
    const { id } = visit.step.front;
    this.#move(id, 'finish');
    this.#visit = null;
    const after = this.#tutorial.steps.slice(this.#tutorial.steps.indexOf(visit.step) + 1);
    const following = [...after, ...this.#tutorial.steps].find(({ front }) => this.#stateOf(front.id) === 'ready');
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
  look(): Promise<void> {
    this.#again = true;
    if (!this.#busy) this.#looking = this.#lookUntilQuiet();
    return this.#looking;
  }

  /** How predicates stand in the current step, from one look at the facts; without what is remembered of earlier ones. */
  async probe(predicates: readonly Predicate[]): Promise<readonly Outcome[]> {
    const scene = await this.#scene(this.#requireVisit());
    return Promise.all(predicates.map((predicate) => evaluate(predicate, scene, { memory: createMemory(), catalogue: this.#catalogue })));
  }

  /** Types the solution of the active step. Resolves to `interrupted` when the signal aborts or the step is left. */
  async showMe({ signal, reducedMotion = false }: { readonly signal?: AbortSignal; readonly reducedMotion?: boolean } = {}): Promise<
    'shown' | 'interrupted'
  > {
    const visit = this.#requireVisit();
    if (visit.over) throw new AppError('conflict', 'the step is over');
    if (this.#show !== null) throw new AppError('conflict', 'the solution is being shown already');
    const own = new AbortController();
    this.#show = own;
    const stop = (): void => own.abort();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) own.abort();
    try {
      await perform(visit.step.front.solution, this.stage(reducedMotion ? 0 : keyPause), own.signal);
      visit.shown = true;
      await this.look();
      return 'shown';
    } catch (error) {
      if (own.signal.aborted) return 'interrupted';
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      if (this.#show === own) this.#show = null;
      this.#showing = null;
      this.#tell();
    }
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
      onDirective: (directive, line) => {
        this.#showing = { line, caption: captionOf(directive) };
        this.#tell();
      },
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
      for (const id of this.#states.keys()) this.#states.set(id, 'locked');
      this.#unlock();
    } finally {
      this.#resetting = false;
      this.#tell();
    }
    await this.#enterFirst();
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
      steps: Object.fromEntries([...this.#states].filter(([, state]) => isBehind(state))),
    };
  }

  get state(): TutorialState {
    const { manifest, vars, steps } = this.#tutorial;
    return {
      manifest,
      vars,
      steps: steps.map((step) => viewOf(step, this.#stateOf(step.front.id))),
      current: this.#visit === null ? null : currentOf(this.#visit),
      showing: this.#showing,
      resetting: this.#resetting,
      finished: [...this.#states.values()].every(isBehind),
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
    this.#show?.abort();
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
    const first = this.#tutorial.steps.find(({ front }) => this.#stateOf(front.id) === 'ready');
    if (first !== undefined) await this.enter(first.front.id);
    else this.#tell();
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

  #stateOf(id: string): StepState {
    return this.#states.get(id) ?? 'locked';
  }

  #move(id: string, move: StepMove): void {
    this.#states.set(id, moveStep(this.#stateOf(id), move));
    this.#unlock();
  }

  #unlock(): void {
    for (const { front, needs } of this.#tutorial.steps) {
      if (this.#stateOf(front.id) === 'locked' && needs.every((id) => isBehind(this.#stateOf(id))))
        this.#states.set(front.id, moveStep('locked', 'unlock'));
    }
  }

  #leaveCurrent(): void {
    const id = this.#visit?.step.front.id;
    this.#visit = null;
    if (id === undefined) return;
    if (this.#stateOf(id) === 'active') this.#move(id, 'leave');
    else if (this.#stateOf(id) === 'passed') this.#move(id, 'finish');
  }

  #tell(): void {
    if (!this.#disposed) this.#changed.emit(this.state);
  }

  /** One look at a time; whoever asks during a look gets another one after it. */
  async #lookUntilQuiet(): Promise<void> {
    this.#busy = true;
    while (this.#again && !this.#disposed) {
      this.#again = false;
      const visit = this.#visit;
      if (visit !== null && !visit.over) await this.#lookOnce(visit);
    }
    this.#busy = false;
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
    const scene = await this.#scene(visit);
    const tools = { memory: visit.memory, catalogue: this.#catalogue };
    const { was, check, hints } = visit.step.front;
    if (was !== undefined && !visit.based) {
      const before = await evaluate(was, scene, tools, 'was');
      visit.based = before.ok;
      visit.problem = before.failing?.sentence ?? null;
    }
    const outcome = await evaluate(check, scene, tools, 'check');
    const hint = outcome.ok
      ? null
      : await chooseHint(
          hints,
          scene.now - visit.enteredAt,
          async (when, index) => (await evaluate(when, scene, tools, `hints.${index}`)).ok,
        );
    if (visit !== this.#visit || visit.over) return;
    visit.outcome = outcome;
    visit.hint = hint;
    if (outcome.ok && visit.based) this.#settle(visit);
  }

  #settle(visit: Visit): void {
    visit.over = true;
    this.#move(visit.step.front.id, visit.shown || this.#show !== null ? 'show' : 'pass');
  }

  #schedule(visit: Visit): void {
    const { check, hints, was } = visit.step.front;
    const polled =
      visit.failure !== null || [check, ...(was === undefined ? [] : [was]), ...hints.flatMap(({ when }) => when ?? [])].some(needsPolling);
    const waits = [
      visit.outcome?.wait ?? null,
      untilNextHint(hints, this.#clock.now() - visit.enteredAt),
      polled && this.#visible ? pollEvery : null,
    ].filter((wait) => wait !== null);
    if (waits.length > 0) this.#timer = this.#clock.after(Math.min(...waits), () => void this.look());
  }

  async #scene(visit: Visit): Promise<Scene> {
    const engine = await this.#options.facts.snapshot();
    await this.#log?.reach(engine.sequence);
    return {
      engine,
      entry: visit.entry,
      log: this.#log?.entries ?? [],
      horizon: visit.horizon,
      answer: visit.answer,
      guest: createGuestReader(this.#options.facts),
      now: this.#clock.now(),
    };
  }

  async #until(predicate: Predicate, signal: AbortSignal): Promise<void> {
    const visit = this.#requireVisit();
    const tools = { memory: createMemory(), catalogue: this.#catalogue };
    for (;;) {
      if (signal.aborted) throw new AppError('cancelled', 'the wait was cancelled');
      const stirred = nextStir(this.#stirred.event, this.#clock, signal);
      const { ok, wait } = await evaluate(predicate, await this.#scene(visit), tools);
      if (ok) return stirred.dispose();
      stirred.limit(wait ?? pollEvery);
      await stirred.promise;
    }
  }

  async #fact(fact: FactRef): Promise<string> {
    const reading = readFact(fact, await this.#options.facts.snapshot(), this.#log?.entries ?? []);
    if (reading === undefined) throw noSuchFact(fact);
    return readingText(reading);
  }
}
