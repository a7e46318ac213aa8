import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import type { BuildMessage } from '../../../protocol/build-progress.ts';
import { WatchedVertex } from './watched.ts';

function watched() {
  const said: BuildMessage[] = [];
  const clock = { now: () => 7n, after: () => Promise.resolve() };
  return { said, vertex: new WatchedVertex({ clock, say: (message) => said.push(message) }, '[2/2] RUN yes', [], '') };
}

test('a step that writes without end is told of up to a limit, and that it was reached', () => {
  const { said, vertex } = watched();
  for (let written = 0; written < 5 * 1024 * 1024; written += 65_537)
    vertex.log({ stream: 'stdout', data: new Uint8Array(65_537).fill(120) });
  const logs = said.flatMap((message) => (message.kind === 'log' ? [message.data] : []));
  expect(logs.reduce((sum, data) => sum + data.length, 0)).toBeLessThan(2 * 1024 * 1024 + 100);
  expect(fromUtf8(logs.at(-1) ?? new Uint8Array())).toBe('\n[output clipped, log limit 2MiB reached]\n');
});

test('a step is told of whole, when it begins and when it ends, with what went wrong', async () => {
  const { said, vertex } = watched();
  vertex.log({ stream: 'stderr', data: utf8('x') });
  await expect(vertex.while(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(said).toMatchObject([
    { kind: 'log', stream: 'stderr' },
    { kind: 'vertex', name: '[2/2] RUN yes', started: 7n, completed: null, error: '' },
    { kind: 'vertex', name: '[2/2] RUN yes', started: 7n, completed: 7n, error: 'no' },
  ]);
});
