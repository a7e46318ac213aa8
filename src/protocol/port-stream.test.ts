import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { readAll, type Duplex } from '../base/streams.ts';
import { duplexOverPort, parsePortMessage, portWindow } from './port-stream.ts';

function connected(): [Duplex, Duplex] {
  const { port1, port2 } = new MessageChannel();
  return [duplexOverPort(port1), duplexOverPort(port2)];
}

/** Resolves after the messages that are under way now have been handled. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('a stream over a message port', () => {
  test('carries bytes both ways and ends each half on its own', async () => {
    const [near, far] = connected();
    await near.sink.write(Uint8Array.of(1, 2, 3));
    await near.sink.close();
    expect([...(await readAll(far.source))]).toEqual([1, 2, 3]);
    await far.sink.write(Uint8Array.of(4));
    await far.sink.close();
    expect([...(await readAll(near.source))]).toEqual([4]);
  });

  test('keeps the order of writes that had to wait for room', async () => {
    const [near, far] = connected();
    const chunks = Array.from({ length: 40 }, (_, index) => new Uint8Array(17_001).fill(index));
    const written = Promise.all(chunks.map((chunk) => near.sink.write(chunk))).then(() => near.sink.close());
    const all = await readAll(far.source);
    await written;
    expect(Buffer.compare(all, concatBytes(chunks))).toBe(0);
  });

  test('lets a writer go no further than the window ahead of its reader', async () => {
    const [near, far] = connected();
    let done = false;
    const written = near.sink.write(new Uint8Array(portWindow + 1)).then(() => (done = true));
    await settle();
    expect(done).toBe(false);
    await far.source.read();
    await written;
    expect(done).toBe(true);
  });

  test('loses no byte of 16 MiB', async () => {
    const [near, far] = connected();
    const chunk = Uint8Array.from({ length: 65_536 }, (_, index) => index % 251);
    const write = async (): Promise<void> => {
      for (let turn = 0; turn < 256; turn++) await near.sink.write(chunk);
      await near.sink.close();
    };
    const [all] = await Promise.all([readAll(far.source), write()]);
    expect(all).toHaveLength(256 * 65_536);
    expect(Buffer.compare(all.subarray(-65_536), chunk)).toBe(0);
  });

  test('copies what is written, so the caller may reuse its buffer', async () => {
    const [near, far] = connected();
    const buffer = Uint8Array.of(1, 2);
    await near.sink.write(buffer);
    buffer.fill(9);
    expect([...((await far.source.read()) ?? [])]).toEqual([1, 2]);
  });

  test('rejects a waiting writer when the reader cancels', async () => {
    const [near, far] = connected();
    const written = near.sink.write(new Uint8Array(portWindow * 2));
    far.source.cancel();
    await expect(written).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('refuses a write after its own end', async () => {
    const [near] = connected();
    await near.sink.close();
    await expect(near.sink.write(Uint8Array.of(1))).rejects.toMatchObject({ kind: 'conflict' });
  });

  test.each([[null], ['data'], [{}], [{ type: 'data' }], [{ type: 'ack', bytes: -1 }], [{ type: 'other' }]])(
    '%j is no message',
    (message) => {
      expect(() => parsePortMessage(message)).toThrow(expect.objectContaining({ kind: 'invalid' }));
    },
  );
});
