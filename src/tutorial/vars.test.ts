import { expect, test } from 'vitest';
import { drawVars } from './vars.ts';
import { substitute, substituteText, variablesIn } from './substitute.ts';
import { parseDuration, parseQuantity } from './quantities.ts';

const variables = { WORD: { pick: ['maple', 'harbor', 'quartz'] }, PORT: { pick: [8080, 8181] }, TOKEN: { hex: 8 } };

test('the same seed draws the same values, another one others', () => {
  expect(drawVars(variables, 'a')).toEqual(drawVars(variables, 'a'));
  const drawn = Array.from({ length: 30 }, (_, index) => drawVars(variables, `seed ${index}`));
  expect(new Set(drawn.map(({ WORD }) => WORD))).toEqual(new Set(['maple', 'harbor', 'quartz']));
  expect(new Set(drawn.map(({ TOKEN }) => TOKEN)).size).toBe(30);
  for (const { TOKEN, PORT } of drawn) {
    expect(TOKEN).toMatch(/^[0-9a-f]{8}$/);
    expect(['8080', '8181']).toContain(PORT);
  }
});

test('a variable draws the same whatever others there are', () => {
  expect(drawVars({ WORD: variables.WORD }, 'a')['WORD']).toBe(drawVars(variables, 'a')['WORD']);
});

test('variables are put in everywhere, keys too, and nothing else is', () => {
  const value = { run: 'echo ${WORD} > /note', 'env.${WORD}': [1, '${WORD}', null, true], other: '${lower} $WORD $${WORD} ${UNKNOWN}' };
  expect(substitute(value, { WORD: 'maple' })).toEqual({
    run: 'echo maple > /note',
    'env.maple': [1, 'maple', null, true],
    other: '${lower} $WORD ${WORD} ${UNKNOWN}',
  });
  expect(substituteText('${A}${B}', { A: '${B}', B: 'x' })).toBe('${B}x');
  expect(variablesIn('${A} $${B} ${c} ${D_1}')).toEqual(['A', 'D_1']);
});

test.each([
  ['64M', 67108864],
  ['64m', 67108864],
  ['64MiB', 67108864],
  ['1.5k', 1536],
  ['12', 12],
  ['', undefined],
  ['M', undefined],
  ['1 apple', undefined],
])('the quantity %s is %s', (text, bytes) => {
  expect(parseQuantity(text)).toBe(bytes);
});

test.each([
  ['500ms', 500],
  ['2s', 2000],
  ['1.5m', 90_000],
  ['1h', 3_600_000],
])('the duration %s is %i ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});
