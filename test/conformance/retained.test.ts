/** What the engine keeps after many calls, over a host in memory: nothing but the log, which has a bound. */
import { setFlagsFromString, queryObjects } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createEventLog } from '../../src/engine/events/log.ts';
import { systemClock } from '../../src/engine/clock.ts';
import { callsOfRound, mixedRound, type ApiCaller } from '../support/mixed-calls.ts';
import { testClient, type TestClient } from './client.ts';
import { testEngine } from './test-engine.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

interface Kept {
  readonly objects: number;
  readonly bytes: number;
}

/** After the collector has been, and what waits for its turn has had it. */
async function kept(): Promise<Kept> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (typeof collect === 'function') collect();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { objects: queryObjects(Object, { format: 'count' }), bytes: heapUsed + arrayBuffers };
}

function callerOf(client: TestClient): ApiCaller {
  return {
    call: client.call,
    async leave(method, target) {
      const { response, close } = await client.open(method, target);
      close();
      if (response.body !== null && !(response.body instanceof Uint8Array)) response.body.cancel();
    },
  };
}

test('2,000 mixed calls leave no more objects and bytes than the first 500 left', async () => {
  const { engine, runtime } = testEngine({ log: createEventLog(systemClock(), 64 * 1024) });
  const client = testClient({ engine, runtime });
  await client.call('POST', '/images/create?fromImage=busybox&tag=latest');
  const rounds = async (from: number, calls: number): Promise<void> => {
    for (let round = 0; round * callsOfRound < calls; round++) await mixedRound(callerOf(client), from + round);
    runtime.forgetPast();
  };
  await rounds(1000, 500);
  const before = await kept();
  await rounds(2000, 2000);
  const after = await kept();
  expect(after.objects - before.objects).toBeLessThan(2000 / 10);
  expect(after.bytes - before.bytes).toBeLessThan(1024 * 1024);
  expect(engine.log.since(0).length).toBeGreaterThan(0);
});
