import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseGlob } from './glob.ts';
import { Steps } from './steps.ts';
import { expectNearLinear, growingTexts } from './testing/growth.ts';

// Of Go's own table, path/match_test.go.
test.each<[string, string, boolean]>([
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*/b', 'a/c/b', false],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[^b-d]', 'abc', false],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[a-ζ]*', 'α', true],
  ['a?b', 'a/b', false],
  ['[\\]a]', ']', true],
  ['[\\-x]', '-', true],
  ['*x', 'xxx', true],
  ['bus[z-a]ybox', 'busybox', false],
  ['', 'busybox', false],
  ['', '', true],
  ['*[^x]*c', 'q/c', false],
])('%s over %s is %s', (pattern, name, result) => {
  expect(parseGlob(pattern).matches(name)).toBe(result);
});

test.each(['[', 'a\\', 'bus[a-z', 'bus[]a]ybox', 'bus[-z]ybox', 'bus[^]ybox', '[a-', '[x-]', 'zzz['])('%s is no pattern', (pattern) => {
  expect(() => parseGlob(pattern)).toThrow('syntax error in pattern');
});

/** Every way to read the stars, one after the other: right, and slow. */
function tryAll(pattern: string, name: string): boolean {
  const [first = '', rest] = [pattern[0], pattern.slice(1)];
  if (first === '') return name === '';
  if (first === '*') return tryAll(rest, name) || (name !== '' && tryAll(pattern, name.slice(1)));
  return name !== '' && (first === '?' || first === name[0]) && tryAll(rest, name.slice(1));
}

test('stars, question marks and text match what trying every way matches', () => {
  const text = (characters: string): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...characters), maxLength: 12 });
  fc.assert(
    fc.property(text('ab*?'), text('ab'), (pattern, name) => {
      expect(parseGlob(pattern).matches(name)).toBe(tryAll(pattern, name));
    }),
    { numRuns: 500 },
  );
});

test('six stars over a long name take steps in proportion to its length', async () => {
  const glob = parseGlob('*a*a*a*a*a*a');
  const steps = new Steps();
  expect(glob.matches(`${'a'.repeat(30_000)}b`, steps)).toBe(false);
  expect(steps.taken).toBeLessThan(200_000);
  await expectNearLinear(growingTexts(['a', 'b', '/', 'aa', 'ab']), (text, counted) => glob.matches(text, counted));
});

test('reading a pattern takes steps in proportion to its length', async () => {
  await expectNearLinear(
    growingTexts(['*', '?', '[', ']', '[^a-z]', '-', '\\', '^', 'a']),
    (text, steps) => {
      steps.take();
      return parseGlob(text.slice(0, 4096), steps).matches('library/busybox:latest', steps);
    },
    24,
  );
});
