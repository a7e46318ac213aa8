import { expect, test } from 'vitest';
import type { StepState } from '../../protocol/tutorial.ts';
import { moveStep, type StepMove } from './move-step.ts';

const states: readonly StepState[] = ['locked', 'ready', 'active', 'passed', 'shown', 'done'];
const moves: readonly StepMove[] = ['unlock', 'enter', 'leave', 'give up', 'pass', 'show', 'finish'];
const legal: Readonly<Record<string, StepState>> = {
  'locked unlock': 'ready',
  'ready enter': 'active',
  'active leave': 'ready',
  'active pass': 'passed',
  'active show': 'shown',
  'passed finish': 'done',
  'active give up': 'shown',
  'shown enter': 'active',
};

const targets: Readonly<Record<StepMove, StepState>> = {
  unlock: 'ready',
  enter: 'active',
  leave: 'ready',
  'give up': 'shown',
  pass: 'passed',
  show: 'shown',
  finish: 'done',
};

test.each(states.flatMap((from) => moves.map((move) => [from, move] as const)))('a step that is %s: %s', (from, move) => {
  const to = legal[`${from} ${move}`];
  if (to !== undefined) return expect(moveStep(from, move)).toBe(to);
  expect(() => moveStep(from, move)).toThrow(expect.objectContaining({ kind: 'conflict', detail: { from, to: targets[move] } }));
});
