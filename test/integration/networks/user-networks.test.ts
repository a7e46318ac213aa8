import { mkdtemp } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

const run = promisify(execFile);

describeWith(['docker'], 'networks of the user’s, by the real docker client', () => {
  let engine: RunningEngine;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
  });
  afterAll(() => engine.stop());

  async function docker(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent' };
    return (await run('docker', args, { env })).stdout;
  }
  const start = (name: string, ...options: readonly string[]) =>
    docker('run', '-d', '--name', name, ...options, 'busybox', 'sleep', '1000');
  const inGuest = (script: string) => docker('run', '--rm', '--privileged', '--network', 'host', 'busybox', 'sh', '-c', script);
  /** What is answered on port 80 within three seconds; '' when nothing comes through. */
  const reached = async (from: string, address: string): Promise<string> =>
    docker('exec', from, 'sh', '-c', `nc -w 3 ${address} 80 </dev/null 2>/dev/null || true`);

  test('a bridge stands in the guest with its address while the network is there, and containers have theirs', async () => {
    const id = (
      await docker(
        'network',
        'create',
        '--subnet',
        '10.80.0.0/16',
        '--ip-range',
        '10.80.5.0/24',
        '-o',
        'com.docker.network.driver.mtu=1400',
        'ranged',
      )
    ).trim();
    const bridge = `br-${id.slice(0, 12)}`;
    expect(await inGuest(`ip -o -4 a show ${bridge}; ip l show ${bridge}`)).toMatch(/inet 10\.80\.5\.0\/16[^]*mtu 1400/);
    await start('ranged', '--network', 'ranged');
    const stdout = await docker('exec', 'ranged', 'sh', '-c', 'ip -4 a show eth0; ip r; cat /etc/hosts');
    expect(stdout).toMatch(/mtu 1400[^]*inet 10\.80\.5\.1\/16[^]*default via 10\.80\.5\.0 dev eth0/);
    expect(stdout).toContain('10.80.5.1\t');
    await docker('rm', '-f', 'ranged');
    await docker('network', 'rm', 'ranged');
    expect(await inGuest(`ip l show ${bridge} 2>&1 || true`)).toContain("can't find device");
  });

  test('a container has ::1 on every network of its own, and IPv6 nowhere else', async () => {
    const script = 'cat /proc/net/if_inet6; cat /proc/sys/net/ipv6/conf/lo/disable_ipv6';
    await docker('network', 'create', 'loops');
    for (const network of ['bridge', 'none', 'loops'])
      expect(await docker('run', '--rm', '--network', network, 'busybox', 'sh', '-c', script)).toBe(
        '00000000000000000000000000000001 01 80 10 80       lo\n0\n',
      );
    const own = ['--network', 'none', 'busybox', 'sh', '-c', 'nc -lp 80 -s ::1 </dev/null & ping -c 1 ::1'];
    expect(await docker('run', '--rm', ...own)).toContain(' 0% packet loss');
    expect(await docker('run', '--rm', '--sysctl', 'net.ipv6.conf.all.disable_ipv6=1', 'busybox', 'cat', '/proc/net/if_inet6')).toBe('');
    await docker('network', 'rm', 'loops');
  });

  test('who shares a network shares hosts, hostname and resolv.conf: the same files, whoever writes, also when its owner has gone', async () => {
    const paths = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];
    const inodes = (name: string) => docker('exec', name, 'stat', '-c', '%d %i', ...paths);
    const pathsOf = (name: string) => docker('inspect', '-f', '{{.HostsPath}} {{.HostnamePath}} {{.ResolvConfPath}}', name);
    await docker('network', 'create', 'later');
    await start('owner');
    await start('guest', '--network', 'container:owner');
    await start('third', '--network', 'container:guest', '--read-only');
    expect([await inodes('guest'), await inodes('third')]).toEqual([await inodes('owner'), await inodes('owner')]);
    expect(await pathsOf('third')).toBe(await pathsOf('owner'));
    await docker('exec', 'guest', 'sh', '-c', 'echo 10.9.8.7 nine >> /etc/hosts');
    expect(await docker('exec', 'owner', 'cat', '/etc/hosts')).toContain('10.9.8.7 nine\n');
    await docker('network', 'connect', 'later', 'owner');
    const added = (await docker('inspect', '-f', '{{.NetworkSettings.Networks.later.IPAddress}}', 'owner')).trim();
    expect(await docker('exec', 'third', 'cat', '/etc/hosts')).toContain(`${added}\t`);
    expect(await docker('exec', 'third', 'cat', '/etc/resolv.conf')).toContain('nameserver 127.0.0.11\n');
    await expect(docker('exec', 'third', 'sh', '-c', 'echo >> /etc/hosts')).rejects.toThrow('Read-only file system');
    await docker('rm', '-f', 'owner');
    expect(await docker('exec', 'guest', 'cat', '/etc/hosts')).toContain('10.9.8.7 nine\n');
    await docker('rm', '-f', 'guest', 'third');
    await docker('network', 'rm', 'later');
  });

  test('neighbours on a network reach each other, containers of other networks do not, and icc=false parts neighbours', async () => {
    for (const name of ['one', 'two']) await docker('network', 'create', name);
    await docker('network', 'create', '-o', 'com.docker.network.bridge.enable_icc=false', 'parted');
    await docker('network', 'create', '--internal', 'inside');
    await docker(
      'run',
      '-d',
      '--name',
      'server',
      '--network',
      'one',
      'busybox',
      'sh',
      '-c',
      'while true; do nc -l -p 80 -e echo here; done',
    );
    for (const name of ['parted', 'inside']) await docker('network', 'connect', name, 'server');
    const addressOn = async (name: string) =>
      (await docker('inspect', '-f', `{{(index .NetworkSettings.Networks "${name}").IPAddress}}`, 'server')).trim();
    for (const name of ['one', 'two', 'parted', 'inside']) await start(`client-${name}`, '--network', name);
    const own = await addressOn('one');
    await expect.poll(() => reached('client-one', own), { timeout: 60_000 }).toBe('here\n');
    expect(await reached('client-two', await addressOn('one'))).toBe('');
    expect(await reached('client-parted', await addressOn('parted'))).toBe('');
    const inside = await addressOn('inside');
    await expect.poll(() => reached('client-inside', inside), { timeout: 60_000 }).toBe('here\n');
    expect(await docker('exec', 'client-inside', 'ip', 'r')).not.toContain('default');
    await docker('rm', '-f', 'server', ...['one', 'two', 'parted', 'inside'].map((name) => `client-${name}`));
    await docker('network', 'prune', '-f');
    expect(await inGuest('ip -o l | grep -c br-; ip -o l | grep -c veth; true')).toBe('0\n0\n');
  });
});
