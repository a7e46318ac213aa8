/** What of tutorials others than src/tutorial speak of. Their format is in src/tutorial/format. */

/**
 * Where a step stands: not open yet, open, being worked on, passed and still in view, only shown, done by the learner. What was shown stays shown until the
 * learner does it.
 */
export type StepState = 'locked' | 'ready' | 'active' | 'passed' | 'shown' | 'done';
/** What came of a step: nothing yet, the learner saw it done, or did it. */
export type StepOutcome = 'open' | 'shown' | 'done';

/** What a playground may have or lack. */
export const capabilities = [
  'engine',
  'volumes',
  'networks',
  'ports',
  'build',
  'registry',
  'compose',
  'kernel.userns',
  'gpu.sim',
  'runner.remote',
] as const;
export type Capability = (typeof capabilities)[number];

/** What is kept of a learner's way through a tutorial. */
export interface TutorialProgress {
  readonly tutorial: string;
  /** Of the tutorial it belongs to. */
  readonly version: number;
  /** Of the variables. */
  readonly seed: string;
  readonly steps: Readonly<Record<string, StepState>>;
}
