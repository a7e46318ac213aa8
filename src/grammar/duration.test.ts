import { expect, test } from 'vitest';
import { expectNearLinear, growingTexts } from '../base/testing/growth.ts';
import { formatDuration, parseDuration } from './duration.ts';

test.each([
  ['10m', 600_000_000_000n],
  ['1h30m', 5_400_000_000_000n],
  ['1.5h', 5_400_000_000_000n],
  ['-2s', -2_000_000_000n],
  ['.5s', 500_000_000n],
  ['1µs2ns', 1002n],
  ['0', 0n],
])('%s as Go reads it', (text, nanoseconds) => {
  expect(parseDuration(text)).toBe(nanoseconds);
});

test.each([
  ['', 'time: invalid duration ""'],
  ['1', 'time: missing unit in duration "1"'],
  ['h', 'time: invalid duration "h"'],
  ['1h2', 'time: missing unit in duration "1h2"'],
  ['.s', 'time: invalid duration ".s"'],
  ['1x', 'time: unknown unit "x" in duration "1x"'],
  ['99999999999h', 'time: invalid duration "99999999999h"'],
])('%j is refused: %s', (text, complaint) => {
  expect(() => parseDuration(text)).toThrow(complaint);
});

test('a number beyond every range is refused without being read', () => {
  expect(() => parseDuration(`${'9'.repeat(100_000)}s`)).toThrow('time: invalid duration');
});

test('a duration is written as Go writes it', () => {
  expect([0, 15, 1500, 2e6, 1.5e9, 9e10, 3.6e12].map((nano) => formatDuration(nano))).toEqual([
    '0s',
    '15ns',
    '1.5µs',
    '2ms',
    '1.5s',
    '1m30s',
    '1h0m0s',
  ]);
});

test('its steps are in proportion to its length', async () => {
  await expectNearLinear(growingTexts(['1', '9', '.', 'h', 'm', 's', '0', '-']), (text, steps) => {
    steps.take();
    try {
      return parseDuration(text, steps);
    } catch {
      return null;
    }
  });
});
