/** What a stranger does to the API by holding on: connections half open, taken over and silent, never read. Whoever asks next is answered. */
import { fork, type ChildProcess } from 'node:child_process';
import { createConnection, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { apiClient, type ApiClient } from '../support/api-client.ts';

const limit = 120_000;
const megabyte = 2 ** 20;
let child: ChildProcess;
let client: ApiClient;
let socketPath = '';
let held: Socket[] = [];

interface Facts {
  readonly heap: number;
  readonly sockets: number;
}

const facts = (): Promise<Facts> =>
  new Promise((done, failed) => {
    const gone = (): void => failed(new Error('the engine is gone'));
    child.once('exit', gone);
    child.once('message', (message) => {
      child.off('exit', gone);
      done(message as Facts);
    });
    child.send('facts');
  });

beforeAll(async () => {
  child = fork(resolve(import.meta.dirname, 'attacks/engine.ts'), [], { execArgv: ['--import', 'tsx'] });
  ({ path: socketPath } = await new Promise<{ path: string }>((done) =>
    child.once('message', (message) => done(message as { path: string })),
  ));
  client = apiClient(socketPath);
  await client.send('POST', '/images/create?fromImage=busybox&tag=latest');
  await client.send('POST', '/containers/create?name=quiet', { Image: 'busybox', Cmd: ['cat'], OpenStdin: true });
  expect(await client.send('POST', '/containers/quiet/start')).toMatchObject({ status: 204 });
}, limit);

afterAll(() => child.kill('SIGKILL'));

/** Once they have gone the engine holds what it held before. */
afterEach(async () => {
  for (const socket of held) socket.destroy();
  held = [];
  await expect.poll(async () => (await facts()).sockets, { timeout: limit }).toBeLessThanOrEqual(8);
}, limit);

/** Sends this over so many connections, and holds them, reading nothing. */
async function hold(count: number, bytes: string): Promise<void> {
  const open = Array.from(
    { length: count },
    () =>
      new Promise<void>((done, failed) => {
        const socket = createConnection(socketPath, () => socket.write(bytes, () => done()));
        socket.on('error', failed).pause();
        held.push(socket);
      }),
  );
  await Promise.all(open);
}

async function stillAnswered(before: Facts, most: number): Promise<void> {
  for (let count = 0; count < 20; count += 1) expect(await client.send('GET', '/_ping')).toMatchObject({ status: 200, text: 'OK' });
  expect((await facts()).heap - before.heap).toBeLessThan(most);
}

const upgraded = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
const webSocket =
  'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
const halfOpen: readonly (readonly [string, string])[] = [
  ['that say nothing', ''],
  ['in the middle of a request line', 'GET /cont'],
  ['in the middle of a header', 'GET /_ping HTTP/1.1\r\nHost: x\r\nA: b'],
  ['in the middle of a body', 'POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{"Image":'],
  ['in the middle of a chunk', 'POST /images/load HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc'],
  [
    'whose body waits to be asked for',
    'PUT /containers/quiet/archive?path=/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
  ],
  ['that wait for an exit', 'POST /containers/quiet/wait HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['taken over and silent', `POST /containers/quiet/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\n${upgraded}`],
  ['of WebSockets, silent', `GET /containers/quiet/attach/ws?stream=1&stdin=1&stdout=1 HTTP/1.1\r\n${webSocket}`],
  ['of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
];

test.each(halfOpen)('three hundred connections %s keep nobody waiting', { timeout: limit }, async (_what, bytes) => {
  const before = await facts();
  await hold(300, bytes);
  await stillAnswered(before, 32 * megabyte);
});

const unread: readonly string[] = [
  'GET /containers/quiet/logs?follow=1&stdout=1',
  'GET /events?since=0',
  'GET /containers/quiet/stats',
  'GET /images/get?names=busybox',
  'GET /system/df',
  'POST /images/create?fromImage=busybox&tag=latest',
];

test.each(unread)('fifty who ask for %s, twenty times each, and read nothing, keep nobody waiting', { timeout: limit }, async (line) => {
  const before = await facts();
  await hold(50, `${line} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(20));
  await stillAnswered(before, 32 * megabyte);
});

test('output for fifty who are attached and read nothing is held back, not kept', { timeout: limit }, async () => {
  const before = await facts();
  await hold(50, `POST /containers/quiet/attach?stream=1&stdout=1 HTTP/1.1\r\n${upgraded}`);
  const writer = createConnection(socketPath);
  held.push(writer);
  writer.write(`POST /containers/quiet/attach?stream=1&stdin=1 HTTP/1.1\r\n${upgraded}`);
  for (let sent = 0; sent < 20 && writer.writableNeedDrain === false; sent += 1) writer.write(Buffer.alloc(megabyte, 'x\n'));
  await stillAnswered(before, 64 * megabyte);
});
