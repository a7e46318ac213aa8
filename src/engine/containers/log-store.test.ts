import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { LogStore, type LogRecord } from './log-store.ts';

const both = { stdout: true, stderr: true };
const megabytes = (count: number): number => count * 1024 * 1024;
const texts = (records: readonly LogRecord[]): string[] => records.map(({ data }) => fromUtf8(data));
const say = (store: LogStore, text: string, time: number, stream: 'stdout' | 'stderr' = 'stdout'): void =>
  store.append({ stream, data: utf8(text) }, BigInt(time));

describe('the log store', () => {
  it('cuts at newlines, whatever the pieces', () => {
    const store = new LogStore(megabytes(16));
    for (const piece of ['a', 'b\nc', '\n\nd']) say(store, piece, 1);
    expect(texts(store.read(both))).toEqual(['ab\n', 'c\n', '\n']);
    store.close(2n);
    expect(texts(store.read(both))).toEqual(['ab\n', 'c\n', '\n', 'd']);
  });

  it('keeps the lines of the two streams apart', () => {
    const store = new LogStore(megabytes(16));
    say(store, 'ou', 1);
    say(store, 'er', 2, 'stderr');
    say(store, 't\n', 3);
    say(store, 'r\n', 4, 'stderr');
    expect(store.read(both).map(({ stream, data, time }) => [stream, fromUtf8(data), time])).toEqual([
      ['stdout', 'out\n', 3n],
      ['stderr', 'err\n', 4n],
    ]);
    expect(texts(store.read({ stdout: false, stderr: true }))).toEqual(['err\n']);
  });

  it('cuts lines longer than 16 KiB, as Docker does', () => {
    const store = new LogStore(megabytes(16));
    say(store, `${'x'.repeat(40_000)}\n`, 1);
    expect(store.read(both).map(({ data }) => data.length)).toEqual([16_384, 16_384, 40_001 - 32_768]);
  });

  it('selects by time and from the end', () => {
    const store = new LogStore(megabytes(16));
    for (let time = 1; time <= 5; time += 1) say(store, `${time}\n`, time);
    expect(texts(store.read({ ...both, since: 2n, until: 4n }))).toEqual(['2\n', '3\n', '4\n']);
    expect(texts(store.read({ ...both, tail: 2 }))).toEqual(['4\n', '5\n']);
    expect(texts(store.read({ ...both, tail: 0 }))).toEqual([]);
    expect(texts(store.read({ ...both, until: 4n, tail: 2 }))).toEqual(['3\n', '4\n']);
  });

  it('forgets the oldest when there is more than 16 MiB', () => {
    const store = new LogStore(megabytes(16));
    const line = `${'y'.repeat(10_000)}\n`;
    for (let count = 0; count < 2000; count += 1) say(store, line, count);
    const kept = store.read(both);
    expect(kept.length).toBeLessThan(1700);
    expect(kept.length).toBeGreaterThan(1500);
    expect(kept.at(-1)?.time).toBe(1999n);
  });

  it('lets a follower go on where the rest is when what it wanted is forgotten', async () => {
    const store = new LogStore(megabytes(16));
    store.open();
    say(store, 'first\n', 0);
    const follower = store.follow(both);
    expect(fromUtf8((await follower.read())?.data ?? new Uint8Array())).toBe('first\n');
    for (let count = 1; count <= 2000; count += 1) say(store, `${'y'.repeat(10_000)}\n`, count);
    const next = await follower.read();
    expect(Number(next?.time)).toBeGreaterThan(100);
    follower.cancel();
    expect(await follower.read()).toBeNull();
  });

  it('keeps the newest line even where one is too much, and nothing where nothing is to be kept', () => {
    const little = new LogStore(10);
    for (const text of ['one line and more\n', 'another line\n']) say(little, text, 1);
    expect(texts(little.read(both))).toEqual(['another line\n']);
    const none = new LogStore(0);
    say(none, 'gone\n', 1);
    none.close(2n);
    expect(none.read(both)).toEqual([]);
  });

  it('survives JSON in the middle of a line', () => {
    const store = new LogStore(megabytes(16));
    say(store, 'half a ', 1);
    const copy = new LogStore(megabytes(16));
    copy.restore(JSON.parse(JSON.stringify(store.snapshot())));
    say(copy, 'line\n', 2);
    expect(texts(copy.read(both))).toEqual(['half a line\n']);
  });

  it('survives JSON, bytes of any value included', () => {
    const store = new LogStore(megabytes(16));
    store.append({ stream: 'stderr', data: Uint8Array.from([0, 255, 128, 10]) }, 7n);
    const copy = new LogStore(megabytes(16));
    copy.restore(JSON.parse(JSON.stringify(store.snapshot())));
    expect(copy.read(both)).toEqual([{ stream: 'stderr', data: Uint8Array.from([0, 255, 128, 10]), time: 7n }]);
  });
});
