import { AppError } from '../../base/errors.ts';
import type { StepState } from '../../protocol/tutorial.ts';

export type StepMove = 'unlock' | 'enter' | 'leave' | 'pass' | 'show' | 'finish';

/** Passing is terminal: what was passed only gets done. What was shown can be tried. */
const moves: Readonly<Record<StepState, Readonly<Partial<Record<StepMove, StepState>>>>> = {
  locked: { unlock: 'ready' },
  ready: { enter: 'active' },
  active: { leave: 'ready', pass: 'passed', show: 'shown' },
  passed: { finish: 'done' },
  shown: { enter: 'active', finish: 'done' },
  done: {},
};

/** @throws AppError `conflict` with `from` and `to` in its detail */
export function moveStep(from: StepState, move: StepMove): StepState {
  const to = moves[from][move];
  if (to === undefined) throw new AppError('conflict', `a step that is ${from} cannot ${move}`, { detail: { from, to: move } });
  return to;
}

/** Whether a step that needs this one may be entered. */
export const isBehind = (state: StepState): boolean => state === 'passed' || state === 'shown' || state === 'done';
