import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/base/errors.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { withLayers } from '../../../src/guest/layers.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { encodeRecord } from '../../../src/protocol/agent-codec.ts';
import { hostKind } from '../../../src/protocol/agent.ts';
import { addLayer, mountFlag, outcomeOf, type ContainerSpec, type ProcessSpec } from '../agent/containers.ts';
import { agentIsBuilt, coldBoot } from '../machine/guest.ts';
import { longPasswd, rows } from './cves.ts';
import { hostSecret, Lab } from './lab.ts';

const imageLayer = '/run/drydock/host/layers/agent-test';

describe.skipIf(!agentIsBuilt)('the confinement of containers (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let lab: Lab;
  let parked: Promise<unknown>;
  beforeAll(async () => {
    machine = await coldBoot({ memoryMegabytes: 128 });
    addLayer(machine);
    lab = new Lab(machine);
    await lab.prepare();
  });
  afterAll(() => machine.dispose());

  test('a process that enters a container and is stopped there before it runs holds nobody else’s files', async () => {
    const { containers } = lab;
    const stop = `${longPasswd}; echo ready; while [ ! -e /stopped ]; do for p in /proc/[0-9]*; do n=\${p#/proc/}
      [ $n = 1 ] || { kill -STOP $n && echo $n >/stopped; }; done; done 2>/dev/null; sleep 1000`;
    const stopper = await containers.start('stopper', ['sh', '-c', stop]);
    await stopper.stdout.read();
    // Its stdin is open in the agent when the child is made.
    const other = await containers.start('other', ['cat'], {}, { openStdin: 1 });
    parked = containers.exec('stopper', 'true', { user: 'last' }).catch((error: unknown) => error);
    await expect.poll(() => lab.host('cat /var/lib/drydock/containers/stopper/diff/stopped 2>/dev/null; true')).not.toBe('');
    await other.stdin?.close();
    expect((await outcomeOf(other)).code).toBe(0);
    const inside = 'for p in $(cat /sys/fs/cgroup/docker/stopper/cgroup.procs); do grep "^State:" /proc/$p/status; done';
    expect(await lab.host(inside)).toContain('T (stopped)');
    await containers.remove('other');
  });

  for (const row of rows) {
    if ('attack' in row) test(`${row.cve}: ${row.name}`, () => row.attack(lab));
    else test.skip(`${row.cve}: ${row.never}`);
  }

  test('the place of a volume is made in the container, wherever its folders lead by now', async () => {
    const { containers } = lab;
    await containers.run('volume', 'mkdir /d; busybox rm -r /d; busybox ln -s /etc /d; busybox ln -s ../../../../../../root /up');
    const { stdout } = await containers.run('volume', 'ls -d /etc/pwned /root/pwned', { folders: ['/d/pwned', '/up/pwned', '/d'] });
    expect(stdout).toBe('/etc/pwned\n/root/pwned\n');
    await expect(containers.run('volume', 'true', { folders: ['/etc/passwd/x'] })).rejects.toMatchObject({ detail: { stage: 'mount' } });
    expect(await lab.pwned()).toBe('');
    await containers.remove('volume');
  });

  test('a path of a container that runs or has stopped is read below its root, and only if it is a file', async () => {
    const { containers } = lab;
    const script = `busybox ln -s /root/secret /x; busybox ln -s ../../../../root/secret /y; echo own >/root/own; busybox ln -s /root/own /z
      busybox mkfifo /fifo; busybox mknod /disk b 8 0; busybox ln -s /proc/1/root/root/secret /w; echo ready; sleep 1000`;
    const process = await containers.start('reader', ['sh', '-c', script]);
    await process.stdout.read();
    const look = async (where: { pid: number } | { root: string }) => {
      expect(await lab.readBelow(where, '/z')).toEqual({ error: 0, text: 'own\n' });
      for (const path of ['/x', '/y', '/w']) expect((await lab.readBelow(where, path)).text).toBe('');
      for (const path of ['/fifo', '/disk']) expect(await lab.readBelow(where, path)).toEqual({ error: 22, text: '' });
    };
    await look({ pid: process.pid });
    await containers.guest.processes.signal('reader', 9);
    await process.exited;
    const { upper, merged } = containers.folders('reader');
    await withLayers(machine.channel, { directories: [upper, imageLayer], target: merged }, (root) => look({ root }));
    await containers.remove('reader');
  });

  test('whatever /etc/passwd and /etc/group are, an exec waits for neither', async () => {
    const { containers } = lab;
    await containers.start('names', ['sleep', '1000']);
    for (const make of ['mkfifo', 'mkdir', 'ln -s /dev/zero', 'ln -s passwd', 'ln -s /proc/1/fd/0', 'ln -s /']) {
      await containers.exec('names', `cd /etc; busybox rm -rf passwd group; busybox ${make} passwd; busybox ${make} group`);
      expect((await containers.exec('names', 'echo entered')).stdout).toBe('entered\n');
      await expect(containers.exec('names', 'true', { user: 'web' })).rejects.toMatchObject({ detail: { stage: 'user' } });
    }
    await containers.exec('names', 'busybox rm -rf /etc/passwd; busybox dd if=/dev/zero of=/etc/passwd bs=1 count=1 seek=100M');
    await expect(containers.exec('names', 'true')).rejects.toMatchObject({
      message: expect.stringContaining('/etc/passwd'),
      detail: { stage: 'user' },
    });
    await containers.remove('names');
  });

  test('a container kills, stops and slows down nobody but itself', async () => {
    const { containers } = lab;
    const bystander = await containers.start('bystander', ['cat'], {}, { openStdin: 1 });
    await containers.run('attacker', 'kill -STOP -1; kill -9 -1; busybox renice -n 19 -p 1 2 3 4 5 6 7 8; busybox dd if=/proc/1/environ');
    const state = await lab.host(`grep -E "^State" /proc/${bystander.pid}/status; cut -d" " -f19 /proc/${bystander.pid}/stat`);
    expect(state).toMatch(/^State:\tS.*\n0\n$/);
    await bystander.stdin?.write(utf8('alive'));
    await bystander.stdin?.close();
    expect(await outcomeOf(bystander)).toMatchObject({ code: 0, stdout: 'alive' });
    await Promise.all([containers.remove('attacker'), containers.remove('bystander')]);
  });

  test('what is asked for one container at its start is not given to those that start beside it', async () => {
    const ids = Array.from({ length: 6 }, (_, index) => `beside${index}`);
    const scores = await Promise.all(
      ids.map((id, index) => lab.containers.run(id, 'cat /proc/self/oom_score_adj', {}, { oomScoreAdj: index === 2 ? 500 : 0 })),
    );
    expect(scores.map(({ stdout }) => stdout)).toEqual(ids.map((_, index) => (index === 2 ? '500\n' : '0\n')));
    await Promise.all(ids.map((id) => lab.containers.remove(id)));
  });

  /** What a start makes outside of the container: cgroups, folders, mounts, name spaces, links of the network, files of the
   *  agent (but for the network name spaces it keeps ready and puts off closing), programs. Those are counted by the shell alone:
   *  whether a pipe's other end is there yet when the names are read is chance. */
  const leftovers = (): Promise<string> =>
    lab.host(
      `find /sys/fs/cgroup -type d | wc -l; ls /run/drydock/containers /var/lib/drydock/containers; wc -l </proc/1/mountinfo
       ls -l /proc/[0-9]*/ns/ | grep -o '\\[[0-9]*\\]' | sort -u | wc -l; ls /sys/class/net; ls -l /proc/1/fd | grep -v -c 'net:\\['
       n=0; for exe in /proc/[0-9]*/exe; do [ -e $exe ] && n=$((n+1)); done; echo $n`,
    );

  const bind = (source: string, target: string): ContainerSpec => ({ mounts: [{ source, target, type: 'bind', flags: mountFlag.bind }] });
  const failing: readonly (readonly [string, ContainerSpec, ProcessSpec])[] = [
    ['cgroup', { cgroupFiles: [{ name: 'memory.max', value: 'much' }] }, {}],
    ['join', { joinNetwork: 'nobody' }, {}],
    ['network', { endpoints: [{ bridge: 'nobridge', hostName: 'veth-fail', name: 'eth0', address: '10.9.9.2', prefix: 24 }] }, {}],
    ['hostname', { hostname: 'x'.repeat(65) }, {}],
    ['sysctl', { sysctls: [{ name: 'vm.swappiness', value: '1' }] }, {}],
    ['rootfs', { lowers: ['/nowhere'] }, {}],
    ['mount', bind('/nowhere', '/x'), {}],
    ['mount', bind('/tmp', '/etc/passwd/x'), {}],
    ['files', { files: [{ path: `/${'x'.repeat(300)}`, mode: 0o644, contents: utf8('') }] }, {}],
    ['device', { devices: [{ path: '/etc/passwd/x', type: 'c', major: 1, minor: 3 }] }, {}],
    ['mask', { devices: [], maskedPaths: ['/etc/passwd'] }, {}],
    ['cwd', {}, { cwd: '/etc/passwd' }],
    ['user', {}, { user: 'nobody' }],
    ['rlimit', {}, { rlimits: [{ resource: 99, soft: 1n, hard: 1n }] }],
    ['seccomp', {}, { seccomp: Uint8Array.of(255, 255, 0, 0, 0, 0, 0, 0) }],
    ['lookup', {}, { args: ['nosuch'] }],
    ['lookup', { cgroupFiles: [{ name: 'memory.max', value: '8388608' }] }, { args: ['nosuch'], tty: 1 }],
    // As runc, which has answered by then: the process says so and ends with 255.
    ['it started', {}, { args: ['/bin/garbage'] }],
  ];
  test('a start that fails leaves nothing behind, at whatever stage it does', async () => {
    // What the agent opens once for all containers with such a limit is open by now.
    await lab.containers.run('first', 'true', { cgroupFiles: [{ name: 'memory.max', value: '8388608' }] });
    await lab.containers.remove('first');
    // A process that an earlier test has stopped on its way into a container is given up after half a minute.
    await expect.poll(() => lab.host('ls -l /proc/[0-9]*/exe 2>/dev/null | grep -c docker-init')).toBe('1\n');
    const before = await leftovers();
    const stages: unknown[] = [];
    for (const [, container, process] of failing) {
      await lab.plant('failing', 'mkdir -p bin; printf "\\177ELFgarbage" >bin/garbage; chmod 755 bin/garbage');
      const outcome: unknown = await lab.containers.start('failing', ['true'], container, process).catch((error: unknown) => error);
      stages.push(outcome instanceof AppError ? outcome.detail['stage'] : 'it started');
      await lab.containers.remove('failing');
    }
    expect(stages).toEqual(failing.map(([stage]) => (stage === 'join' ? 'container' : stage)));
    await expect.poll(leftovers).toBe(before);
  });

  test('requests that make no sense are refused, and the next one is answered', async () => {
    const noise = Array.from({ length: 64 }, (_, index) => (index * 167 + 13) & 0xff);
    const malformed = [
      new Uint8Array(),
      Uint8Array.from(noise),
      Uint8Array.of(1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1),
      Uint8Array.of(23, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0),
      encodeRecord('containerSpec', { id: '../../root', merged: '/tmp/pwned', process: { args: ['true'] } }),
      encodeRecord('containerSpec', { id: 'x', cgroup: '../../pwned', merged: '/tmp/pwned', process: { args: ['true'] } }),
      encodeRecord('containerSpec', {
        id: 'x',
        merged: '/tmp/x',
        cgroup: 'docker/x',
        process: { args: ['true'], cwd: `/${'y/'.repeat(5000)}` },
      }),
      encodeRecord('inspectSpec', {
        items: [
          { op: 99, path: '/etc' },
          { op: 1, path: '/', pid: 4_000_000_000 },
          { op: 1, root: 'x'.repeat(9000) },
        ],
      }),
    ];
    const kinds = [0, hostKind.start, hostKind.exec, hostKind.signal, hostKind.freeze, hostKind.update, hostKind.inspect, 17, 255, 65_535];
    for (const kind of kinds)
      for (const payload of malformed) {
        const stream = machine.channel.open(kind, payload);
        stream.closed.catch(() => undefined);
        await stream.reply.catch(() => undefined);
        stream.reset();
      }
    for (const id of ['x', '../../root'])
      await lab.containers.guest.processes.remove({ container: id, removeFiles: 0, cgroup: 'docker/x' });
    expect(await lab.host('ls -d /sys/fs/pwned* /sys/pwned* 2>/dev/null; echo here')).toBe('here\n');
    expect(await lab.pwned()).toBe('');
    expect((await lab.containers.run('after', 'echo fine')).stdout).toBe('fine\n');
    await lab.containers.remove('after');
  });

  test('a process that is kept from starting is given up after half a minute', async () => {
    const stopped = (await lab.host('cat /var/lib/drydock/containers/stopper/diff/stopped')).trim();
    expect(Number(stopped)).toBeGreaterThan(1);
    expect(await parked).toMatchObject({ message: 'the process did not start within 30 seconds', detail: { stage: 'launch' } });
    await lab.containers.remove('stopper');
  });

  test('after all this the guest is as it was', async () => {
    expect(await lab.pwned()).toBe('');
    expect(await lab.host('cat /root/secret')).toBe(`${hostSecret}\n`);
    expect(await lab.host('ls /run/drydock/containers; find /sys/fs/cgroup/docker -mindepth 1 -type d')).toBe('');
  });
});
