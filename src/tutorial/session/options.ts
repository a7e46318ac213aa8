import type { TutorialProgress } from '../../protocol/tutorial.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../clock.ts';
import type { GuestActions, FactSource } from '../facts.ts';
import type { Tutorial } from '../load/tutorial.ts';
import type { TutorialTerminal } from './terminal.ts';

export interface SessionOptions {
  readonly tutorial: Tutorial;
  readonly facts: FactSource;
  readonly guest: GuestActions;
  /** The learner's terminals, from 1 on. */
  terminal(index: number): TutorialTerminal;
  /** Of the variables: the same seed, the same values. */
  readonly seed: string;
  /** What `progress()` gave earlier. Steps that were passed, shown or done stay so. */
  readonly progress?: TutorialProgress;
  readonly clock?: Clock;
  readonly catalogue?: Catalogue;
}

export interface AnswerOutcome {
  readonly ok: boolean;
  readonly sentence: string;
}
