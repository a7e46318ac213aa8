import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../../base/errors.ts';
import { sourceOf } from '../../base/streams.ts';
import { portableSha256 } from '../../engine/content/sha256.ts';
import { blobReader } from './blobs.ts';

/** A text of the committed store: its digest, its contents' size, and the packed bytes. */
function sample(): { digest: string; size: number; packed: Uint8Array; path: string } {
  const store = join(import.meta.dirname, '../../../tools/store');
  const index = readFileSync(join(store, 'index.json'), 'utf8');
  const [, size = '', digest = ''] = /"path":"usr\/share\/man\/jq".*?"size":(\d+),"blob":"([0-9a-f]{64})"/.exec(index) ?? [];
  return { digest, size: Number(size), packed: new Uint8Array(readFileSync(join(store, 'blobs', digest))), path: 'usr/share/man/jq' };
}

function reader(open: (path: string) => Uint8Array, limit?: number) {
  const failures: string[] = [];
  const opened: string[] = [];
  const source = {
    open: (path: string) => {
      opened.push(path);
      return Promise.resolve().then(() => sourceOf(open(path)));
    },
    sha256: portableSha256,
    onFailure: (message: string) => void failures.push(message),
  };
  const read = blobReader(source, limit);
  return { read, failures, opened };
}

test('a file is loaded when it is first read, and once for all who read it', async () => {
  const { packed, ...blob } = sample();
  const { read, opened } = reader(() => packed);
  expect(opened).toEqual([]);
  const [one, two] = await Promise.all([read(blob), read(blob)]);
  expect(two).toBe(one);
  expect(opened).toEqual([`blobs/${blob.digest}`]);
  expect(createHash('sha256').update(one).digest('hex')).toBe(blob.digest);
});

test('one that could not be loaded is told of, and tried again by the next reader', async () => {
  const { packed, ...blob } = sample();
  let offline = true;
  const { read, failures, opened } = reader(() => {
    if (offline) throw new AppError('unavailable', 'it could not be loaded. Check the connection and try again.');
    return packed;
  });
  await expect(read(blob)).rejects.toThrow('Check the connection');
  expect(failures).toEqual(['/usr/share/man/jq could not be loaded: it could not be loaded. Check the connection and try again.']);
  offline = false;
  expect((await read(blob)).length).toBe(blob.size);
  expect(opened.length).toBe(2);
});

test.each([
  ['that is cut short', (packed: Uint8Array) => packed.subarray(0, 20)],
  ['that is something else', () => new Uint8Array([1, 2, 3])],
  ['with a changed byte', (packed: Uint8Array) => packed.map((byte, at) => (at === packed.length - 9 ? byte ^ 1 : byte))],
])('one %s is refused', async (_, damage) => {
  const { packed, ...blob } = sample();
  const { read, failures } = reader(() => damage(packed));
  await expect(read(blob)).rejects.toThrow(/damaged/);
  expect(failures.length).toBe(1);
});

test('contents of another size or another digest than the index says are refused', async () => {
  const { packed, ...blob } = sample();
  await expect(reader(() => packed).read({ ...blob, size: blob.size - 1 })).rejects.toThrow(/damaged/);
  await expect(reader(() => packed).read({ ...blob, digest: '0'.repeat(64) })).rejects.toThrow(/another digest/);
  await expect(reader(() => packed).read({ ...blob, size: 2 ** 40 })).rejects.toThrow(/more than a tool may have/);
});

test('what was read longest ago is let go of when there is much, and loaded again', async () => {
  const large = Buffer.alloc(20 * 1024);
  const blobs = [1, 2].map((byte) => {
    const contents = Buffer.from(large.fill(byte));
    const packed = execFileSync('zstd', ['-q', '-1', '-c'], { input: contents });
    return { digest: createHash('sha256').update(contents).digest('hex'), size: contents.length, path: `${byte}`, packed };
  });
  const { read, opened } = reader((path) => blobs.find(({ digest }) => path.endsWith(digest))?.packed ?? new Uint8Array(), 32 * 1024);
  for (const blob of [...blobs, ...blobs]) await read(blob);
  expect(opened.length).toBe(4);
});
