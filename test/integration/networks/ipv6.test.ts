import { mkdtemp } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

const run = promisify(execFile);

describeWith(['docker'], 'networks with IPv6, by the real docker client', () => {
  let engine: RunningEngine;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    await docker('network', 'create', '--ipv6', '--subnet', 'fd00:1::/64', 'one');
    await docker('network', 'create', '--ipv6', '--ipv4=false', '--subnet', 'fd00:2::/64', 'two');
    await docker('run', '-d', '--name', 'server', '--network', 'one', '--ip6', 'fd00:1::9', '-p', '8080:80', 'busybox', 'sh', '-c', serves);
    await docker('run', '-d', '--name', 'near', '--network', 'one', 'busybox', 'sleep', '1000');
    await docker('run', '-d', '--name', 'far', '--network', 'two', 'busybox', 'sleep', '1000');
  });
  afterAll(() => engine.stop());

  const serves = 'while true; do nc -l -p 80 -e echo here; done';
  async function docker(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent' };
    return (await run('docker', args, { env })).stdout;
  }
  const inside = (name: string, script: string) => docker('exec', name, 'sh', '-c', script);
  const reached = (from: string, address: string, port = 80) => inside(from, `nc -w 3 ${address} ${port} </dev/null 2>/dev/null || true`);

  test('a container has its address at once, a default route, its lines in /etc/hosts and ::1; interfaces without IPv6 have none', async () => {
    const seen = await docker(
      'run',
      '--rm',
      '--network',
      'one',
      'busybox',
      'sh',
      '-c',
      'ip -6 a; ip -6 r; cat /etc/hosts; ping -c1 -W20 ::1',
    );
    expect(seen).toMatch(/inet6 fd00:1::\w+\/64 scope global flags 02/);
    expect(seen).not.toMatch(/scope global tentative|dadfailed/);
    expect(seen).toContain('default via fd00:1::1 dev eth0');
    expect(seen).toMatch(/^fd00:1::\w+\t[0-9a-f]{12}$/m);
    expect(seen).toContain(' 0% packet loss');
    const plain = await docker('run', '--rm', 'busybox', 'sh', '-c', 'ip -6 a show eth0; cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6');
    expect(plain).toBe('1\n');
    const off = await docker('run', '--rm', '--network', 'one', '--sysctl', 'net.ipv6.conf.all.disable_ipv6=1', 'busybox', 'ip', '-6', 'a');
    expect(off).toBe('');
  });

  test('neighbours find and reach each other by name, pointer and address, containers of other networks do not', async () => {
    await expect.poll(() => reached('near', 'fd00:1::9'), { timeout: 60_000 }).toBe('here\n');
    expect(
      await inside(
        'near',
        'nslookup -type=aaaa server; nslookup -type=ptr 9.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.d.f.ip6.arpa || true',
      ),
    ).toContain('Address: fd00:1::9');
    expect(await inside('near', 'ping -c1 -W20 -6 server')).toContain('(fd00:1::9)');
    expect(await reached('far', 'fd00:1::9')).toBe('');
  });

  test('a published port is reached from the guest and from itself by the gateway, and not from another network, as in Docker without a proxy', async () => {
    const inGuest = (script: string) => docker('run', '--rm', '--privileged', '--network', 'host', 'busybox', 'sh', '-c', script);
    expect(await docker('port', 'server')).toBe('80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n');
    await expect.poll(() => inGuest('nc -w 3 fd00:1::1 8080 </dev/null || true'), { timeout: 60_000 }).toBe('here\n');
    expect(await reached('far', 'fd00:2::1', 8080)).toBe('');
    await expect.poll(() => reached('server', 'fd00:1::1', 8080), { timeout: 60_000 }).toBe('here\n');
  });

  test('a running container joins a network with IPv6 and leaves it, its default route with it', async () => {
    await docker('network', 'connect', '--ip6', 'fd00:1::77', 'one', 'far');
    const joined = await inside('far', 'ip -6 a; ip -6 r; cat /etc/hosts');
    expect(joined).toContain('inet6 fd00:1::77/64');
    expect(joined.match(/default via .*/g)).toEqual([expect.stringContaining('default via fd00:1::1 dev eth1')]);
    expect(joined).toMatch(/^fd00:1::77\t/m);
    await expect.poll(() => reached('far', 'server'), { timeout: 60_000 }).toBe('here\n');
    await docker('network', 'disconnect', 'one', 'far');
    const left = await inside('far', 'ip -6 r; cat /etc/hosts');
    expect(left.match(/default via .*/g)).toEqual([expect.stringContaining('default via fd00:2::1 dev eth0')]);
    expect(left).not.toContain('fd00:1::77');
  });
});
