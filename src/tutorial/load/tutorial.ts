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

export interface SeedFile {
  /** Absolute, in the guest. */
  readonly path: string;
  readonly text: string;
}
