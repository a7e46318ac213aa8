import type { Predicate } from '../../protocol/tutorial-check.ts';
import type { StepFrontMatter, TutorialManifest } from '../../protocol/tutorial.ts';

/** A tutorial as its folder has it, checked; `${NAME}` still stands in it. */
export interface Tutorial {
  readonly manifest: TutorialManifest;
  readonly steps: readonly TutorialStep[];
  /** Files for the guest, below /lab. */
  readonly seed: readonly SeedFile[];
}

export interface TutorialStep {
  readonly file: string;
  readonly front: StepFrontMatter;
  /** Ids of the steps it needs, the default put in. */
  readonly needs: readonly string[];
  /** Markdown. */
  readonly prose: string;
}

/** What a step is judged by. */
export function predicatesOf({ check, was, hints }: StepFrontMatter): readonly Predicate[] {
  return [check, was, ...hints.map(({ when }) => when)].filter((predicate) => predicate !== undefined);
}

export interface SeedFile {
  /** Absolute, in the guest. */
  readonly path: string;
  readonly text: string;
}
