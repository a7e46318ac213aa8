import { mkdtemp, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pipeTo } from '../../base/streams.ts';
import { listen, parseHost } from './listen.ts';

test('a host is a unix socket or a loopback port and nothing else', () => {
  expect(parseHost('unix:///tmp/x.sock')).toEqual({ kind: 'unix', path: '/tmp/x.sock' });
  expect(parseHost('tcp://127.0.0.1:2375')).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 2375 });
  for (const bad of ['', 'unix://relative', 'tcp://0.0.0.0:2375', 'tcp://127.0.0.1', 'tcp://127.0.0.1:99999', 'http://127.0.0.1:1']) {
    expect(() => parseHost(bad), bad).toThrow('unable to parse docker host');
  }
});

test('a client that closes its writing half still reads everything that was written to it', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'drydock-')), 'echo.sock');
  const listener = await listen({ kind: 'unix', path }, ({ source, sink }) => pipeTo(source, sink));
  const sent = Buffer.alloc(5_000_000, 'x');
  const received = await new Promise<number>((resolve, reject) => {
    let size = 0;
    const socket = createConnection({ path, allowHalfOpen: true }, () => socket.end(sent));
    socket.on('data', (chunk) => {
      size += chunk.length;
    });
    socket.on('end', () => resolve(size));
    socket.on('error', reject);
  });
  expect(received).toBe(sent.length);
  await listener.close();
});

test('a socket file left by a killed engine is replaced, a living one and a plain file are not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-'));
  const path = join(folder, 'engine.sock');
  const first = await listen({ kind: 'unix', path }, () => Promise.resolve());
  await expect(listen({ kind: 'unix', path }, () => Promise.resolve())).rejects.toMatchObject({ kind: 'conflict' });
  await first.close();
  const second = await listen({ kind: 'unix', path }, () => Promise.resolve());
  await second.close();
  await writeFile(join(folder, 'file'), '');
  await expect(listen({ kind: 'unix', path: join(folder, 'file') }, () => Promise.resolve())).rejects.toMatchObject({ kind: 'conflict' });
});

test('what a client sends after its connection was given up is thrown away, so that it can end', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'drydock-')), 'deaf.sock');
  const listener = await listen({ kind: 'unix', path }, async ({ source, sink }) => {
    await source.read();
    source.cancel();
    await sink.close();
  });
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection({ path, allowHalfOpen: true }, () => socket.end(Buffer.alloc(5_000_000)));
    socket.resume();
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  await listener.close();
});
