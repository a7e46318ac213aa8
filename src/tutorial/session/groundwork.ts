import { AppError, toAppError } from '../../base/errors.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { GuestActions } from '../facts.ts';
import type { Observer } from './observer.ts';
import type { Preparation } from './preparation.ts';
import type { ResolvedStep } from './resolve-tutorial.ts';

interface Ground {
  readonly preparation: Preparation;
  readonly observer: Observer;
  readonly guest: Pick<GuestActions, 'reset'>;
  readonly catalogue: Catalogue;
  onChange(): void;
}

/** The guest being brought to where a step, or the whole tutorial, begins; and that it is under way. */
export class Groundwork {
  readonly #ground: Ground;
  #busy: { readonly step: string | null } | null = null;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  get resetting(): boolean {
    return this.#busy !== null && this.#busy.step === null;
  }

  /** The step that is prepared. */
  get preparing(): string | null {
    return this.#busy?.step ?? null;
  }

  /**
   * Has what a step begins with there.
   * @param isWanted whether nothing else was chosen meanwhile
   * @returns whether the step may be entered now
   * @throws AppError of what failed, in words for the learner
   */
  async prepare(step: ResolvedStep, isWanted: () => boolean): Promise<boolean> {
    const { preparation, observer, catalogue } = this.#ground;
    if (preparation.isReadyFor(step)) return true;
    try {
      await this.#during(step.front.id, () => observer.unseen(() => preparation.prepare(step)));
    } catch (error) {
      if (!isWanted()) return false;
      const { kind, message, detail } = toAppError(error);
      throw new AppError(kind, catalogue.unprepared(message), { cause: error, detail });
    }
    return isWanted();
  }

  /** An empty guest. @param onReset called with the log's last sequence, while it still counts as resetting */
  async reset(onReset: (sequence: number) => void): Promise<void> {
    const { preparation, guest } = this.#ground;
    await this.#during(null, async () => {
      const sequence = await guest.reset();
      preparation.clear();
      onReset(sequence);
    });
  }

  /** @param step that is prepared; null: all is reset */
  async #during(step: string | null, act: () => Promise<void>): Promise<void> {
    const { onChange } = this.#ground;
    const busy = { step };
    this.#busy = busy;
    onChange();
    try {
      await act();
    } finally {
      if (this.#busy === busy) this.#busy = null;
      onChange();
    }
  }
}
