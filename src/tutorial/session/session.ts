import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { AppError } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/events.ts';
import type { TutorialProgress } from '../../protocol/tutorial.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { english } from '../catalogue/en.ts';
import { asksForExecs, type Outcome } from '../check/evaluate.ts';
import type { Look } from '../check/inspect.ts';
import type { Observation } from '../check/observation.ts';
import { hostClock, type Clock } from '../clock.ts';
import { predicatesOf } from '../load/tutorial.ts';
import type { Predicate } from '../predicates/registry.ts';
import { giveAnswer } from './answering.ts';
import { Groundwork } from './groundwork.ts';
import { Preparation } from './preparation.ts';
import { standingOf } from './judge.ts';
import { CheckLoop } from './check-loop.ts';
import { moveStep } from './move-step.ts';
import type { AnswerOutcome, SessionOptions } from './options.ts';
import type { DirectiveContext } from './perform.ts';
import { resolveTutorial, type ResolvedStep, type ResolvedTutorial } from './resolve-tutorial.ts';
import { Observer } from './observer.ts';
import { Showing } from './showing.ts';
import type { TutorialState } from './state.ts';
import { StepStates } from './step-states.ts';
import { currentOf, openVisit, viewOf, type Visit } from './visit.ts';

/** A learner's way through one tutorial: which step is entered, left, over. Calls that change the step reject with `conflict` when the step machine has no such move. */
export class TutorialSession implements Disposable {
  readonly #tutorial: ResolvedTutorial;
  readonly #clock: Clock;
  readonly #catalogue: Catalogue;
  readonly #states: StepStates;
  readonly #observer: Observer;
  readonly #groundwork: Groundwork;
  readonly #checkLoop: CheckLoop;
  readonly #showing: Showing;
  readonly #held = new DisposableStore();
  readonly #changed = this.#held.add(new Emitter<TutorialState>());
  readonly #looked = this.#held.add(new Emitter<Look>());
  /** Each look that did not fail, for who writes the tutorial. */
  readonly looked = this.#looked.event;
  #visit: Visit | null = null;
  /** Counts entries and resets; what was begun under an older number gives up. */
  #turn = 0;

  constructor(options: SessionOptions) {
    const { clock = hostClock, catalogue = english, progress, facts, guest, seed } = options;
    this.#tutorial = resolveTutorial(options.tutorial, seed);
    this.#clock = clock;
    this.#catalogue = catalogue;
    this.#states = new StepStates(this.#tutorial.steps, progress?.tutorial === this.#tutorial.manifest.id ? progress.steps : {});
    this.#observer = this.#held.add(new Observer(facts, clock));
    this.#checkLoop = this.#held.add(
      new CheckLoop({
        observer: this.#observer,
        clock,
        catalogue,
        visit: () => this.#visit,
        needed: ({ step }) => this.#tutorial.steps.filter(({ front }) => step.needs.includes(front.id)).map(({ front }) => front.title),
        onHolds: (visit) => this.#settle(visit),
        onLook: (visit, observation) => this.#onLook(visit, observation),
      }),
    );
    const onChange = (): void => this.#tell();
    const preparation = new Preparation(this.#tutorial, facts, guest);
    this.#groundwork = new Groundwork({ preparation, observer: this.#observer, guest, catalogue, onChange });
    this.#showing = new Showing({
      options,
      clock,
      observer: this.#observer,
      checkLoop: this.#checkLoop,
      visit: () => this.#requireVisit(),
      answer: (text) => this.answer(text),
      onChange,
    });
  }

  get changed(): Event<TutorialState> {
    return this.#changed.event;
  }

  /** Has what the tutorial begins with there and enters the first step that is open. Once; when that fails, `enter` tries again. */
  async start(): Promise<void> {
    const execs = this.#tutorial.steps.some(({ front }) => predicatesOf(front).some(asksForExecs));
    await this.#observer.open(execs, this.#checkLoop.stir);
    if (this.#observer.closed) throw new AppError('cancelled', 'the tutorial was closed');
    await this.#enterFirst();
  }

  /**
   * Enters a step that is ready, or one that was shown, to try it, once what it begins with is there.
   * @throws AppError of what failed of that, in words for the learner; the step is as before
   */
  async enter(id: string): Promise<void> {
    const step = this.#step(id);
    const tried = this.#states.of(id) === 'shown' || this.#showing.began(id);
    moveStep(this.#states.of(id), 'enter');
    const turn = this.#begin();
    if (!(await this.#groundwork.prepare(step, () => turn === this.#turn))) return;
    this.#showing.entered(id);
    const entry = await this.#observer.engine();
    const leftover = tried ? await standingOf(step, this.#observer.at(entry, entry, null), this.#catalogue) : null;
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
    return giveAnswer(this.#requireVisit(), text, () => this.look());
  }

  /** Looks at the facts now and resolves when what was found is told. Never rejects: a failed look is told as `failure`. */
  look(): Promise<void> {
    return this.#checkLoop.look();
  }

  /** How predicates stand in the current step, from one look at the facts; without what is remembered of earlier ones. */
  async probe(predicates: readonly Predicate[]): Promise<readonly Outcome[]> {
    return this.#checkLoop.probe(this.#requireVisit(), predicates);
  }

  /**
   * Types the solution of the active step and waits until the check holds. Resolves to `interrupted` when the signal aborts or the step is left:
   * what then comes of what was typed is shown as well, until the learner enters a line of his own.
   * @throws AppError `conflict` when the solution was typed and the check does not hold
   */
  showMe({ signal, reducedMotion = false }: { readonly signal?: AbortSignal; readonly reducedMotion?: boolean } = {}): Promise<
    'shown' | 'interrupted'
  > {
    return this.#showing.show(reducedMotion, signal);
  }

  /** What directives act on in the current step. @param pause milliseconds a key */
  directiveContext(pause: number): DirectiveContext {
    return this.#showing.context(pause);
  }

  /** The guest, what the tutorial begins with and the steps as at the start. */
  async reset(): Promise<void> {
    const turn = this.#begin();
    this.#visit = null;
    this.#showing.clear();
    await this.#groundwork.reset((sequence) => {
      if (turn !== this.#turn) return;
      this.#observer.restart(sequence);
      this.#states.restart();
    });
    if (turn === this.#turn) await this.#enterFirst();
  }

  /** The learner typed: what is done in a shell alone leaves nothing in the log. */
  touch(): void {
    if (this.#visit !== null) this.#visit.begun = true;
  }

  /** The learner enters a line: call it before the line is on its way. */
  lineEntered(): void {
    this.touch();
    const anew = this.#visit === null ? null : this.#showing.takenOver(this.#visit);
    if (anew === null) return;
    this.#visit = { ...anew, begun: true };
    void this.look();
  }

  /** Kernel and file facts are asked for regularly only while the learner sees the page. */
  setVisible(visible: boolean): void {
    this.#checkLoop.setVisible(visible);
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
      showing: this.#showing.told,
      resetting: this.#groundwork.resetting,
      preparing: this.#groundwork.preparing,
      finished: this.#states.allBehind,
    };
  }

  dispose(): void {
    this.#begin();
    this.#visit = null;
    this.#showing.clear();
    this.#held.dispose();
  }

  /** Ends what belongs to the stay in a step: show me and timers. */
  #begin(): number {
    this.#showing.abort();
    this.#checkLoop.rest();
    this.#turn += 1;
    return this.#turn;
  }

  async #enterFirst(): Promise<void> {
    const first = this.#states.nextReady();
    if (first !== undefined) await this.enter(first.front.id);
    else this.#tell();
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

  #settle(visit: Visit): void {
    const { id } = visit.step.front;
    visit.over = true;
    this.#states.move(id, this.#showing.owns(id) ? 'show' : 'pass');
  }

  #onLook({ step, outcome }: Visit, observation: Observation | null): void {
    this.#tell();
    if (observation === null) return;
    const checkOf = (id: string): Predicate | null => this.#tutorial.steps.find(({ front }) => front.id === id)?.front.check ?? null;
    this.#looked.emit({ step: step.front.id, observation, leaves: outcome?.leaves ?? [], checkOf });
  }

  #tell(): void {
    this.#changed.emit(this.state);
  }
}
