import { expect, test } from 'vitest';
import { Shortcuts } from './shortcuts.ts';

const key = (
  code: string,
  held: { ctrlKey?: boolean; shiftKey?: boolean; altKey?: boolean; repeat?: boolean; timeStamp?: number } = {},
) => ({
  type: 'keydown',
  code,
  ctrlKey: false,
  shiftKey: false,
  altKey: false,
  metaKey: false,
  repeat: false,
  timeStamp: 0,
  ...held,
});

test.each([
  [key('KeyC', { ctrlKey: true, shiftKey: true }), 'copy'],
  [key('KeyV', { ctrlKey: true, shiftKey: true }), 'browser'],
  [key('KeyF', { ctrlKey: true, shiftKey: true }), 'search'],
  [key('ArrowLeft', { ctrlKey: true, altKey: true }), 'previous-tab'],
  [key('ArrowRight', { ctrlKey: true, altKey: true }), 'next-tab'],
  [key('KeyC', { ctrlKey: true }), null],
  [key('KeyF', { shiftKey: true }), null],
  [key('Tab'), null],
  [{ ...key('KeyC', { ctrlKey: true, shiftKey: true }), metaKey: true }, null],
  [{ ...key('KeyC', { ctrlKey: true, shiftKey: true }), type: 'keyup' }, null],
])('%j is %s', (event, command) => {
  expect(new Shortcuts().commandOf(event)).toBe(command);
});

test('Escape leaves when it is pressed twice within half a second, held down it does not', () => {
  const shortcuts = new Shortcuts();
  const escape = (timeStamp: number, repeat = false) => shortcuts.commandOf(key('Escape', { timeStamp, repeat }));
  expect([escape(1000), escape(1400), escape(1500), escape(2500), escape(2600, true), escape(2900)]).toEqual([
    null,
    'leave',
    null,
    null,
    null,
    'leave',
  ]);
});
