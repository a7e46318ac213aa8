import { expect, test } from 'vitest';
import { scanJson } from './json-syntax.ts';

test.each(['{"a":[1,-0.5e+3,true,false,null,"\\u00e9\\n"]}', '[]', '{}', ' "x" ', '0', '-1', '[[{}]]'])('%s is a value', (text) => {
  expect(scanJson(text)).toEqual({ end: text.trimEnd().length, error: '' });
});

test.each([
  ['{} ]', 2],
  ['{"a":1}{', 7],
  ['1 2', 1],
])('of %s the first value ends at %i', (text, end) => {
  expect(scanJson(text)).toEqual({ end, error: '' });
});

test('every text that is cut short is one, and what JSON.parse takes is never refused', () => {
  const whole = '{"a":[1.5e3,true,"\\u00e9x",{"b":null}],"c":-0}';
  for (let length = 0; length < whole.length; length += 1) expect(scanJson(whole.slice(0, length)).error).toBe('unexpected EOF');
  expect(scanJson(whole).end).toBe(whole.length);
});

test('a text of 100 000 brackets takes no stack', () => {
  expect(scanJson('['.repeat(100_000)).error).toBe('unexpected EOF');
});
