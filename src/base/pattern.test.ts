import { expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';

const matches = async (pattern: string, text: string): Promise<boolean> => (await compilePattern(pattern)).test(text);

test.each([
  ['(?i)WEB', 'my-web', true],
  ['[[:alpha:]]+', '42', false],
  ['\\Aweb', 'my-web', false],
  ['\\Q.*\\E', 'a.*b', true],
  ['\\Q.*\\E', 'ab', false],
  ['^\\pL+$', '東京', true],
  ['(?P<n>a)b', 'ab', true],
  ['(?U)a+?b', 'aab', true],
  ['web\\z', 'webs', false],
  ['', 'anything', true],
])('%s is read as in Go: over %s %s', async (pattern, text, result) => {
  expect(await matches(pattern, text)).toBe(result);
});

test.each([
  ['(a', 'error parsing regexp: missing closing ): `(a`'],
  ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
  ['(a)\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
  ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
  ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
  ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
])('%s is refused in the words of Go', async (pattern, message) => {
  await expect(compilePattern(pattern)).rejects.toMatchObject({ kind: 'invalid', message });
});

test.each([
  ['long', 'a'.repeat(1025)],
  ['of many repetitions', 'x{1000}'.repeat(100)],
  ['of repetitions inside each other', `(${'x'.repeat(900)}){20}{20}`],
])('a pattern too %s is refused before it is compiled', async (_, pattern) => {
  await expect(compilePattern(pattern)).rejects.toMatchObject({ kind: 'exhausted', message: 'error parsing regexp: expression too large' });
});

test('a pattern and a text that are too large together are refused', async () => {
  const pattern = await compilePattern('(?i)k{800}');
  expect(pattern.test('K'.repeat(800))).toBe(true);
  expect(() => pattern.test('K'.repeat(100_000))).toThrow('expression too large');
});
