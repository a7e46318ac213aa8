import { utf8 } from '../../base/bytes.ts';
import type { GuestActions, FactSource } from '../facts.ts';
import type { ResolvedStep, ResolvedTutorial } from './resolve-tutorial.ts';
import { carryOut, wholeSetup } from './setup.ts';

/** What is there before the learner begins: the seed and the setup of the tutorial, once, and that of each step at every entry. */
export class Preparation {
  readonly #tutorial: ResolvedTutorial;
  readonly #facts: FactSource;
  readonly #guest: GuestActions;
  #laid = false;

  constructor(tutorial: ResolvedTutorial, facts: FactSource, guest: GuestActions) {
    this.#tutorial = tutorial;
    this.#facts = facts;
    this.#guest = guest;
    this.clear();
  }

  /** Whether nothing is to be done before the step is entered. */
  isReadyFor({ front }: ResolvedStep): boolean {
    return this.#laid && front.setup.length === 0;
  }

  /** @throws AppError `unavailable` with what the engine said; what was done stays, and may be asked for again */
  async prepare({ front }: ResolvedStep): Promise<void> {
    const context = { facts: this.#facts, guest: this.#guest };
    const { files, manifest } = this.#tutorial;
    if (!this.#laid) {
      if (files.length > 0) await this.#guest.writeFiles(files.map(({ path, text }) => ({ path, bytes: utf8(text), mode: 0o644 })));
      await carryOut(wholeSetup(manifest.setup), context, manifest.id);
      this.#laid = true;
    }
    await carryOut(wholeSetup(front.setup, manifest.setup), context, front.id);
  }

  /** The guest was reset: nothing is there any more. */
  clear(): void {
    this.#laid = this.#tutorial.files.length === 0 && this.#tutorial.manifest.setup.length === 0;
  }
}
