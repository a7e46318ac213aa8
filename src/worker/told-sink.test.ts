import { expect, test } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import type { ByteSink } from '../base/streams.ts';
import { WriteError } from '../cli/errors.ts';
import { toldSink } from './told-sink.ts';

function collecting(): { readonly sink: ByteSink; readonly sizes: number[] } {
  const sizes: number[] = [];
  const sink: ByteSink = {
    write: async (chunk) => void sizes.push(chunk.length),
    close: async () => undefined,
    abort: () => undefined,
  };
  return { sink, sizes };
}

test('a write waits for the agent’s word on all of it, and fails as the file did, once', async () => {
  const { sink, sizes } = collecting();
  const told = toldSink(sink, '/dev/stdout', new AbortController().signal);
  let isOver = false;
  const first = told.sink.write(utf8('maple')).then(() => (isOver = true));
  told.written({ size: 3, error: 0 });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  told.written({ size: 2, error: 0 });
  await first;
  const second = told.sink.write(utf8('oak'));
  told.written({ size: 3, error: 28 });
  await expect(second).rejects.toThrow(new WriteError('write /dev/stdout: no space left on device'));
  const third = told.sink.write(utf8('elm'));
  told.written({ size: 3, error: 0 });
  await third;
  expect(sizes).toEqual([5, 3, 3]);
});

test('nobody waits for an agent that says nothing once the session is over', async () => {
  const life = new AbortController();
  const told = toldSink(collecting().sink, '/dev/stderr', life.signal);
  const write = told.sink.write(utf8('maple'));
  life.abort();
  await write;
  await told.sink.write(utf8('oak'));
});
