import type { StepState, TutorialProgress } from '../../protocol/tutorial.ts';
import { isBehind, moveStep, type StepMove } from './move-step.ts';
import type { ResolvedStep } from './resolve-tutorial.ts';

/** How far each step is. A step opens when all that it needs are behind. */
export class StepStates {
  readonly #steps: readonly ResolvedStep[];
  readonly #states = new Map<string, StepState>();

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
    this.#states.set(id, moveStep(this.of(id), move));
    this.#unlock();
  }

  restart(kept: TutorialProgress['steps'] = {}): void {
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
    return Object.fromEntries([...this.#states].filter(([, state]) => isBehind(state)));
  }

  get allBehind(): boolean {
    return [...this.#states.values()].every(isBehind);
  }

  #unlock(): void {
    for (const { front, needs } of this.#steps) {
      if (this.of(front.id) === 'locked' && needs.every((id) => isBehind(this.of(id))))
        this.#states.set(front.id, moveStep('locked', 'unlock'));
    }
  }
}
