import { describe, expect, it } from 'vitest';
import { bytesSize, ellipsis, humanDuration, humanSize, shortId } from './units.ts';

const hour = 3600;

describe('humanDuration', () => {
  it.each([
    [0.4, 'Less than a second'],
    [1, '1 second'],
    [59, '59 seconds'],
    [60, 'About a minute'],
    [119, 'About a minute'],
    [120, '2 minutes'],
    [50 * 60, '50 minutes'],
    [hour - 1, '59 minutes'],
    [hour, 'About an hour'],
    [1.6 * hour, '2 hours'],
    [2 * hour, '2 hours'],
    [47 * hour, '47 hours'],
    [48 * hour, '2 days'],
    [13 * 24 * hour, '13 days'],
    [14 * 24 * hour, '2 weeks'],
    [15 * 24 * hour, '2 weeks'],
    [70 * 24 * hour, '2 months'],
    [400 * 24 * hour, '13 months'],
    [800 * 24 * hour, '2 years'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text);
  });
});

describe('sizes', () => {
  it('count in thousands for people and in 1024s for memory', () => {
    expect([
      humanSize(0, 3),
      humanSize(999, 3),
      humanSize(1000, 3),
      humanSize(4_261_502, 3),
      humanSize(192_345_678),
      humanSize(1e15),
    ]).toEqual(['0B', '999B', '1kB', '4.26MB', '192.3MB', '1PB']);
    expect([bytesSize(0), bytesSize(1023), bytesSize(9_437_184), bytesSize(67_108_864)]).toEqual(['0B', '1023B', '9MiB', '64MiB']);
  });
});

describe('identifiers and long texts', () => {
  it('are cut as docker cuts them', () => {
    expect(shortId(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
    expect([ellipsis('short', 20), ellipsis('/docker-entrypoint.sh nginx', 20), ellipsis('ab', 1)]).toEqual([
      'short',
      '/docker-entrypoint.…',
      'a',
    ]);
  });
});
