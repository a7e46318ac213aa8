import { expect, test } from 'vitest';
import { jsonText } from './json-text.ts';

test('whole numbers beyond 2^53 are written digit by digit, and everything else as ever', () => {
  const value = { a: 2 ** 60, b: [-(2 ** 62), 5, 'x"y', '1152921504606846976'], 'k"ey': 2 ** 63, c: null, d: 1.5 };
  expect(jsonText(value)).toBe(
    '{"a":1152921504606846976,"b":[-4611686018427387904,5,"x\\"y","1152921504606846976"],"k\\"ey":9223372036854775808,"c":null,"d":1.5}',
  );
  expect(jsonText({ b: 1, a: '0123456789abcdef0123456789abcdef' })).toBe('{"b":1,"a":"0123456789abcdef0123456789abcdef"}');
});

test('bigints are written as the numbers they are', () => {
  expect(jsonText({ a: 2n ** 53n + 1n, b: [5n, '7'], c: null })).toBe('{"a":9007199254740993,"b":[5,"7"],"c":null}');
  const ring: unknown[] = [];
  ring.push(ring);
  expect(() => jsonText(ring)).toThrow(TypeError);
});
