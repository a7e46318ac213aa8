import { AppError } from '../../base/errors.ts';
import type { StepOutcome, StepState } from '../../protocol/tutorial.ts';

export type StepMove = 'unlock' | 'enter' | 'leave' | 'give up' | 'pass' | 'show' | 'finish';

/** Passing is terminal: what was passed only gets done. What was shown can be tried; given up, it is shown as before. */
const moves: Readonly<Record<StepMove, { readonly from: readonly StepState[]; readonly to: StepState }>> = {
  unlock: { from: ['locked'], to: 'ready' },
  enter: { from: ['ready', 'shown'], to: 'active' },
  leave: { from: ['active'], to: 'ready' },
  'give up': { from: ['active'], to: 'shown' },
  pass: { from: ['active'], to: 'passed' },
  show: { from: ['active'], to: 'shown' },
  finish: { from: ['passed'], to: 'done' },
};

/** @throws AppError `conflict` with `from` and `to` in its detail */
export function moveStep(from: StepState, move: StepMove): StepState {
  const { from: allowed, to } = moves[move];
  if (!allowed.includes(from)) throw new AppError('conflict', `a step that is ${from} cannot become ${to}`, { detail: { from, to } });
  return to;
}

/** Whether a step that needs this one may be entered. */
export const isBehind = (state: StepState): boolean => state === 'passed' || state === 'shown' || state === 'done';

export function outcomeOf(state: StepState): StepOutcome {
  if (state === 'shown') return 'shown';
  return state === 'passed' || state === 'done' ? 'done' : 'open';
}
