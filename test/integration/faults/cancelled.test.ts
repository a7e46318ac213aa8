import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileTar } from '../../support/file-tar.ts';
import { isLong, randomOf, seed } from '../../support/long.ts';
import { engineUnderFaults, type EngineUnderFaults } from './engine-under-faults.ts';

const rounds = isLong ? 30 : 2;
let under: EngineUnderFaults;
beforeAll(async () => {
  under = await engineUnderFaults();
});
afterAll(() => under.stop());

interface Call {
  readonly method: string;
  readonly target: string;
  readonly body?: unknown;
  /** The answer never comes by itself. */
  readonly silent?: true;
  readonly orStatus?: number;
}

/** Whatever takes its time or has much to say. */
async function calls(): Promise<readonly Call[]> {
  const { Id } = JSON.parse(await under.must('POST', '/containers/big/exec', { Cmd: ['yes'], AttachStdout: true })) as {
    readonly Id: string;
  };
  const saved = await fileTar('not-an-image', new Uint8Array(2 ** 21));
  return [
    { method: 'GET', target: '/containers/loud/logs?follow=1&stdout=1' },
    { method: 'POST', target: '/containers/loud/attach?stream=1&stdout=1&stdin=1' },
    // A commit under way has the container paused: then Docker refuses.
    { method: 'POST', target: `/exec/${Id}/start`, body: { Detach: false }, orStatus: 409 },
    { method: 'POST', target: '/images/create?fromImage=nginx&tag=latest' },
    { method: 'GET', target: '/containers/big/archive?path=/big' },
    { method: 'PUT', target: '/containers/big/archive?path=/tmp', body: await fileTar('in', new Uint8Array(2 ** 23)), silent: true },
    { method: 'GET', target: '/containers/big/export' },
    { method: 'GET', target: '/events?since=0' },
    { method: 'GET', target: '/containers/big/stats' },
    { method: 'POST', target: '/images/load', body: saved, silent: true },
    { method: 'GET', target: '/images/get?names=busybox' },
    { method: 'POST', target: '/commit?container=big&repo=left', silent: true },
    { method: 'POST', target: '/containers/big/wait' },
    { method: 'POST', target: '/containers/create', body: { Image: 'busybox', HostConfig: { Binds: ['left:/v'] } }, silent: true },
  ];
}

test(
  `calls of every kind are left in the middle (SEED=${seed}), and nothing goes on for who is gone`,
  { timeout: 600_000 + rounds * 60_000 },
  async () => {
    console.log(`SEED=${seed}`);
    const random = randomOf(seed);
    await under.run({ Cmd: ['sh', '-c', 'while :; do echo again; sleep 0.1; done'] }, 'loud');
    await under.run({ Cmd: ['sh', '-c', 'dd if=/dev/zero of=/big bs=1M count=8; echo done >/done; exec sleep 100000'] }, 'big');
    await expect.poll(() => under.line('docker exec big cat /done')).toBe('done\n');
    for (let round = 0; round < rounds; round += 1) {
      await under.send('POST', '/containers/big/start');
      const inOrder = (await calls()).map((call) => ({ call, at: random() })).sort((a, b) => a.at - b.at);
      const left = inOrder.map(({ call: { method, target, body, silent, orStatus } }) => {
        const milliseconds = Math.floor(random() * 300);
        return silent === true
          ? under.breakOff(method, target, { body, milliseconds })
          : under.leave(method, target, { body, bytes: Math.floor(random() * 100_000), milliseconds: 20_000, orStatus });
      });
      await Promise.all(left);
      await under.breakOff('POST', '/containers/big/stop?t=0', { milliseconds: Math.floor(random() * 300) });
      await under.send('POST', '/containers/big/stop?t=0');
      await under.must('GET', '/_ping');
    }
    // Sessions end, and the log says that it was the client.
    const log = () => under.engine.playground.host.log.since(0);
    await expect
      .poll(() => {
        const ended = new Set(log().flatMap((entry) => (entry.kind === 'request-closed' ? [entry.request] : [])));
        return log().flatMap((entry) =>
          entry.kind === 'request' &&
          /\/(logs|attach|events|stats|exec\/.*\/start)$/.test(entry.path) &&
          entry.status < 300 &&
          !ended.has(entry.sequence)
            ? [entry.path]
            : [],
        );
      })
      .toEqual([]);
    await under.agrees();
    await under.must('DELETE', '/containers/big?force=1');
    await under.must('DELETE', '/containers/loud?force=1');
    await under.send('DELETE', '/images/left?force=1');
    await under.leavesNothing();
  },
);
