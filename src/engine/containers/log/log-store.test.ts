import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import type { Source } from '../../source.ts';
import type { LogRecord } from './log-chunk.ts';
import { LogPool } from './log-pool.ts';
import { LogStore } from './log-store.ts';

const both = { stdout: true, stderr: true };
const megabytes = (count: number): number => count * 1024 * 1024;
const all = async (source: Source<readonly LogRecord[]>): Promise<LogRecord[]> => {
  const records: LogRecord[] = [];
  for (let batch = await source.read(); batch !== null; batch = await source.read()) records.push(...batch);
  return records;
};
const texts = async (source: Source<readonly LogRecord[]>): Promise<string[]> => (await all(source)).map(({ data }) => fromUtf8(data));
const say = (store: LogStore, text: string, time: number, stream: 'stdout' | 'stderr' = 'stdout'): void =>
  store.append({ stream, data: utf8(text) }, BigInt(time));

const write = (store: LogStore, length: number, time: bigint, error: boolean): void =>
  store.append({ stream: error ? 'stderr' : 'stdout', data: utf8(`${'x'.repeat(length)}\n`) }, time);

describe('the log store', () => {
  it('cuts at newlines, whatever the pieces', async () => {
    const store = new LogStore(megabytes(16));
    for (const piece of ['a', 'b\nc', '\n\nd']) say(store, piece, 1);
    expect(await texts(store.read(both))).toEqual(['ab\n', 'c\n', '\n']);
    store.close(2n);
    expect(await texts(store.read(both))).toEqual(['ab\n', 'c\n', '\n', 'd']);
  });

  it('keeps the lines of the two streams apart', async () => {
    const store = new LogStore(megabytes(16));
    say(store, 'ou', 1);
    say(store, 'er', 2, 'stderr');
    say(store, 't\n', 3);
    say(store, 'r\n', 4, 'stderr');
    expect((await all(store.read(both))).map(({ stream, data, time }) => [stream, fromUtf8(data), time])).toEqual([
      ['stdout', 'out\n', 3n],
      ['stderr', 'err\n', 4n],
    ]);
    expect(await texts(store.read({ stdout: false, stderr: true }))).toEqual(['err\n']);
  });

  it('cuts lines longer than 16 KiB, as Docker does', async () => {
    const store = new LogStore(megabytes(16));
    say(store, `${'x'.repeat(40_000)}\n`, 1);
    expect((await all(store.read(both))).map(({ data }) => data.length)).toEqual([16_384, 16_384, 40_001 - 32_768]);
  });

  it('selects by time and from the end', async () => {
    const store = new LogStore(megabytes(16));
    for (let time = 1; time <= 5; time += 1) say(store, `${time}\n`, time);
    expect(await texts(store.read({ ...both, since: 2n, until: 4n }))).toEqual(['2\n', '3\n', '4\n']);
    expect(await texts(store.read({ ...both, tail: 2 }))).toEqual(['4\n', '5\n']);
    expect(await texts(store.read({ ...both, tail: 0 }))).toEqual([]);
    expect(await texts(store.read({ ...both, until: 4n, tail: 2 }))).toEqual(['3\n', '4\n']);
  });

  it('forgets the oldest when there is more than 16 MiB', async () => {
    const store = new LogStore(megabytes(16));
    const line = `${'y'.repeat(10_000)}\n`;
    for (let count = 0; count < 2000; count += 1) say(store, line, count);
    const kept = await all(store.read(both));
    expect(kept.length).toBeLessThan(1700);
    expect(kept.length).toBeGreaterThan(1500);
    expect(kept.at(-1)?.time).toBe(1999n);
  });

  it('lets a follower go on where the rest is when what it wanted is forgotten', async () => {
    const store = new LogStore(megabytes(16));
    store.open();
    say(store, 'first\n', 0);
    const follower = store.follow(both);
    expect((await follower.read())?.map(({ data }) => fromUtf8(data))).toEqual(['first\n']);
    for (let count = 1; count <= 2000; count += 1) say(store, `${'y'.repeat(10_000)}\n`, count);
    const next = await follower.read();
    expect(Number(next?.[0]?.time)).toBeGreaterThan(100);
    follower.cancel();
    expect(await follower.read()).toBeNull();
  });

  it('keeps the newest line even where one is too much, and nothing where nothing is to be kept', async () => {
    const little = new LogStore(10);
    for (const text of ['one line and more\n', 'another line\n']) say(little, text, 1);
    expect(await texts(little.read(both))).toEqual(['another line\n']);
    const none = new LogStore(0);
    say(none, 'gone\n', 1);
    none.close(2n);
    expect(await all(none.read(both))).toEqual([]);
  });

  it('survives JSON in the middle of a line', async () => {
    const store = new LogStore(megabytes(16));
    say(store, 'half a ', 1);
    const copy = new LogStore(megabytes(16));
    copy.restore(JSON.parse(JSON.stringify(store.snapshot())));
    say(copy, 'line\n', 2);
    expect(await texts(copy.read(both))).toEqual(['half a line\n']);
  });

  it('survives JSON, bytes of any value included', async () => {
    const store = new LogStore(megabytes(16));
    store.append({ stream: 'stderr', data: Uint8Array.from([0, 255, 128, 10]) }, 7n);
    const copy = new LogStore(megabytes(16));
    copy.restore(JSON.parse(JSON.stringify(store.snapshot())));
    expect(await all(copy.read(both))).toEqual([{ stream: 'stderr', data: Uint8Array.from([0, 255, 128, 10]), time: 7n }]);
  });
});

describe('the memory of logs', () => {
  it('is that of the text and a few bytes a line, even where every line is a letter', async () => {
    const store = new LogStore(megabytes(16));
    const lines = utf8('y\n'.repeat(32 * 1024));
    for (let count = 0; count < 300; count += 1) store.append({ stream: 'stdout', data: lines }, BigInt(count));
    expect(store.cost).toBeLessThan(megabytes(17));
    let kept = 0;
    const source = store.read(both);
    for (let batch = await source.read(); batch !== null; batch = await source.read()) kept += batch.length;
    expect(kept).toBeGreaterThan(4_000_000);
  });

  it('counts lines that have not ended, however small the pieces they come in', () => {
    const store = new LogStore(megabytes(16));
    for (let count = 0; count < 10_000; count += 1) say(store, 'x', count);
    expect(store.cost).toBeGreaterThanOrEqual(10_000);
    expect(store.cost).toBeLessThanOrEqual(16 * 1024);
    store.close(10_000n);
    expect(store.read(both)).toBeDefined();
  });

  it('has one bound over all containers: the largest log loses its oldest lines, a quiet one none', async () => {
    const pool = new LogPool(megabytes(1));
    const [quiet, loud, louder] = [1, 2, 3].map(() => new LogStore(megabytes(16)));
    if (quiet === undefined || loud === undefined || louder === undefined) throw new Error('three stores');
    for (const store of [quiet, loud, louder]) store.join(pool);
    say(quiet, 'the only line\n', 0);
    for (let count = 1; count <= 3000; count += 1) {
      say(loud, `${'a'.repeat(1000)}\n`, count);
      say(louder, `${'b'.repeat(3000)}\n`, count);
      expect(pool.bytes).toBeLessThanOrEqual(megabytes(1));
    }
    expect(await texts(quiet.read(both))).toEqual(['the only line\n']);
    expect(Math.abs(loud.cost - louder.cost)).toBeLessThan(200 * 1024);
    expect((await all(louder.read(both))).at(-1)?.time).toBe(3000n);
    expect(pool.bytes).toBe(quiet.cost + loud.cost + louder.cost);
    louder.leave();
    expect(pool.bytes).toBe(quiet.cost + loud.cost);
  });

  it('is not held by a reader who stopped reading: what was forgotten meanwhile is passed over', async () => {
    const store = new LogStore(megabytes(1));
    for (let count = 0; count < 1000; count += 1) say(store, `${'x'.repeat(900)}\n`, count);
    const reader = store.read(both);
    const first = await reader.read();
    expect(first?.[0]?.time).toBe(0n);
    for (let count = 1000; count < 5000; count += 1) say(store, `${'x'.repeat(900)}\n`, count);
    // Of what it was about nothing is left.
    expect(await reader.read()).toBeNull();
  });

  it('refuses a saved log that it did not write', () => {
    for (const chunk of [
      ['0', 1, ''],
      ['0', 1, '\u00ff\u00ff\u00ff'],
      ['0', 1, '\u0008\u0000a'],
      ['0', 3, '\u0002\u0000a'],
    ] as const) {
      const store = new LogStore(megabytes(1));
      expect(() => store.restore({ dropped: 0, chunks: [chunk], unfinished: { stdout: '', stderr: '' } })).toThrow('damaged log');
    }
  });

  it('keeps times that go back and forth, and pieces of every length', async () => {
    const records = fc.array(
      fc.record({ length: fc.nat(300), time: fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), error: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(records, async (written) => {
        const store = new LogStore(megabytes(1));
        for (const { length, time, error } of written) write(store, length, time, error);
        const copy = new LogStore(megabytes(1));
        copy.restore(JSON.parse(JSON.stringify(store.snapshot())));
        const found = (await all(copy.read(both))).map(({ stream, data, time }) => ({
          length: data.length - 1,
          time,
          error: stream === 'stderr',
        }));
        expect(found).toEqual(written);
      }),
    );
  });
});
