import { expect, test } from 'vitest';
import { Steps } from './steps.ts';
import { expectNearLinear, growingTexts } from './testing/growth.ts';

test('a budget is refused beyond its limit, and says of what', () => {
  const steps = new Steps(3, 'the range');
  steps.take(3);
  expect(() => steps.take()).toThrow('the range is too large');
  expect(steps.taken).toBe(4);
});

test('the growth of a quadratic parser is noticed, and so is one that counts nothing', async () => {
  const texts = growingTexts(['a', 'b']);
  const quadratic = (text: string, steps: Steps): void => steps.take(text.length * text.length);
  await expect(expectNearLinear(texts, quadratic)).rejects.toThrow('steps for');
  await expect(expectNearLinear(texts, () => undefined)).rejects.toThrow('not one step was counted');
  await expectNearLinear(texts, (text, steps) => steps.take(2 * text.length + 1));
});
