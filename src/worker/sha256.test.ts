import { expect, test } from 'vitest';
import { toHex, utf8 } from '../base/bytes.ts';
import { portableSha256 } from '../engine/content/sha256.ts';
import { browserSha256 } from './browser/sha256.ts';
import { nodeSha256 } from './node/sha256.ts';

test.each([
  ['JavaScript', portableSha256],
  ['Node', nodeSha256],
  ['WebAssembly', browserSha256],
])('SHA-256 by %s takes pieces, several hashes at once', async (_, start) => {
  const [abc, empty] = [await start(), await start()];
  abc.update(utf8('a'));
  abc.update(utf8(''));
  abc.update(utf8('bc'));
  expect(toHex(empty.digest())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(toHex(abc.digest())).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
