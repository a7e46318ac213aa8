import { describe, expect, it } from 'vitest';
import { parseSignal } from './signals.ts';

describe('a signal by its number', () => {
  it.each([
    ['9', 9],
    ['+1', 1],
    ['64', 64],
    // Which of them Linux has is the killer's to say (kill.ts).
    ['-1', -1],
    ['65', 65],
  ])('%s is %d', (text, number) => {
    expect(parseSignal(text)).toBe(number);
  });

  it.each([
    ['0', 'invalid signal: 0'],
    ['-0', 'invalid signal: -0'],
    ['1.5', 'invalid signal: 1.5'],
    [' 1', 'invalid signal:  1'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => parseSignal(text)).toThrow(message);
  });
});
