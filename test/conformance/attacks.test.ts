/**
 * Requests that once stopped the one thread, against an engine in another process. Its time limit is only there so that a hang fails instead of hanging
 * the tests; what each parser does is counted in steps beside it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const limit = 60_000;
const kibibyte = 1024;
let child: ChildProcess;
let socketPath = '';

const ask = (): Promise<unknown> =>
  new Promise((done, failed) => {
    child.once('message', done);
    child.once('exit', () => failed(new Error('the engine is gone')));
  });

beforeAll(async () => {
  child = fork(resolve(import.meta.dirname, 'attacks/engine.ts'), [], { execArgv: ['--import', 'tsx'] });
  const { path } = (await ask()) as { readonly path: string };
  socketPath = path;
  await send('POST', '/images/create?fromImage=busybox&tag=latest');
  await send('POST', `/containers/create?name=${'a'.repeat(5000)}_`, { Image: 'busybox' });
}, limit);

afterAll(() => child.kill('SIGKILL'));

function send(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((done, failed) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ socketPath, method, path, headers, agent: false, timeout: limit }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => done({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', failed).on('timeout', () => sent.destroy(new Error('the engine hangs')));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function sendRaw(bytes: string): Promise<string> {
  return new Promise((done, failed) => {
    const connection = createConnection(socketPath, () => connection.write(bytes));
    let text = '';
    connection.setTimeout(limit, () => connection.destroy(new Error('the engine hangs')));
    connection.on('data', (chunk) => (text += chunk.toString('latin1')));
    connection.on('end', () => done(text)).on('error', failed);
  });
}

const listed = (path: string, filters: unknown) => send('GET', `${path}?all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`);
const raw = (head: string): Promise<string> => sendRaw(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`);

test(
  'each is answered, and so is whoever asks next',
  async () => {
    expect(await sendRaw(`GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: b${' '.repeat(60_000)}c\r\n\r\n`)).toMatch(/OK$/);
    expect(await listed('/containers/json', { name: ['(a+)+$'] })).toEqual({ status: 200, text: '[]\n' });
    expect(await listed('/containers/json', { name: ['(a|a)*c|((a*)*)*d'] })).toEqual({ status: 200, text: '[]\n' });
    expect(await listed('/networks', { name: ['(b*)*(r*)*z'] })).toEqual({ status: 200, text: '[]\n' });
    expect(await listed('/images/json', { reference: ['*a*a*a*a*a*a*b', `${'*'.repeat(4000)}b`] })).toEqual({ status: 200, text: '[]\n' });
    expect((await listed('/images/json', { reference: Array.from({ length: 20_000 }, (_, at) => `${at}*a*a`) })).status).toBe(400);
    expect((await listed('/containers/json', { name: Array.from({ length: 5000 }, (_, at) => `^${at}[ab]{500}`) })).status).toBe(400);
    expect((await send('GET', `/events?since=${'9'.repeat(500_000)}&until=1`)).status).toBe(500);
    expect(await raw(`GET /v${'1.'.repeat(250_000)}/info HTTP/1.1`)).toMatch(/^HTTP\/1.1 400/);
    expect(await raw(`GET /images/x${'/json'.repeat(100_000)} HTTP/1.1`)).toMatch(/^HTTP\/1.1 4/);
    expect(await raw(`GET ${'/a/..'.repeat(100_000)} HTTP/1.1`)).toMatch(/^HTTP\/1.1 301 Moved Permanently\r\nLocation: \/\r\n/);
    expect(await raw(`GET /images/${'a-'.repeat(100_000)}!/json HTTP/1.1`)).toMatch(/^HTTP\/1.1 4/);
    expect(await raw(`GET /images/${'a.'.repeat(100_000)}/${'a__'.repeat(60_000)}!/json HTTP/1.1`)).toMatch(/^HTTP\/1.1 4/);
    expect((await send('POST', '/containers/create', { Image: `${'a/'.repeat(100_000)}!` })).status).toBeGreaterThanOrEqual(400);
    expect(await send('GET', '/_ping')).toEqual({ status: 200, text: 'OK' });
  },
  2 * limit,
);

test(
  'fifty queries of 500 kB leave a few hundred kilobytes in the log',
  async () => {
    for (let count = 0; count < 50; count += 1) expect((await send('GET', `/_ping?${count}=${'x'.repeat(500_000)}`)).status).toBe(200);
    const answered = ask();
    child.send('memory');
    const { logBytes } = (await answered) as { readonly logBytes: number };
    expect(logBytes).toBeLessThan(1000 * kibibyte);
  },
  2 * limit,
);

test(
  'a head beyond 1 MiB is refused as in Go, and the connection closed',
  async () => {
    expect(await sendRaw(`GET /_ping HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(1_060_000)}`)).toMatch(/^HTTP\/1.1 431 /);
  },
  2 * limit,
);
