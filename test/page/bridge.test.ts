import { afterEach, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { AppError } from '../../src/base/errors.ts';
import type { BootProgress, Playground } from '../../src/protocol/playground.ts';
import { duplexOverPort } from '../../src/protocol/port-stream.ts';
import { reachPlayground } from '../../src/ui/shell/bridge.ts';
import { PendingCalls } from '../../src/ui/shell/pending-calls.ts';
import { createFakePlayground } from '../../src/ui/testing/fake-playground.ts';
import { servePlayground } from '../../src/worker/browser/serve.ts';

const open: MessagePort[] = [];
afterEach(() => open.splice(0).forEach((port) => port.close()));

/** A playground at the other end of a message channel, and what is at this end. */
function bridged(playground: Playground = createFakePlayground()) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const calls = new PendingCalls();
  servePlayground(playground, port1);
  return { playground: reachPlayground(port2, calls), calls };
}

test('callbacks are called back, in order', async () => {
  const { playground } = bridged();
  const stages: BootProgress['stage'][] = [];
  await playground.lifecycle.boot({ baseUrl: 'https://example.test/', memoryMegabytes: 256 }, ({ stage }) => void stages.push(stage));
  await expect.poll(() => stages.at(-1)).toBe('start');
  const told: number[] = [];
  await playground.log.watch(0, ({ sequence }) => void told.push(sequence));
  await playground.lifecycle.reset();
  await expect.poll(() => told).toEqual([1, 2]);
});

test("a terminal's port comes along and carries its bytes both ways", async () => {
  const { playground } = bridged();
  const { source, sink } = duplexOverPort((await playground.terminals.open({ rows: 24, columns: 80 })).port);
  await sink.write(utf8('echo over\r'));
  let seen = '';
  while (!/\r\nover\r\n/.test(seen)) seen += fromUtf8((await source.read()) ?? utf8('ended'));
  source.cancel();
});

test('bytes, answers and an error with its kind and detail cross', async () => {
  const fake = createFakePlayground();
  const failing = {
    ...fake,
    lines: { ...fake.lines, run: () => Promise.reject(new AppError('exhausted', 'too much', { detail: { limit: 16 } })) },
  };
  const { playground } = bridged(failing);
  await playground.files.write([{ path: '/lab/x', bytes: utf8('ä'), mode: 0o644 }]);
  expect(await playground.files.inspect([{ target: { kind: 'guest' }, op: 'read', path: '/lab/x' }])).toEqual([
    { ok: true, op: 'read', text: 'ä', truncated: false },
  ]);
  await expect(playground.lines.run('true', { id: '1' })).rejects.toMatchObject({ kind: 'exhausted', detail: { limit: 16 } });
});

test('calls that wait when the other end dies reject, as those after it', async () => {
  const { playground, calls } = bridged();
  const waiting = playground.lines.run('sleep 1000', { id: 'long' });
  calls.fail(new AppError('internal', 'the worker died'));
  await expect(waiting).rejects.toThrow('the worker died');
  await expect(playground.terminals.resize(1, { rows: 2, columns: 2 })).rejects.toThrow('the worker died');
});

test('what is behind a playground beside its groups cannot be reached', async () => {
  const behind = { ...createFakePlayground(), host: { secret: () => Promise.resolve('seen') } };
  const { playground } = bridged(behind);
  expect(Reflect.ownKeys(playground)).not.toContain('host');
  const call: unknown = Reflect.get(Reflect.get(playground, 'host'), 'secret');
  if (typeof call !== 'function') throw new Error('the walker gives a call for any name');
  await expect(call()).rejects.toThrow();
});
