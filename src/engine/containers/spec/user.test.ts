import { expect, test } from 'vitest';
import { plainUser } from './user.ts';

test.each([
  ['+1', '1'],
  ['-0', '0'],
  ['01:007', '1:7'],
  ['2147483647', '2147483647'],
  ['daemon:x', 'daemon:x'],
  ['0x1', '0x1'],
  ['', ''],
])('the user %j is looked up as %j', (given, plain) => {
  expect(plainUser(given)).toBe(plain);
});

test.each(['-1', '2147483648', '4294967296', '99999999999999999999', '0:-1', '0:2147483648'])('no user is %s', (given) => {
  expect(() => plainUser(given)).toThrow(
    expect.objectContaining({ kind: 'internal', message: 'uids and gids must be in range 0-2147483647' }),
  );
  expect(() => plainUser(given, 'invalid')).toThrow(expect.objectContaining({ kind: 'invalid' }));
});
