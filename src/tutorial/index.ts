import { TutorialSession, type SessionOptions } from './session/session.ts';

export type { Bench, EngineSnapshot, FactSource } from './facts.ts';
export { hostClock, type Clock } from './clock.ts';
export type { Catalogue, Words } from './catalogue/catalogue.ts';
export { english } from './catalogue/en.ts';
export type { LeafOutcome, Outcome } from './check/evaluate.ts';
export { loadTutorial, loadTutorials, type TutorialFiles } from './load/load-tutorial.ts';
export type { Block } from './load/prose.ts';
export type { SeedFile, Tutorial, TutorialStep } from './load/tutorial.ts';
export type { ShownHint } from './session/hints.ts';
export { perform, type Stage } from './session/perform.ts';
export { resolveTutorial, type ResolvedStep, type ResolvedTutorial } from './session/resolve-tutorial.ts';
export type { AnswerOutcome, SessionOptions } from './session/session.ts';
export { TutorialSession } from './session/session.ts';
export type { CurrentStep, StepView, TutorialState } from './session/state.ts';
export type { TutorialTerminal } from './session/terminal.ts';

/** A session that is not started yet. */
export const openTutorial = (options: SessionOptions): TutorialSession => new TutorialSession(options);
