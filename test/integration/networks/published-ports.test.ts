import { mkdtemp } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FirewallRule } from '../../../src/protocol/firewall.ts';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

const run = promisify(execFile);

describeWith(['docker', 'curl'], 'published ports, by the real docker client and curl', () => {
  let engine: RunningEngine;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    await docker('pull', '-q', 'busybox');
  });
  afterAll(() => engine.stop());

  async function docker(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent' };
    return (await run('docker', args, { env })).stdout;
  }
  /** '' where nobody answers. */
  const curl = async (port: number, ...more: readonly string[]): Promise<string> =>
    (await run('curl', ['-s', '-m', '20', ...more, `http://127.0.0.1:${port}/`]).catch(() => ({ stdout: '' }))).stdout;
  const serves = 'mkdir /w; echo here >/w/index.html; exec httpd -f -p 80 -h /w';
  const inGuest = (script: string) => docker('run', '--rm', '--network', 'host', 'busybox', 'sh', '-c', script);
  const ask = (address: string) => `wget -q -O - http://${address}/ 2>&1 || true`;

  test('a server is reached from this machine, from the guest, from a neighbour and from itself, until it stops', async () => {
    const port = await freePort();
    await docker('run', '-d', '--name', 'web', '-p', `${port}:80`, 'busybox', 'sh', '-c', serves);
    await expect.poll(() => curl(port)).toBe('here\n');
    expect(await inGuest(`${ask(`127.0.0.1:${port}`)}; ${ask(`172.17.0.1:${port}`)}`)).toBe('here\nhere\n');
    expect(await docker('run', '--rm', 'busybox', 'sh', '-c', ask(`172.17.0.1:${port}`))).toBe('here\n');
    expect(await docker('exec', 'web', 'sh', '-c', ask(`172.17.0.1:${port}`))).toBe('here\n');
    expect(await docker('port', 'web', '80')).toBe(`0.0.0.0:${port}\n`);
    await docker('restart', '-t', '0', 'web');
    await expect.poll(() => curl(port)).toBe('here\n');
    await docker('kill', 'web');
    await docker('wait', 'web');
    expect(await curl(port)).toBe('');
    await docker('start', 'web');
    await expect.poll(() => curl(port)).toBe('here\n');
    await docker('rm', '-f', 'web');
    expect(await curl(port)).toBe('');
    await expect(run('curl', ['-s', `http://127.0.0.1:${port}/`])).rejects.toMatchObject({ code: 7 });
  });

  test('its rule leads there: without it, nobody comes through any more', async () => {
    const port = await freePort();
    await docker('run', '-d', '--name', 'ruled', '-p', `${port}:80`, 'busybox', 'sh', '-c', serves);
    await expect.poll(() => curl(port)).toBe('here\n');
    const { firewall } = engine.playground.host.guest;
    const [mark] = await firewall.add([{ family: 'ip', table: 'nat', words: '-A DOCKER -i none -j RETURN' }]);
    // The kernel counts rules up in each table: the container's two of nat are the ones before this.
    const before = (mark?.handle ?? 0) - 1;
    const rules = [before - 1, before].map((handle): FirewallRule => ({ family: 'ip', table: 'nat', chain: 'DOCKER', handle }));
    await firewall.remove(rules);
    expect(await curl(port)).toBe('');
    expect(await inGuest(ask(`127.0.0.1:${port}`))).toContain('Connection refused');
    await docker('rm', '-f', 'ruled');
    await firewall.remove(mark === undefined ? [] : [mark]);
  });

  test('a port of UDP answers', async () => {
    const port = await freePort();
    const id = (await docker('run', '-d', '--name', 'echo', '-p', `127.0.0.1:${port}:7/udp`, 'busybox', 'sleep', '1000')).trim();
    const server = await engine.playground.host.guest.sockets.bind({ container: id, address: '0.0.0.0', port: 7 });
    const serving = (async () => {
      for (let asked = await server.receive(); asked !== null; asked = await server.receive()) await server.send(asked);
    })();
    const socket = createSocket('udp4');
    const heard = new Promise<string>((resolve) => socket.once('message', (data) => resolve(data.toString())));
    let isHeard = false;
    void heard.then(() => (isHeard = true));
    await expect
      .poll(() => {
        socket.send('word', port, '127.0.0.1');
        return isHeard;
      })
      .toBe(true);
    expect(await heard).toBe('word');
    socket.close();
    server.close();
    await serving;
    await docker('rm', '-f', 'echo');
  });

  test('datagrams of one flow reach whoever publishes the port now, not who did when the flow began', async () => {
    const port = await freePort();
    const { sockets } = engine.playground.host.guest;
    const client = (await docker('run', '-d', '--name', 'client', 'busybox', 'sleep', '1000')).trim();
    const sender = await sockets.bind({ container: client, address: '0.0.0.0', port: 5555 });
    const send = (word: string) => sender.send({ address: '172.17.0.1', port, data: new TextEncoder().encode(word) });
    const listen = async (name: string) => {
      const id = (await docker('run', '-d', '--name', name, '-p', `${port}:7/udp`, 'busybox', 'sleep', '1000')).trim();
      const server = await sockets.bind({ container: id, address: '0.0.0.0', port: 7 });
      const heard: string[] = [];
      const listening = (async () => {
        for (let asked = await server.receive(); asked !== null; asked = await server.receive())
          heard.push(new TextDecoder().decode(asked.data));
      })();
      const hears = (word: string) => expect.poll(() => send(word).then(() => heard)).toContain(word);
      return { hears, end: () => (server.close(), listening) };
    };
    await send('nobody');
    const first = await listen('first');
    await first.hears('one');
    await first.end();
    await docker('rm', '-f', 'first');
    // Somebody else has the address by then.
    await docker('run', '-d', '--name', 'between', 'busybox', 'sleep', '1000');
    const second = await listen('second');
    await second.hears('two');
    await second.end();
    sender.close();
    await docker('rm', '-f', 'client', 'between', 'second');
  });

  test('a range of 300 is told and led to, port by port, and after its container neither rule nor port of it is left', async () => {
    const count = 300;
    const first = await freeRange(count);
    const last = first + count - 1;
    const rules = async (): Promise<string> => (await engine.playground.lines.run('iptables-save | grep ^-', { id: 'rules' })).stdout;
    const before = await rules();
    await docker(
      'run',
      '-d',
      '--name',
      'many',
      '-p',
      `${first}-${last}:${first}-${last}`,
      'busybox',
      'sh',
      '-c',
      serves.replace('80', String(last)),
    );
    const told = (await docker('port', 'many')).trim().split('\n');
    expect([told.length, told[0], told.at(-1)]).toEqual([count, `${first}/tcp -> 0.0.0.0:${first}`, `${last}/tcp -> 0.0.0.0:${last}`]);
    await expect.poll(() => curl(last)).toBe('here\n');
    expect((await rules()).split('\n').length - before.split('\n').length).toBe(3 * count + 1);
    await docker('rm', '-f', 'many');
    expect(await rules()).toBe(before);
    expect(await areFree(first, count)).toBe(true);
  });

  test('one that somebody on this machine has fails the start and leaves nothing, in the guest or here', async () => {
    const server = createServer();
    const taken = await portOf(server);
    const free = await freePort();
    const failed = docker('run', '--name', 'late', '-p', `${free}:79`, '-p', `${taken}:80`, 'busybox', 'true');
    await expect(failed).rejects.toThrow(
      new RegExp(`failed to bind host port for 0\\.0\\.0\\.0:${taken}:172\\.17\\.0\\.\\d+:80/tcp: address already in use`),
    );
    expect(await docker('ps', '-a', '--filter', 'name=late', '--format', '{{.State}}')).toBe('created\n');
    const again = createServer();
    await new Promise<void>((resolve, reject) => again.once('error', reject).listen(free, '127.0.0.1', resolve));
    await Promise.all([server, again].map((each) => new Promise((resolve) => each.close(resolve))));
    await docker('start', '-a', 'late');
    await docker('rm', 'late');
  });
});

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether nobody on this machine listens at any of them. */
async function areFree(first: number, count: number): Promise<boolean> {
  const servers = Array.from({ length: count }, () => createServer());
  const listening = servers.map(
    (server, index) => new Promise<void>((resolve, reject) => server.once('error', reject).listen(first + index, '127.0.0.1', resolve)),
  );
  const all = await Promise.allSettled(listening);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return all.every(({ status }) => status === 'fulfilled');
}

/** Below those that a kernel gives out by itself. */
async function freeRange(count: number): Promise<number> {
  for (let first = 20_000; first < 32_000; first += count) if (await areFree(first, count)) return first;
  throw new Error(`no ${count} free ports in a row`);
}
