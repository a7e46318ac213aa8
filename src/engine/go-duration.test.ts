import { expect, test } from 'vitest';
import { expectNearLinear, growingTexts } from '../base/testing/growth.ts';
import { parseGoDuration } from './go-duration.ts';

test.each([
  ['10m', 600_000_000_000n],
  ['1h30m', 5_400_000_000_000n],
  ['1.5h', 5_400_000_000_000n],
  ['-2s', -2_000_000_000n],
  ['.5s', 500_000_000n],
  ['1µs2ns', 1002n],
  ['0', 0n],
  ['', null],
  ['1', null],
  ['h', null],
  ['1h2', null],
  ['.s', null],
  ['99999999999h', null],
  ['9'.repeat(100_000), null],
])('%s as Go reads it', (text, nanoseconds) => {
  expect(parseGoDuration(text)).toBe(nanoseconds);
});

test('its steps are in proportion to its length', async () => {
  await expectNearLinear(growingTexts(['1', '9', '.', 'h', 'm', 's', '0', '-']), (text, steps) => {
    steps.take();
    return parseGoDuration(text, steps);
  });
});
