import { utf8 } from '../../base/bytes.ts';
import type { Bench, FactSource } from '../facts.ts';
import type { ResolvedStep, ResolvedTutorial } from './resolve-tutorial.ts';
import { carryOut, wholeSetup } from './setup.ts';

/** What is there before the learner begins: the seed and the setup of the tutorial, once, and that of each step at every entry. */
export class Ground {
  readonly #tutorial: ResolvedTutorial;
  readonly #facts: FactSource;
  readonly #bench: Bench;
  #laid = false;

  constructor(tutorial: ResolvedTutorial, facts: FactSource, bench: Bench) {
    this.#tutorial = tutorial;
    this.#facts = facts;
    this.#bench = bench;
    this.clear();
  }

  /** Whether nothing is to be done before the step is entered. */
  isReadyFor({ front }: ResolvedStep): boolean {
    return this.#laid && front.setup.length === 0;
  }

  /** @throws AppError `unavailable` with what the engine said; what was done stays, and may be asked for again */
  async prepare({ front }: ResolvedStep): Promise<void> {
    const ground = { facts: this.#facts, bench: this.#bench };
    const { files, manifest } = this.#tutorial;
    if (!this.#laid) {
      if (files.length > 0) await this.#bench.writeFiles(files.map(({ path, text }) => ({ path, bytes: utf8(text), mode: 0o644 })));
      await carryOut(wholeSetup(manifest.setup), ground, manifest.id);
      this.#laid = true;
    }
    await carryOut(wholeSetup(front.setup, manifest.setup), ground, front.id);
  }

  /** The guest was reset: nothing is there any more. */
  clear(): void {
    this.#laid = this.#tutorial.files.length === 0 && this.#tutorial.manifest.setup.length === 0;
  }
}
