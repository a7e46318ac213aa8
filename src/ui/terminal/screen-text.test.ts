import { expect, test } from 'vitest';
import { textBetween, type LineBuffer } from './screen-text.ts';

function buffer(lines: readonly (readonly [text: string, wrapped: boolean])[]): LineBuffer {
  return {
    getLine(index) {
      const line = lines[index];
      if (line === undefined) return undefined;
      const [text, isWrapped] = line;
      return { isWrapped, translateToString: (trim) => (trim === true ? text.trimEnd() : text) };
    },
  };
}

test('the lines between are text, without the spaces that fill the rows and without empty lines at the end', () => {
  const screen = buffer([
    ['# ls   ', false],
    ['one    ', false],
    ['two    ', false],
    ['       ', false],
    ['#      ', false],
  ]);
  expect(textBetween(screen, 1, 4)).toBe('one\ntwo');
});

test('a line that was wrapped is one line again, its inner spaces kept', () => {
  const screen = buffer([
    ['a long ', false],
    ['line   ', true],
    ['next   ', false],
  ]);
  expect(textBetween(screen, 0, 3)).toBe('a long line\nnext');
});

test('rows that are not there are left out', () => {
  expect(textBetween(buffer([['one', false]]), 0, 5)).toBe('one');
});
