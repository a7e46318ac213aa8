import { expect, test } from 'vitest';
import { cleanFromRoot, cleanPath } from './clean-path.ts';

/** As Go's path.Clean says of them. */
test.each([
  ['', '.'],
  ['.', '.'],
  ['a/./b//c/', 'a/b/c'],
  ['a/../..', '..'],
  ['../../a/..', '../..'],
  ['/', '/'],
  ['/../a', '/a'],
  ['//a/b/../..//', '/'],
])('%j is cleaned to %j', (path, clean) => {
  expect(cleanPath(path)).toBe(clean);
});

test('from the root on, nothing leads out', () => {
  expect(['', 'a', '/a', '../a', 'a/../../b/'].map(cleanFromRoot)).toEqual(['/', '/a', '/a', '/a', '/b']);
});
