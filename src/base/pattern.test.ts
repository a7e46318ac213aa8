import { expect, test } from 'vitest';
import { compilePattern } from './pattern.ts';
import { Steps } from './steps.ts';

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

test('the usual pattern of an ID with repetitions is not too large', async () => {
  const pattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
  expect(await matches(pattern, '0dd0cafe-0000-4000-8000-0123456789ab')).toBe(true);
  expect(await matches(`^(\\d{1,3}\\.){3}\\d{1,3}$`, '172.17.0.2')).toBe(true);
});

test('compiling and matching are taken from a budget before they are done', async () => {
  const budget = new Steps(5000);
  const pattern = await compilePattern('a{10}', budget);
  expect(budget.taken).toBe(1000);
  expect(pattern.test('a'.repeat(20))).toBe(true);
  expect(budget.taken).toBeLessThan(1500);
  await expect(compilePattern('(a{20}){10}', budget)).rejects.toThrow('too large');
});
