import type { StepOutcome, StepState } from '../../protocol/tutorial.ts';
import type { TutorialManifest } from '../format/manifest.ts';
import type { LeafOutcome } from '../check/evaluate.ts';
import type { Block } from '../load/prose.ts';
import type { Vars } from '../vars.ts';
import type { ShownHint } from './hints.ts';

/** All that a view of a tutorial shows. Never changed; `changed` brings the next one. */
export interface TutorialState {
  readonly manifest: TutorialManifest;
  readonly vars: Vars;
  readonly steps: readonly StepView[];
  /** The step that the learner is in: active, or passed or shown and not yet left. */
  readonly current: CurrentStep | null;
  /** What show me is doing. */
  readonly showing: { readonly line: number; readonly caption: string } | null;
  readonly resetting: boolean;
  /** The step whose beginning is being put there. */
  readonly preparing: string | null;
  /** Every step was done or shown. */
  readonly finished: boolean;
}

export interface StepView {
  readonly id: string;
  readonly title: string;
  readonly kind: 'do' | 'look' | 'answer' | 'fix';
  readonly state: StepState;
  readonly outcome: StepOutcome;
  /** Titles of the steps that a locked one waits for. */
  readonly waitsFor: readonly string[];
  readonly blocks: readonly Block[];
  readonly question: { readonly label: string; readonly placeholder?: string | undefined } | null;
}

export interface CurrentStep {
  readonly id: string;
  /** The leaves of the check as they are now; those of the moment of passing once it is passed. */
  readonly leaves: readonly LeafOutcome[];
  /** What is missing first; null when nothing is, or before the first look. */
  readonly sentence: string | null;
  readonly hint: ShownHint | null;
  /** Whether the learner did anything since the step was entered; before it no hint is pushed forward. */
  readonly begun: boolean;
  /** Why the step cannot be done as things are: something it builds on is not there. */
  readonly problem: string | null;
  readonly answer: string | null;
  /** Why the last look at the facts failed, e.g. while the guest starts anew. */
  readonly failure: string | null;
}
