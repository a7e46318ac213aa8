import { expect, test } from 'vitest';
import type { CurrentStep } from '../../tutorial/index.ts';
import { statusOf } from './step-status.ts';

const current: CurrentStep = {
  id: 'two',
  leaves: [],
  sentence: 'There is no container web.',
  hint: null,
  begun: true,
  problem: null,
  answer: null,
  failure: null,
};
const view = { current, showing: null, preparing: null };
const of = (id: string, state: 'locked' | 'ready' | 'active' | 'passed' | 'shown' | 'done') => ({ id, state, waitsFor: ['Two'] });
const rest = { problem: '', ready: true, stopped: false };

test('the step one is in says what is missing first, or why it cannot be done', () => {
  expect(statusOf({ view, step: of('two', 'active'), ...rest })).toBe('There is no container web.');
  expect(statusOf({ view: { ...view, current: { ...current, problem: 'It is gone.' } }, step: of('two', 'active'), ...rest })).toBe(
    'It is gone.',
  );
});

test('while show me types in one step, another one that is read says its own', () => {
  const showing = { ...view, showing: { line: 0, caption: 'It starts.' } };
  expect(statusOf({ view: showing, step: of('two', 'active'), ...rest })).toBe('It starts.');
  expect(statusOf({ view: showing, step: of('one', 'done'), ...rest })).toBe('You did this step.');
  expect(statusOf({ view: showing, step: of('three', 'locked'), ...rest })).toBe('Opens after “Two”.');
});

test('only the step that is being set up says so', () => {
  const preparing = { current: null, showing: null, preparing: 'two' };
  expect(statusOf({ view: preparing, step: of('two', 'ready'), ...rest })).toBe('What this step begins with is being set up');
  expect(statusOf({ view: preparing, step: of('four', 'ready'), ...rest })).toBe('This step is open. You have not begun it.');
  expect(statusOf({ view: preparing, step: of('one', 'done'), ...rest })).toBe('You did this step.');
});

test('without a machine every step says that', () => {
  expect(statusOf({ view, step: of('one', 'done'), problem: '', ready: false, stopped: true })).toBe('The machine has stopped.');
});
