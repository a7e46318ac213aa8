import { expect, test } from 'vitest';
import { AppError } from '../base/errors.ts';
import { utf8 } from '../base/bytes.ts';
import { createPipe } from '../base/streams.ts';
import type { PlaygroundPorts, PortRequest } from '../protocol/playground.ts';
import { duplexOverPort } from '../protocol/port-stream.ts';
import { probePort } from './probe.ts';
import { createManualClock } from './testing/manual-clock.ts';

const get = { port: 8080, method: 'GET', path: '/', body: '' };

/** A port that answers with these chunks; `null` at the end: it breaks off. */
function serverOf(chunks: readonly (string | null)[]) {
  const asked: PortRequest[] = [];
  const ports: PlaygroundPorts = {
    async request(_port, request) {
      asked.push(request);
      const { port1, port2 } = new MessageChannel();
      const { source, sink } = duplexOverPort(port1, { tellsAborts: true });
      source.cancel();
      void (async () => {
        for (const chunk of chunks) {
          if (chunk === null) return sink.abort(new Error('gone'));
          await sink.write(utf8(chunk)).catch(() => undefined);
        }
        await sink.close().catch(() => undefined);
      })();
      return { status: 200, reason: 'OK', headers: [], port: port2 };
    },
    abort: () => Promise.resolve(),
  };
  return { ports, asked };
}

test('status and text of an answer come back, and what is sent is JSON', async () => {
  const { ports, asked } = serverOf(['{"y"', ': 3}']);
  const request = { port: 8000, method: 'POST', path: '/predict', body: '{"x": 2}' };
  expect(await probePort(ports, createManualClock(), request)).toEqual({ ok: true, status: 200, text: '{"y": 3}' });
  expect(asked[0]).toMatchObject({ method: 'POST', target: '/predict', body: utf8('{"x": 2}') });
  expect(asked[0]?.headers).toContainEqual(['content-type', 'application/json']);
});

test('of an answer without end only the beginning is read', async () => {
  const { ports } = serverOf(Array.from({ length: 200 }, () => 'x'.repeat(1024)));
  const answer = await probePort(ports, createManualClock(), get);
  expect(answer.ok && answer.text.length).toBe(64 * 1024);
});

test('nobody at the port, an answer that breaks off and none in time are answers', async () => {
  const refusing: PlaygroundPorts = {
    request: () => Promise.reject(new AppError('unavailable', 'localhost:8080: connection refused')),
    abort: () => Promise.resolve(),
  };
  expect(await probePort(refusing, createManualClock(), get)).toEqual({ ok: false, message: 'localhost:8080: connection refused' });
  expect(await probePort(serverOf(['half', null]).ports, createManualClock(), get)).toEqual({ ok: false, message: 'the answer broke off' });
  const clock = createManualClock();
  const held = createPipe();
  const silent: PlaygroundPorts = {
    request: async () => {
      await held.source.read();
      throw new AppError('cancelled', 'the request was cancelled');
    },
    abort: () => held.sink.close(),
  };
  const answer = probePort(silent, clock, get);
  await clock.pass(3000);
  expect(await answer).toEqual({ ok: false, message: 'no answer in time' });
});

test('a guest that is reset meanwhile is no answer', async () => {
  const reset: PlaygroundPorts = {
    request: () => Promise.reject(new AppError('cancelled', 'the request was cancelled')),
    abort: () => Promise.resolve(),
  };
  await expect(probePort(reset, createManualClock(), get)).rejects.toMatchObject({ kind: 'cancelled' });
});
