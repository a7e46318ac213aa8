import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { servedEngine, type ServedEngine } from './socket.ts';

const run = promisify(execFile);
let served: ServedEngine;

beforeEach(async () => {
  served = await servedEngine();
});

afterEach(() => served.listener.close());

async function curl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('curl', ['--silent', '--max-time', '60', '--unix-socket', served.path, ...args]);
  return stdout;
}

describeWith(['curl'], 'curl', () => {
  test('gets, posts, and sees the status', async () => {
    expect(await curl('http://localhost/_ping')).toBe('OK');
    expect(await curl('-w', '%{http_code}', 'http://localhost/nothing')).toBe('{"message":"page not found"}\n404');
    expect(await curl('-I', 'http://localhost/_ping')).toContain('Api-Version: 1.50\r\n');
    expect(await curl('-X', 'POST', 'http://localhost/images/create?fromImage=busybox&tag=latest')).toContain('Downloaded newer image');
    expect(
      await curl('-H', 'Content-Type: application/json', '-d', '{"Image":"busybox"}', 'http://localhost/containers/create?name=web'),
    ).toContain('"Id"');
  });

  test('sends a body too long for one piece, expecting to be told to go on, and in chunks', async () => {
    await curl('-X', 'POST', 'http://localhost/images/create?fromImage=busybox&tag=latest');
    const long = JSON.stringify({ Image: 'busybox', Labels: { long: 'x'.repeat(100_000) } });
    const json = ['-H', 'Content-Type: application/json', '-d', long, 'http://localhost/containers/create'];
    expect(await curl('-H', 'Expect: 100-continue', ...json)).toContain('"Id"');
    expect(await curl('-H', 'Transfer-Encoding: chunked', ...json)).toContain('"Id"');
  });

  test('uses one connection for several requests, and speaks 1.0', async () => {
    expect(await curl('-w', '%{num_connects} ', 'http://localhost/_ping', 'http://localhost/_ping')).toBe('OK1 OK0 ');
    expect(await curl('--http1.0', 'http://localhost/_ping')).toBe('OK');
  });
});

test('a client that closes its half behind the request still gets an answer', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = createConnection({ path: served.path, allowHalfOpen: true });
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.end('GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n');
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*OK$/s);
});

test('a client that closed its half and is gone later leaves even a container that says nothing', async () => {
  const { engine, path } = served;
  const call = async (method: string, target: string, body = ''): Promise<string> => {
    const head = `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    const socket = createConnection({ path, allowHalfOpen: true });
    socket.end(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    return text(socket);
  };
  await call('POST', '/images/create?fromImage=busybox&tag=latest');
  expect(await call('POST', '/containers/create?name=silent', '{"Image":"busybox","Cmd":["sleep"]}')).toContain('201 Created');
  expect(await call('POST', '/containers/silent/start')).toContain('204 No Content');
  const client = createConnection({ path, allowHalfOpen: true });
  client.end('POST /containers/silent/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  await once(client, 'data');
  const left = (): boolean => engine.log.since(0).some((entry) => entry.kind === 'event' && entry.action === 'detach');
  expect(left()).toBe(false);
  client.destroy();
  await expect.poll(left).toBe(true);
});

test('attaching over a WebSocket gives the raw output and takes input, and a page of another origin gets nothing', async () => {
  const { path } = served;
  expect(await curl('-X', 'POST', 'http://localhost/images/create?fromImage=busybox&tag=latest')).toContain('busybox');
  const made = '{"Image":"busybox","Cmd":["cat"],"OpenStdin":true,"StdinOnce":true}';
  expect(await curl('-H', 'Content-Type: application/json', '-d', made, 'http://localhost/containers/create?name=cat')).toContain('"Id"');
  const open = (name: string, options = {}): WebSocket =>
    new WebSocket(`ws+unix://${path}:/containers/${name}/attach/ws?stream=1&stdin=1&stdout=1`, options);
  const socket = open('cat');
  const seen: Buffer[] = [];
  socket.on('message', (data: Buffer) => seen.push(data));
  await once(socket, 'open');
  expect(await curl('-w', '%{http_code}', '-X', 'POST', 'http://localhost/containers/cat/start')).toBe('204');
  socket.send('hello\n');
  await expect.poll(() => Buffer.concat(seen).toString()).toBe('hello\n');
  const closed = once(socket, 'close');
  expect(await curl('-w', '%{http_code}', '-X', 'POST', 'http://localhost/containers/cat/kill')).toBe('204');
  expect((await closed)[0]).toBe(1000);
  await expect(once(open('nobody'), 'open')).rejects.toThrow('Unexpected server response: 404');
  await expect(once(open('cat', { origin: 'http://evil.example.com' }), 'open')).rejects.toThrow('Unexpected server response: 403');
});
