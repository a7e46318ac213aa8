import { expect, test } from 'vitest';
import { bytesOf, withControl } from './keys.ts';

test('arrows are those of the mode that the program asked for', () => {
  expect([bytesOf('up', false, false), bytesOf('up', true, false), bytesOf('left', true, true)]).toEqual(['\x1b[A', '\x1bOA', '\x1b[1;5D']);
});

test.each([
  ['c', '\x03'],
  ['C', '\x03'],
  ['[', '\x1b'],
  [' ', '\0'],
  ['?', '\x7f'],
  ['1', null],
  ['ab', null],
  ['ä', null],
])('Ctrl and %j is %j', (text, wanted) => {
  expect(withControl(text)).toBe(wanted);
});
