import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDetachKeys, watchDetachKeys } from './detach-keys.ts';

const keys = parseDetachKeys('ctrl-p,ctrl-q');

test('half of the sequence goes on when nothing follows it', () => {
  const watch = watchDetachKeys(keys);
  expect(watch.push(Uint8Array.of(0x61, 16))).toEqual({ forward: Uint8Array.of(0x61), detached: false });
  expect(watch.flush()).toEqual(Uint8Array.of(16));
});

test('what holds no sequence goes on whole, however it is cut', () => {
  const typed = fc.array(fc.array(fc.constantFrom(16, 0x61, 0x62), { maxLength: 5 }), { maxLength: 5 });
  fc.assert(
    fc.property(typed, (pieces) => {
      const watch = watchDetachKeys(keys);
      const forwarded = pieces.flatMap((piece) => [...watch.push(Uint8Array.from(piece)).forward]);
      expect([...forwarded, ...watch.flush()]).toEqual(pieces.flat());
    }),
  );
});
