import { expect, test } from 'vitest';
import { Steps } from '../../base/steps.ts';
import { expectNearLinear, growingTexts } from '../../base/testing/growth.ts';
import { expandWord } from './expand.ts';
import { heredocOf } from './heredoc.ts';
import { parseDockerfile } from './parse.ts';
import { readDockerfile, readStages } from './stages.ts';

const pieces = [
  ...['FROM a\n', 'RUN ', 'COPY ', 'ENV ', 'ONBUILD ', 'HEALTHCHECK ', '--from=', '--', '# escape=`\n', '#', '\\\n', '`\n', '\n', '\r\n'],
  ...[' ', '\t', '<<E ', '<<-"E" ', 'E\n', '["a",', '"]', '"', "'", '=', '\\', '${A:-', '${A//*/', '}', '$A', '\ufeff', 'é', '\u0000'],
];

test('a Dockerfile costs no more than its length', { timeout: 300_000 }, async () => {
  await expectNearLinear(growingTexts(['', 'FROM a\n', ...pieces]), (text, steps) => readDockerfile(text, steps));
});

test('a word costs no more than its length and what is put in', { timeout: 300_000 }, async () => {
  await expectNearLinear(growingTexts(pieces), (text, steps) => expandWord(text, (name) => (name === 'A' ? 'v' : undefined), { steps }), 8);
});

test('who bounds the steps is not kept by a pattern', () => {
  const variables = (): string => 'a'.repeat(50_000);
  const word = `\${A//${'a*'.repeat(200)}b/x}`;
  expect(() => expandWord(word, variables, { steps: new Steps(1_000_000, 'the word') })).toThrow('the word is too large');
});

/** Each as buildx shows it of a RUN with A=1. */
test.each([
  [`echo $A "$A" '$A' $N`, `echo 1 "1" '$A' $N`],
  ['${A} ${A:-x} ${N} ${N:-y}', '1 1 ${N} ${N:-y}'],
  ['\\"$A\\" \\$A', '"1" $A'],
])('of a line that is shown quotes stay, and what is not set: %s', (line, shown) => {
  expect(expandWord(line, (name) => (name === 'A' ? '1' : undefined), { shown: true })).toBe(shown);
});

test('in the content of a heredoc quotes are letters, and what is not set is nothing', () => {
  const content = `'$A' "$A" \\$A \${N:-"y"} $N.\n`;
  expect(expandWord(content, (name) => (name === 'A' ? '1' : undefined), { quotesAreLetters: true })).toBe(`'1' "1" $A "y" .\n`);
});

test('a word that is several behind << is no heredoc', () => {
  expect([heredocOf('<<A', '\\')?.name, heredocOf('<<"A B"', '\\')?.name, heredocOf('<<A cat', '\\')]).toEqual(['A', 'A B', null]);
});

test('who watches a file being read is told of the lines above one that is refused, and of that before it is read', () => {
  const told: string[] = [];
  const watcher = {
    before: ({ original }: { readonly original: string }) => void told.push(original),
    after: ({ name }: { readonly name: string }) => void told.push(name),
  };
  expect(() => readStages(parseDockerfile('FROM a\nrun true\nENV\nUSER x', new Steps()), watcher)).toThrow('ENV');
  expect(told).toEqual(['FROM a', 'FROM', 'run true', 'RUN', 'ENV']);
});
