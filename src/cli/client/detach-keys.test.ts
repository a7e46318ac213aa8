import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { DetachScanner, parseDetachKeys } from './detach-keys.ts';

function scan(keys: string, ...chunks: readonly string[]): { readonly passed: string; readonly detached: boolean } {
  const scanner = new DetachScanner(parseDetachKeys(keys) ?? []);
  let passed = '';
  for (const chunk of chunks) {
    const result = scanner.scan(utf8(chunk));
    passed += fromUtf8(result.pass);
    if (result.detached) return { passed, detached: true };
  }
  return { passed, detached: false };
}

describe('detach keys', () => {
  it('are read as docker writes them', () => {
    expect(parseDetachKeys('ctrl-p,ctrl-q')).toEqual([16, 17]);
    expect(parseDetachKeys('a,ctrl-@,ctrl-[,ctrl-_')).toEqual([97, 0, 27, 31]);
    expect(parseDetachKeys('ctrl-1')).toBeNull();
    expect(parseDetachKeys('ab')).toBeNull();
  });

  it('are found across chunks and not passed on', () => {
    expect(scan('ctrl-p,ctrl-q', 'ls\r\x10', '\x11rest')).toEqual({ passed: 'ls\r', detached: true });
  });

  it('are passed on when they turn out to be something else', () => {
    expect(scan('ctrl-p,ctrl-q', '\x10', 'x\x11')).toEqual({ passed: '\x10x\x11', detached: false });
  });

  it('do not begin anew at the key that broke them, as in the real client', () => {
    expect(scan('a,b', 'xaab')).toEqual({ passed: 'xaab', detached: false });
  });
});
