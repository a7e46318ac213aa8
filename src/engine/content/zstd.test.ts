import { compress, init } from '@bokuweb/zstd-wasm';
import { beforeAll, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { iterate, readAll, sourceOf, type ByteSource } from '../../base/streams.ts';
import { decompressed } from './decompressed.ts';
import { unzstd } from './zstd.ts';

beforeAll(() => init());

/** Text that is neither all alike nor random. */
const text = utf8(Array.from({ length: 60_000 }, (_, at) => `line ${at * at}\n`).join(''));

function inPieces(bytes: Uint8Array, size: number): ByteSource {
  return sourceOf(...Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size)));
}

test.each([1, 97, 1000, 1_000_000])('what zstd packed comes out again, in pieces of %s bytes', async (size) => {
  const packed = compress(size === 1 ? text.subarray(0, 5000) : text, 3);
  expect(Buffer.from(await readAll(unzstd(inPieces(packed, size)))).equals(size === 1 ? text.subarray(0, 5000) : text)).toBe(true);
});

test('an archive is known by its first bytes', async () => {
  const gunzip = () => {
    throw new Error('it is not gzip');
  };
  expect(Buffer.from(await readAll(await decompressed(inPieces(compress(text, 3), 500), gunzip))).equals(text)).toBe(true);
});

test('of much that is little no more is made than is read', async () => {
  const bomb = compress(new Uint8Array(64 * 1024 * 1024), 19);
  expect(bomb.length).toBeLessThan(20_000);
  const before = process.memoryUsage().arrayBuffers;
  let [size, most] = [0, 0];
  for await (const chunk of iterate(unzstd(sourceOf(bomb)))) {
    size += chunk.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(size).toBe(64 * 1024 * 1024);
  expect(most).toBeLessThan(56 * 1024 * 1024);
});

test.each([
  ['its end missing', compressedEnd(-5), 'invalid'],
  ['another beginning', () => concatBytes([utf8('none'), compress(text, 3)]), 'invalid'],
  ['a window of a gigabyte', () => new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, ...new Uint8Array(20)]), 'exhausted'],
  [
    'a content of a gigabyte in one piece',
    () => new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x40, ...new Uint8Array(20)]),
    'exhausted',
  ],
])('%s is refused', async (_, bytes, kind) => {
  await expect(readAll(unzstd(sourceOf(bytes())))).rejects.toMatchObject({ kind });
});

function compressedEnd(end: number): () => Uint8Array {
  return () => compress(text, 3).subarray(0, end);
}
