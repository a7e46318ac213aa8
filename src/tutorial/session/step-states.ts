import type { StepOutcome, StepState, TutorialProgress } from '../../protocol/tutorial.ts';
import { isBehind, moveStep, outcomeOf, type StepMove } from './move-step.ts';
import type { ResolvedStep } from './resolve-tutorial.ts';

/** How far each step is. A step opens when all that it needs are behind. */
export class StepStates {
  readonly #steps: readonly ResolvedStep[];
  readonly #states = new Map<string, StepState>();
  /** What was shown and is being tried. */
  readonly #tried = new Set<string>();

  /** @param kept states of an earlier session, of which only what is behind counts */
  constructor(steps: readonly ResolvedStep[], kept: TutorialProgress['steps']) {
    this.#steps = steps;
    this.restart(kept);
  }

  of(id: string): StepState {
    return this.#states.get(id) ?? 'locked';
  }

  /** @throws AppError `conflict` when the step machine has no such move */
  move(id: string, move: StepMove): void {
    const before = this.of(id);
    this.#states.set(id, moveStep(before, move));
    if (move !== 'enter') this.#tried.delete(id);
    else if (before === 'shown') this.#tried.add(id);
    this.#unlock();
  }

  /** The learner goes elsewhere: what was passed is done, what was only begun is as before. */
  leave(id: string): void {
    if (this.of(id) === 'passed') this.move(id, 'finish');
    else if (this.of(id) === 'active') this.move(id, this.#tried.has(id) ? 'give up' : 'leave');
  }

  /** A step that is being tried after it was shown is shown until it passes. */
  outcomeOf(id: string): StepOutcome {
    return this.#tried.has(id) ? 'shown' : outcomeOf(this.of(id));
  }

  standingOf({ front, needs }: ResolvedStep): {
    readonly state: StepState;
    readonly outcome: StepOutcome;
    readonly waitsFor: readonly string[];
  } {
    const waitsFor = this.#steps
      .filter(({ front: { id } }) => needs.includes(id) && this.outcomeOf(id) === 'open')
      .map((step) => step.front.title);
    return { state: this.of(front.id), outcome: this.outcomeOf(front.id), waitsFor };
  }

  restart(kept: TutorialProgress['steps'] = {}): void {
    this.#tried.clear();
    for (const { front } of this.#steps) {
      const state = kept[front.id];
      this.#states.set(front.id, state !== undefined && isBehind(state) ? state : 'locked');
    }
    this.#unlock();
  }

  /** The first step that is ready, from `after` on and then from the beginning. */
  nextReady(after?: ResolvedStep): ResolvedStep | undefined {
    const following = after === undefined ? [] : this.#steps.slice(this.#steps.indexOf(after) + 1);
    return [...following, ...this.#steps].find(({ front }) => this.of(front.id) === 'ready');
  }

  get behind(): TutorialProgress['steps'] {
    const kept = [...this.#states].map(([id, state]) => [id, this.#tried.has(id) ? 'shown' : state] as const);
    return Object.fromEntries(kept.filter(([, state]) => isBehind(state)));
  }

  get allBehind(): boolean {
    return [...this.#states.keys()].every((id) => this.outcomeOf(id) !== 'open');
  }

  #unlock(): void {
    for (const { front, needs } of this.#steps) {
      if (this.of(front.id) === 'locked' && needs.every((id) => this.outcomeOf(id) !== 'open'))
        this.#states.set(front.id, moveStep('locked', 'unlock'));
    }
  }
}
