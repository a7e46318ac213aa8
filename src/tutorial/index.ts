import type { SessionOptions } from './session/options.ts';
import { TutorialSession } from './session/session.ts';

export { factsOf, type GuestActions, type FactSource } from './facts.ts';
export { hostClock, type Clock } from './clock.ts';
export type { LeafOutcome } from './check/evaluate.ts';
export type { Directive } from './format/directive.ts';
export { inspectCheck, type InspectedLeaf, type Look } from './check/inspect.ts';
export type { Block } from './load/prose.ts';
export type { BrokenTutorial, Tutorial, TutorialSummary } from './load/tutorial.ts';
export { perform } from './session/perform.ts';
export { resolveTutorial, type ResolvedStep } from './session/resolve-tutorial.ts';
export { TutorialSession } from './session/session.ts';
export type { CurrentStep, StepView, TutorialState } from './session/state.ts';
export type { TutorialTerminal } from './session/terminal.ts';

/** A session that is not started yet. */
export const openTutorial = (options: SessionOptions): TutorialSession => new TutorialSession(options);
