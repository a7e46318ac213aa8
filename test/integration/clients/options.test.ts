/** Options of `docker run` that a client sends and that only the guest can honour. */
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type RunningEngine } from '../../../src/worker/node/engine.ts';
import { describeWith } from '../../support/tools.ts';

describeWith(['docker'], 'docker run of the real client', () => {
  let engine: RunningEngine;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drydock-'));
    engine = await startEngine({ host: `unix://${folder}/engine.sock` });
    await docker('pull', '-q', 'busybox');
  });
  afterAll(() => engine.stop());

  /** Both outputs, one after the other. */
  function docker(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DOCKER_HOST: engine.address, DOCKER_CONFIG: '/nonexistent' };
    return new Promise((resolve) => execFile('docker', args, { env }, (_, stdout, stderr) => resolve(stdout + stderr)));
  }
  const run = (...args: readonly string[]): Promise<string> => docker('run', '--rm', ...args);

  test('--device makes a device of the guest, which may be opened; others may not', async () => {
    expect(await run('--device', '/dev/kmsg:/dev/log', 'busybox', 'sh', '-c', 'ls -l /dev/log; : </dev/log && echo open')).toMatch(
      /1,\s+11 .*\nopen/,
    );
    expect(await run('busybox', 'sh', '-c', 'mknod /k c 1 11; : </k')).toContain("can't open /k");
    expect(await run('--device', '/dev/nope', 'busybox', 'true')).toContain(
      'error gathering device information while adding custom device "/dev/nope": no such file or directory',
    );
    expect((await run('--privileged', 'busybox', 'ls', '/dev')).split('\n')).toEqual(expect.arrayContaining(['kmsg', 'null', 'sda']));
  });

  test('--device with letters and --device-cgroup-rule allow what they say and no more', async () => {
    const tries = 'for how in "<" ">>"; do (eval ": $how /d") 2>/dev/null && echo "$how open"; done; true';
    const opened = async (...flags: readonly string[]): Promise<string> => run(...flags, 'busybox', 'sh', '-c', `mknod /d b 8 0; ${tries}`);
    expect(await opened()).toBe('');
    expect(await opened('--device', '/dev/sda:/dev/x:r')).toBe('< open\n');
    expect(await opened('--device-cgroup-rule', 'b 8:* r')).toBe('< open\n');
    expect(await opened('--device-cgroup-rule', 'b *:0 r', '--device-cgroup-rule', 'b *:0 w')).toBe('< open\n>> open\n');
    expect(await opened('--device-cgroup-rule', 'a *:* rwm')).toBe('< open\n>> open\n');
    expect(await opened('--device-cgroup-rule', 'c *:* rwm')).toBe('');
  });

  test('--device-read-bps and its like are limits of the kernel', async () => {
    const limits = ['--device-read-bps', '/dev/sda:1mb', '--device-write-bps', '/dev/sda:2mb', '--device-write-iops', '/dev/sda:9'];
    expect(await run(...limits, 'busybox', 'cat', '/sys/fs/cgroup/io.max')).toBe('8:0 rbps=1048576 wbps=2097152 riops=max wiops=9\n');
    expect(await run('--device-read-bps', '/dev/nope:1mb', 'busybox', 'true')).toContain('stat /dev/nope: no such file or directory');
    expect(await run('--device-read-bps', '/dev/null:1mb', 'busybox', 'true')).toMatch(
      /failed to write "1:3 rbps=1048576": write \/sys\/fs\/cgroup\/docker\/[0-9a-f]{64}\/io\.max: no such device/,
    );
    expect(await docker('ps', '-aq')).toBe('');
  });

  test('--blkio-weight is a weight of the kernel, and update changes it', async () => {
    expect(await run('--blkio-weight', '300', 'busybox', 'cat', '/sys/fs/cgroup/io.weight')).toBe('default 2930\n');
    await docker('run', '-d', '--name', 'weighty', 'busybox', 'sleep', '1000');
    const weight = () => docker('exec', 'weighty', 'cat', '/sys/fs/cgroup/io.weight');
    expect(await weight()).toBe('default 100\n');
    expect(await docker('update', '--blkio-weight', '1000', 'weighty')).toBe('weighty\n');
    expect(await weight()).toBe('default 10000\n');
    expect(await docker('inspect', '-f', '{{.HostConfig.BlkioWeight}}', 'weighty')).toBe('1000\n');
    expect(await docker('rm', '-f', 'weighty')).toBe('weighty\n');
  });

  test('--cgroup-parent puts the cgroup there, with its limits, and stats and top find it', async () => {
    await docker('run', '-d', '--name', 'red', '--cgroup-parent', '/teams/red', '-m', '20m', 'busybox', 'sleep', '1000');
    const path = (
      await run('--pid', 'host', '--cgroupns', 'host', 'busybox', 'sh', '-c', 'cat /proc/[0-9]*/cgroup 2>/dev/null | grep teams')
    ).trim();
    expect(path).toMatch(/^0::\/teams\/red\/[0-9a-f]{64}$/);
    expect(await docker('stats', '--no-stream', '--format', '{{.MemUsage}} {{.PIDs}}', 'red')).toMatch(/^\S+ \/ 20MiB 1\n$/);
    expect(await docker('top', 'red')).toContain('sleep 1000');
    expect(await docker('rm', '-f', 'red')).toBe('red\n');
  });

  test('--mac-address is the address of eth0', async () => {
    expect(await run('--mac-address', '02:42:ac:11:00:99', 'busybox', 'cat', '/sys/class/net/eth0/address')).toBe('02:42:ac:11:00:99\n');
  });

  test("--ipc host shares the guest's /dev/shm, none has none", async () => {
    await run('--ipc', 'host', 'busybox', 'touch', '/dev/shm/left');
    expect(await run('--ipc', 'host', 'busybox', 'ls', '/dev/shm')).toBe('left\n');
    expect(await run('busybox', 'ls', '/dev/shm')).toBe('');
    expect(await run('--ipc', 'none', 'busybox', 'ls', '/dev/shm')).toContain('No such file or directory');
  });

  test('--ipc shareable shares its /dev/shm with who joins it, a private one does not, and nothing of it stays', async () => {
    await docker('run', '-d', '--name', 'donor', '--ipc', 'shareable', '--shm-size', '1m', 'busybox', 'sleep', '1000');
    await docker('exec', 'donor', 'touch', '/dev/shm/given');
    const joined = await run('--ipc', 'container:donor', 'busybox', 'sh', '-c', 'ls /dev/shm; grep /dev/shm /proc/self/mountinfo');
    expect(joined).toMatch(/^given\n.* \/dev\/shm rw,nosuid,nodev,noexec.*size=1024k/);
    await docker('rm', '-f', 'donor');
    expect(await run('--pid', 'host', '--privileged', 'busybox', 'cat', '/proc/1/mountinfo')).not.toContain('/run/drydock/containers');
    await docker('run', '-d', '--name', 'own', 'busybox', 'sleep', '1000');
    expect(await run('--ipc', 'container:own', 'busybox', 'true')).toContain('non-shareable IPC (hint: use IpcMode:shareable');
    await docker('rm', '-f', 'own');
  });

  test('with --read-only the names of the network are read-only too; without it they may be written', async () => {
    const write = 'for f in hosts hostname resolv.conf; do echo x >>/etc/$f && echo wrote $f; done';
    const refused = await run('--read-only', 'busybox', 'sh', '-c', write);
    expect(refused.match(/Read-only file system/g)).toHaveLength(3);
    expect(await run('busybox', 'sh', '-c', write)).toBe('wrote hosts\nwrote hostname\nwrote resolv.conf\n');
  });

  test('a tmpfs may be shared, control groups writable, and an empty HOME is that of the user', async () => {
    expect(await run('--tmpfs', '/x:shared,size=1m', 'busybox', 'grep', ' /x ', '/proc/self/mountinfo')).toMatch(
      / shared:\d+ .*size=1024k/,
    );
    expect(await run('--tmpfs', '/x:private', 'busybox', 'grep', ' /x ', '/proc/self/mountinfo')).not.toContain('shared:');
    const cgroup = ['busybox', 'sh', '-c', 'mkdir /sys/fs/cgroup/mine && echo made'];
    expect(await run(...cgroup)).toContain('Read-only file system');
    expect(await run('--security-opt', 'writable-cgroups=true', ...cgroup)).toBe('made\n');
    expect(await run('-e', 'HOME=', 'busybox', 'sh', '-c', 'echo $HOME')).toBe('/root\n');
  });

  test('the place of a volume is there, and is what the image says of it', async () => {
    const listed = await run(
      '-v',
      '/fresh/place',
      '-v',
      '/tmp',
      '-v',
      '/tmp/x',
      'busybox',
      'sh',
      '-c',
      'ls -ld /fresh/place /tmp; touch /fresh/place/x && echo made',
    );
    expect(listed).toMatch(/drwxr-xr-x .* \/fresh\/place\n/);
    expect(listed).toMatch(/drwxrwxrwt .* \/tmp\nmade\n/);
    expect(listed).not.toContain('WARNING');
  });

  test('a bind mount may be of a file, and --mount wants its source to be there', async () => {
    expect(await run('-v', '/etc/os-release:/os:ro', 'busybox', 'cat', '/os')).toContain('Drydock');
    expect(await run('--mount', 'type=bind,src=/nope,dst=/x', 'busybox', 'true')).toContain(
      'invalid mount config for type "bind": bind source path does not exist: /nope',
    );
  });
});
