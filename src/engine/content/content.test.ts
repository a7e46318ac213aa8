import { expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { createPipe, readAll, sourceOf, type ByteSource } from '../../base/streams.ts';
import { Content } from './content.ts';
import { memoryBlobs } from './memory.ts';
import { portableSha256 } from './sha256.ts';
import { digestOf, verified } from './verified.ts';

const bytes = utf8('{"raw": "as it came"}\n');
const descriptor = { mediaType: '', digest: digestOf(bytes), size: bytes.length };

function content(used: ReadonlySet<string> = new Set()) {
  const blobs = memoryBlobs();
  return { blobs, store: new Content(blobs, portableSha256, (digest) => used.has(digest)) };
}

const from = (source: ByteSource) => () => Promise.resolve(source);

test('a blob is kept as the bytes that came, fetched once, and read in ranges', async () => {
  const { store } = content(new Set([descriptor.digest]));
  expect(await store.put(descriptor, from(sourceOf(bytes.subarray(0, 5), bytes.subarray(5))))).toBe(true);
  expect(await store.put(descriptor, () => Promise.reject(new Error('fetched again')))).toBe(false);
  expect(await store.read(descriptor.digest)).toEqual(bytes);
  expect(await readAll(await store.open(descriptor.digest, { offset: 2, count: 3 }))).toEqual(bytes.subarray(2, 5));
});

test.each([
  ['other bytes', utf8('{"raw": "as it cane"}\n')],
  ['fewer bytes', bytes.subarray(1)],
  ['more bytes', utf8('{"raw": "as it came"}\n\n')],
])('%s than the digest says are refused and leave nothing', async (_, wrong) => {
  const { store, blobs } = content();
  await expect(store.put(descriptor, from(sourceOf(wrong)))).rejects.toMatchObject({ kind: 'invalid' });
  expect(await blobs.list()).toEqual([]);
});

test('two who want the same blob share one fetch', async () => {
  const { store } = content(new Set([descriptor.digest]));
  const pipe = createPipe();
  const both = Promise.all([
    store.put(descriptor, from(pipe.source)),
    store.put(descriptor, () => Promise.reject(new Error('a second fetch'))),
  ]);
  await pipe.sink.write(bytes);
  await pipe.sink.close();
  expect(await both).toEqual([true, false]);
});

test('what is held or used stays, what nobody names goes', async () => {
  const { store, blobs } = content();
  const held = store.hold([descriptor.digest]);
  await store.put(descriptor, from(sourceOf(bytes)));
  store.sweep();
  await store.settled();
  expect(await blobs.has(descriptor.digest)).toBe(true);
  held.dispose();
  await store.settled();
  expect(await blobs.has(descriptor.digest)).toBe(false);
});

test('what comes while a sweep is under way is not swept', async () => {
  const { store, blobs } = content();
  await blobs.put(descriptor.digest, sourceOf(bytes));
  store.sweep();
  const held = store.hold([descriptor.digest]);
  await store.put(descriptor, from(sourceOf(bytes)));
  await store.settled();
  expect(await store.read(descriptor.digest)).toEqual(bytes);
  held.dispose();
});

test('a document that was spoiled where it lay is fetched again', async () => {
  const { store, blobs } = content(new Set([descriptor.digest]));
  await blobs.put(descriptor.digest, sourceOf(utf8('{"raw": ')));
  expect(await store.document(descriptor, from(sourceOf(bytes)))).toEqual(bytes);
  expect(await store.document(descriptor, () => Promise.reject(new Error('fetched again')))).toEqual(bytes);
});

test('what was verified to its end has ended for whoever reads on', async () => {
  const bytes = utf8('all of it');
  const descriptor = { mediaType: 'text/plain', digest: digestOf(bytes), size: bytes.length };
  const source = verified(sourceOf(bytes), descriptor, { hash: await portableSha256() });
  expect(await readAll(source)).toEqual(bytes);
  expect([await source.read(), await source.read()]).toEqual([null, null]);
});
