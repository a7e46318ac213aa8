import { expect, it } from 'vitest';
import { rfc3339Nano, rfc3339NanoFixed } from './time.ts';

it('writes times as Go does', () => {
  expect(rfc3339Nano(0n)).toBe('0001-01-01T00:00:00Z');
  expect(rfc3339Nano(1_714_564_800_000_000_000n)).toBe('2024-05-01T12:00:00Z');
  expect(rfc3339Nano(1_714_564_800_000_000_120n)).toBe('2024-05-01T12:00:00.00000012Z');
  expect(rfc3339NanoFixed(1_714_564_800_000_000_120n)).toBe('2024-05-01T12:00:00.000000120Z');
});
