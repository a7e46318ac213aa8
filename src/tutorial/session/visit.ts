import type { StepOutcome, StepState } from '../../protocol/tutorial.ts';
import { createMemory, type Memory, type Outcome } from '../check/evaluate.ts';
import type { EngineSnapshot } from '../facts.ts';
import type { ShownHint } from './hints.ts';
import type { ResolvedStep } from './resolve-tutorial.ts';
import type { CurrentStep, StepView } from './state.ts';

/** One stay in a step. */
export interface Visit {
  readonly step: ResolvedStep;
  /** The engine and the log position when the step was entered. */
  readonly entry: EngineSnapshot;
  /** Milliseconds on the session's clock. */
  readonly enteredAt: number;
  readonly memory: Memory;
  /** Tried after show me: what the check held of at entry. That alone does not pass. */
  readonly leftover: string | null;
  /** What the step builds on was there at some time since it was entered. */
  based: boolean;
  over: boolean;
  begun: boolean;
  answer: string | null;
  outcome: Outcome | null;
  hint: ShownHint | null;
  problem: string | null;
  failure: string | null;
}

export function openVisit(step: ResolvedStep, entry: EngineSnapshot, enteredAt: number, leftover: string | null): Visit {
  const nothing = { answer: null, outcome: null, hint: null, problem: null, failure: null };
  return {
    step,
    entry,
    enteredAt,
    memory: createMemory(),
    leftover,
    based: step.front.was === undefined,
    over: false,
    begun: false,
    ...nothing,
  };
}

export function viewOf(
  { front, blocks }: ResolvedStep,
  standing: { readonly state: StepState; readonly outcome: StepOutcome; readonly waitsFor: readonly string[] },
): StepView {
  const { id, title, kind, question } = front;
  return { id, title, kind, ...standing, blocks, question: question ?? null };
}

export function currentOf({ step, outcome, hint, begun, problem, answer, failure }: Visit): CurrentStep {
  return {
    id: step.front.id,
    leaves: outcome?.leaves ?? [],
    sentence: outcome?.failing?.sentence ?? null,
    hint,
    begun,
    problem,
    answer,
    failure,
  };
}
