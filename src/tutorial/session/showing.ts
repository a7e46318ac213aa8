import { AppError } from '../../base/errors.ts';
import type { Clock } from '../clock.ts';
import type { AnswerOutcome, SessionOptions } from './options.ts';
import type { CheckLoop } from './check-loop.ts';
import type { Observer } from './observer.ts';
import type { DirectiveContext } from './perform.ts';
import { keyPause, ShowMe } from './show-me.ts';
import { ShownLines } from './shown-lines.ts';
import type { TutorialState } from './state.ts';
import { openVisit, type Visit } from './visit.ts';

interface Stage {
  readonly options: Pick<SessionOptions, 'terminal' | 'guest'>;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly checkLoop: CheckLoop;
  /** The stay that one is in. @throws AppError `conflict` for none */
  visit(): Visit;
  answer(text: string): Promise<AnswerOutcome>;
  onChange(): void;
}

/** What is shown in the learner's place: solutions that are typed, and what is left of one that was cut short. */
export class Showing {
  readonly #stage: Stage;
  readonly #showMe: ShowMe;
  readonly #lines: ShownLines;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#showMe = new ShowMe(() => stage.onChange());
    this.#lines = new ShownLines(() => stage.observer.engine());
  }

  get told(): TutorialState['showing'] {
    return this.#showMe.showing;
  }

  /** Whether what comes true now, of the step that one is in, was shown. */
  owns(id: string): boolean {
    return this.#showMe.active || this.began(id);
  }

  /** Whether there may be something in the guest that was shown of the step. */
  began(id: string): boolean {
    return this.#lines.has(id);
  }

  /**
   * Types the solution of the active step and waits until the check holds. Resolves to `interrupted` when the signal aborts or the step is left.
   * @throws AppError `conflict` when the solution was typed and the check does not hold
   */
  async show(reducedMotion: boolean, signal: AbortSignal | undefined): Promise<'shown' | 'interrupted'> {
    const visit = this.#stage.visit();
    const { id, solution } = visit.step.front;
    if (visit.over) throw new AppError('conflict', 'the step is over');
    const context = this.#lines.noting(id, this.context(reducedMotion ? 0 : keyPause));
    let shown = false;
    try {
      shown = await this.#showMe.run(solution, context, signal, (own) => this.#stage.checkLoop.untilOver(visit, own));
    } finally {
      if (shown) this.#lines.forget(id);
      else if (!this.#showMe.active) void this.#lines.cut(id);
    }
    return shown ? 'shown' : 'interrupted';
  }

  /** @param pause milliseconds a key */
  context(pause: number): DirectiveContext {
    const { options, clock, observer, checkLoop, visit, answer } = this.#stage;
    return {
      terminal: (index) => options.terminal(index),
      guest: options.guest,
      clock,
      keyPause: pause,
      until: async (predicate, signal) => checkLoop.until(visit(), predicate, signal),
      answer,
      fact: (fact) => observer.fact(fact),
      onDirective: (directive, line) => this.#showMe.told(directive, line),
    };
  }

  /**
   * The learner's own line: where what was shown in the step is over, the step begins anew with it.
   * @returns the stay in its place; null where there is none to be had
   */
  takenOver(visit: Visit): Visit | null {
    const { id } = visit.step.front;
    const after = this.#lines.after(id);
    if (after === null || visit.over || this.#showMe.active) return null;
    this.#lines.forget(id);
    const { observer } = this.#stage;
    const entry = { ...after, sequence: Math.max(after.sequence, observer.lastSequence) };
    return openVisit(visit.step, entry, visit.enteredAt, visit.outcome?.standing ?? null);
  }

  /** The step is entered: as far as what was shown in it is over, the entry leaves it behind. */
  entered(id: string): void {
    if (this.#lines.after(id) !== null) this.#lines.forget(id);
  }

  abort(): void {
    this.#showMe.abort();
  }

  /** Nothing was shown. */
  clear(): void {
    this.#showMe.abort();
    this.#lines.clear();
  }
}
