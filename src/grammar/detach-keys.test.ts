import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
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

function typed(keysText: string, ...chunks: readonly string[]): { readonly passed: string; readonly detached: boolean } {
  const watch = watchDetachKeys(parseDetachKeys(keysText));
  let passed = '';
  for (const chunk of chunks) {
    const { forward, detached } = watch.push(utf8(chunk));
    passed += fromUtf8(forward);
    if (detached) return { passed, detached };
  }
  return { passed, detached: false };
}

test('keys are read as docker writes them, and only so', () => {
  expect([...parseDetachKeys('')]).toEqual([16, 17]);
  expect([...parseDetachKeys('a,ctrl-@,ctrl-[,ctrl-_,DEL')]).toEqual([97, 0, 27, 31, 127]);
  for (const wrong of ['ctrl-1', 'CTRL-P', 'ab']) expect(() => parseDetachKeys(wrong)).toThrow(`Invalid detach keys (${wrong}) provided`);
});

test('the sequence is found across pieces and not passed on', () => {
  expect(typed('ctrl-p,ctrl-q', 'ls\r\x10', '\x11rest')).toEqual({ passed: 'ls\r', detached: true });
  expect(typed('ctrl-p,ctrl-q', '\x10', 'x\x11')).toEqual({ passed: '\x10x\x11', detached: false });
});

test('the key that broke a sequence begins no new one, as in moby/term', () => {
  expect(typed('a,b', 'xaab')).toEqual({ passed: 'xaab', detached: false });
});
