import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAll, sourceOf } from '../base/streams.ts';
import { inflate } from './inflate.ts';

const troubles: unknown[] = [];
const note = (error: unknown): void => void troubles.push(error);
beforeEach(() => process.on('uncaughtException', note).on('unhandledRejection', note));
afterEach(() => process.off('uncaughtException', note).off('unhandledRejection', note));

/** What Node does in its own turns has been done. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** 64 MiB of zeros in 64 KiB. */
const bomb = gzipSync(Buffer.alloc(64 << 20));

test('what was compressed comes out', async () => {
  expect(await readAll(inflate(sourceOf(gzipSync('hello'))))).toEqual(new Uint8Array(Buffer.from('hello')));
});

test.each([0, 1, 5])('who gives up after %i chunks of a bomb hurts nobody, and its source is told', async (chunks) => {
  const told: unknown[] = [];
  const source = sourceOf(bomb);
  const unpacked = inflate({
    read: () => source.read(),
    cancel: (reason) => {
      told.push(reason);
      source.cancel(reason);
    },
  });
  for (let chunk = 0; chunk < chunks; chunk += 1) expect((await unpacked.read())?.length).toBeGreaterThan(0);
  const pending = unpacked.read();
  unpacked.cancel('enough');
  await pending;
  expect(await unpacked.read()).toBeNull();
  await settle();
  expect(told).toEqual(['enough']);
  expect(troubles).toEqual([]);
});

test('bytes that are no gzip, and a source that fails, fail the reader and nothing else', async () => {
  await expect(readAll(inflate(sourceOf(new Uint8Array(100))))).rejects.toThrow();
  await expect(readAll(inflate(sourceOf(bomb.subarray(0, 1000))))).rejects.toThrow();
  const broken = { read: () => Promise.reject(new Error('lost')), cancel: () => undefined };
  await expect(readAll(inflate(broken))).rejects.toThrow('lost');
  await settle();
  expect(troubles).toEqual([]);
});
