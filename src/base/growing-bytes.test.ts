import { expect, test } from 'vitest';
import { GrowingBytes } from './growing-bytes.ts';

const mebibyte = 1024 * 1024;

test('memory is taken for what came, not for what was foretold', () => {
  const lied = new GrowingBytes(1024 * mebibyte, 2048 * mebibyte, 'a layer');
  expect(lied.capacity).toBe(mebibyte);
  lied.push(new Uint8Array(mebibyte).fill(1));
  lied.push(new Uint8Array(10));
  expect(lied.capacity).toBeLessThanOrEqual(2 * (mebibyte + 10));
  const honest = new GrowingBytes(3 * mebibyte, 2048 * mebibyte, 'a layer');
  for (let count = 0; count < 3; count += 1) honest.push(new Uint8Array(mebibyte).fill(count));
  expect(honest.capacity).toBe(3 * mebibyte);
  expect([honest.bytes()[0], honest.bytes().at(-1), honest.length]).toEqual([0, 2, 3 * mebibyte]);
});

test('what is more than expected is taken, what is more than the limit is not', () => {
  const bytes = new GrowingBytes(1, 100, 'a layer');
  bytes.push(new Uint8Array(60));
  expect(bytes.length).toBe(60);
  expect(() => bytes.push(new Uint8Array(41))).toThrow('a layer is larger than this playground can hold');
});
