import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { agentIsBuilt, coldBoot, output } from '../machine/guest.ts';
import { addLayer, Containers, mountFlag, outcomeOf, type ContainerSpec, type ProcessSpec } from './containers.ts';

/** One instruction of struct sock_filter: allow. */
const allowAll = Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f);

describe.skipIf(!agentIsBuilt)('a container (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let containers: Containers;
  beforeAll(async () => {
    machine = await coldBoot();
    addLayer(machine);
    containers = new Containers(machine);
  });
  afterAll(() => machine.dispose());

  /** At once by its name; what was in it, when nobody waits for it. */
  const isGone = async (id: string) => {
    const homes = '/var/lib/drydock/containers';
    expect(await output(machine, `ls -d ${homes}/${id} 2>&1 || true`)).toContain('No such file');
    await expect.poll(() => output(machine, `ls -A ${homes} | grep -c removed || true`), { timeout: 60_000 }).toBe('0\n');
  };

  test('has its own name spaces, host name, root, devices and cgroup, and reports its exit code', async () => {
    const { stdout, code } = await containers.run('own', 'hostname; cat /proc/self/cgroup; ps; ls /dev; cat /etc/hosts; exit 3');
    expect(code).toBe(3);
    expect(stdout).toMatch(/^own\n0::\/\nPID /);
    expect(stdout).toMatch(/ {4}1 root {5}sh -c/);
    expect(stdout).toContain('127.0.0.1 localhost');
    for (const name of ['null', 'zero', 'ptmx', 'stdin', 'fd', 'pts']) expect(stdout.split('\n')).toContain(name);
    await containers.remove('own');
  });

  test('runs with the rights it is given and no others', async () => {
    const container: ContainerSpec = { readonlyRoot: 1, sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '7' }] };
    const process: ProcessSpec = {
      user: 'web:wheel',
      groups: ['44'],
      noNewPrivileges: 1,
      seccomp: allowAll,
      oomScoreAdj: 500,
      rlimits: [{ resource: 7, soft: 100n, hard: 200n }],
    };
    const script =
      'grep -E "^(Uid|Gid|Groups|Cap|NoNew|Seccomp:)" /proc/self/status; echo $HOME; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; ulimit -n; cat /proc/self/oom_score_adj; touch /x';
    const { stdout, stderr } = await containers.run('rights', script, container, process);
    expect(stdout).toMatch(/^Uid:\t33\t33\t33\t33\nGid:\t10\t10\t10\t10\nGroups:\t10 44 \n/);
    expect(stdout).toMatch(/CapPrm:\t0{16}\nCapEff:\t0{16}\nCapBnd:\t00000000a80425fb\n/);
    expect(stdout).toMatch(/NoNewPrivs:\t1\nSeccomp:\t2\n\/var\/www\n7\n100\n500\n$/);
    expect(stderr).toContain('Read-only file system');
    await containers.remove('rights');
  });

  test('may make the node of a disk but not open it', async () => {
    const { stdout, stderr } = await containers.run(
      'disk',
      'mknod /tmp/sda b 8 0 && head -c1 /tmp/sda; echo $?; head -c2 /dev/zero | wc -c',
    );
    expect(stdout).toBe('1\n2\n');
    expect(stderr).toContain('Operation not permitted');
    await containers.remove('disk');
  });

  test.each<[string, readonly string[], ContainerSpec, ProcessSpec, string, string]>([
    ['a program that is not in PATH', ['nosuch'], {}, {}, 'exec: "nosuch": executable file not found in $PATH', 'lookup'],
    ['a program that is not there', ['/nosuch'], {}, {}, 'exec: "/nosuch": stat /nosuch: no such file or directory', 'lookup'],
    ['a file that is not executable', ['/etc/passwd'], {}, {}, 'exec: "/etc/passwd": permission denied', 'lookup'],
    ['a folder', ['/tmp'], {}, {}, 'exec: "/tmp": is a directory', 'lookup'],
    ['an unknown user', ['true'], {}, { user: 'nobody' }, 'unable to find user nobody: no matching entries in passwd file', 'user'],
    ['an unknown group', ['true'], {}, { user: 'web:staff' }, 'unable to find group staff: no matching entries in group file', 'user'],
    [
      'a missing bind source',
      ['true'],
      { mounts: [{ source: '/nope', target: '/x', type: 'bind', flags: mountFlag.bind }] },
      {},
      'bind source /nope: no such file or directory',
      'mount',
    ],
    [
      'a folder bound over a file',
      ['true'],
      { mounts: [{ source: '/tmp', target: '/etc/passwd', type: 'bind', flags: mountFlag.bind }] },
      {},
      'bind mount on /etc/passwd: not a directory',
      'mount',
    ],
    [
      'a bad limit',
      ['true'],
      { cgroupFiles: [{ name: 'memory.max', value: 'much' }] },
      {},
      'error setting cgroup config for procHooks process: failed to write "much": write /sys/fs/cgroup/docker/bad/memory.max: invalid argument',
      'cgroup',
    ],
  ])('cannot start with %s, and says why', async (_, args, container, process, message, stage) => {
    await expect(containers.start('bad', args, container, process)).rejects.toMatchObject({ message, detail: { stage } });
    await containers.remove('bad');
    expect((await containers.run('bad', 'echo fine')).stdout).toBe('fine\n');
    await containers.remove('bad');
  });

  test('with a terminal has it as /dev/console, and hears of a new size', async () => {
    const process = await containers.start(
      'tty',
      ['sh', '-c', 'tty; stty size; read word; echo got $word; stty size'],
      {},
      { tty: 1, openStdin: 1, rows: 30, columns: 100 },
    );
    let text = '';
    while (!text.includes('30 100')) text += fromUtf8((await process.stdout.read()) ?? new Uint8Array(0));
    process.resize({ rows: 40, columns: 132 });
    await process.stdin?.write(utf8('hello\n'));
    const { stdout } = await outcomeOf(process);
    expect(stdout).toContain('got hello\r\n40 132\r\n');
    await containers.remove('tty');
  });

  test('takes all of its stdin and its end', async () => {
    const process = await containers.start('stdin', ['wc', '-c'], {}, { openStdin: 1 });
    const done = outcomeOf(process);
    for (let i = 0; i < 80; i++) await process.stdin?.write(new Uint8Array(65_536));
    await process.stdin?.close();
    expect((await done).stdout.trim()).toBe(String(80 * 65_536));
    await containers.remove('stdin');
  });

  test('that breaks its memory limit is reported as killed for it, at once and at its end', async () => {
    const process = await containers.start('oom', ['sh', '-c', 'x=a; while true; do x=$x$x; done'], {
      cgroupFiles: [{ name: 'memory.max', value: '16777216' }],
    });
    let notes = 0;
    process.oom(() => (notes += 1));
    expect(await outcomeOf(process)).toMatchObject({ code: 137, signal: 9, oomKilled: true });
    expect(notes).toBeGreaterThan(0);
    await containers.remove('oom');
  });

  test('is frozen, updated, entered, signalled and removed', async () => {
    const process = await containers.start('verbs', ['sleep', '1000']);
    const done = outcomeOf(process);
    await containers.guest.processes.freeze('verbs', true);
    expect(await output(machine, 'cat /sys/fs/cgroup/docker/verbs/cgroup.events')).toContain('frozen 1');
    await containers.guest.processes.freeze('verbs', false);
    await containers.guest.processes.update('verbs', [{ name: 'pids.max', value: '20' }]);
    expect(await output(machine, 'cat /sys/fs/cgroup/docker/verbs/pids.max')).toBe('20\n');
    const inside = await containers.exec('verbs', 'ps; id -un; cat /proc/self/cgroup; hostname', { user: 'web' });
    expect(inside.stdout).toMatch(/1 root {5}sleep 1000[^]*\nweb\n0::\/\nverbs\n$/);
    await containers.guest.processes.signal('verbs', 9);
    expect(await done).toMatchObject({ code: 137, signal: 9, oomKilled: false });
    await expect(containers.exec('verbs', 'true')).rejects.toMatchObject({ message: 'container verbs is not running' });
    await containers.remove('verbs');
    await containers.remove('verbs');
    const left = 'ls -d /sys/fs/cgroup/docker/verbs /run/drydock/containers/verbs 2>&1 | grep -vc "No such" || true';
    expect(await output(machine, left)).toBe('0\n');
    await isGone('verbs');
  });

  test('removed while it runs is killed', async () => {
    const done = outcomeOf(await containers.start('running', ['sleep', '1000']));
    await containers.remove('running');
    expect((await done).code).toBe(137);
  });

  test('gets a signal sent right behind its start once it has a handler, and none later that came while it was at rest', async () => {
    const trap = 'trap "exit 7" TERM; while :; do sleep 1; done';
    const scripts = [trap, `x=$(echo a | cat | cat); ${trap}`, `i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; ${trap}`];
    for (const script of scripts) {
      const process = await containers.start('early', ['sh', '-c', script]);
      await containers.guest.processes.signal('early', 15);
      expect(await outcomeOf(process)).toMatchObject({ code: 7, signal: 0 });
      await containers.remove('early');
    }
    const process = await containers.start('early', ['sh', '-c', 'read x; trap "exit 7" TERM; read y; exit 3'], {}, { openStdin: 1 });
    await containers.guest.processes.signal('early', 15);
    // A second of rest, by the guest's own clock: the kernel has had the signal then, and dropped it.
    await containers.exec('early', 'sleep 1');
    await process.stdin?.write(utf8('on\nand on\n'));
    expect(await outcomeOf(process)).toMatchObject({ code: 3 });
    await containers.remove('early');
  });

  test('with --init has a reaper as PID 1 that forwards signals and reports missing programs', async () => {
    const process = await containers.start(
      'init',
      ['sh', '-c', 'trap "echo term; exit 7" TERM; ps; echo "is" ready; while true; do sleep 1; done'],
      { init: 1 },
    );
    let text = '';
    while (!text.includes('is ready')) text += fromUtf8((await process.stdout.read()) ?? new Uint8Array(0));
    await containers.guest.processes.signal('init', 15);
    const { code, stdout } = await outcomeOf(process);
    expect(text).toContain('1 root     /sbin/docker-init -- sh');
    expect({ code, stdout }).toEqual({ code: 7, stdout: 'term\n' });
    await containers.remove('init');
    const missing = await outcomeOf(await containers.start('init', ['nosuch'], { init: 1 }));
    expect(missing).toMatchObject({ code: 127, stderr: expect.stringContaining('exec nosuch failed: No such file or directory') });
    await containers.remove('init');
  });

  test('with --init and no process left to fork says so and ends', async () => {
    const { code, stderr } = await outcomeOf(
      await containers.start('alone', ['true'], { init: 1, cgroupFiles: [{ name: 'pids.max', value: '1' }] }),
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('fork failed: Resource temporarily unavailable') });
    await containers.remove('alone');
  });

  test('keeps its files over a restart', async () => {
    await containers.run('again', 'echo one >/f');
    expect((await containers.run('again', 'cat /f')).stdout).toBe('one\n');
    await containers.remove('again');
  });

  test('takes folders that stood ready, empty and as of now, and only where it has none', async () => {
    const homes = '/var/lib/drydock/containers';
    const numberOf = async (path: string) => (await output(machine, `stat -c %i ${path}`)).trim();
    const ready = async () => (await output(machine, `stat -c %i ${homes}/.ready-* 2>/dev/null || true`)).trim().split('\n');
    await expect.poll(async () => (await ready()).length, { timeout: 60_000 }).toBe(6);
    const before = await ready();
    const now = Number(await output(machine, 'date +%s'));
    expect((await containers.run('taker', 'ls -A / /tmp | grep -c left; echo left >/left; stat -c "%a %u %Y" /')).stdout).toMatch(
      /^0\n755 0 \d+\n$/,
    );
    expect(before).toContain(await numberOf(`${homes}/taker`));
    expect(Number(await output(machine, `stat -c %Y ${homes}/taker/diff`))).toBeGreaterThanOrEqual(now);
    const own = await numberOf(`${homes}/taker`);
    expect((await containers.run('taker', 'cat /left')).stdout).toBe('left\n');
    expect(await numberOf(`${homes}/taker`)).toBe(own);
    await containers.remove('taker');
    await isGone('taker');
    expect(await output(machine, `find ${homes}/.ready-* -mindepth 2`)).toBe('');
  });

  test('that was expected takes an overlay that stood ready, of which nobody saw anything, and keeps its files like any other', async () => {
    const homes = '/var/lib/drydock/containers';
    const hidden = async () => (await output(machine, `stat -c %i ${homes}/.next-* 2>/dev/null || true`)).trim();
    const mountsOf = (name: string) => output(machine, `grep -l ${name} /proc/[0-9]*/task/[0-9]*/mountinfo || true`);
    expect((await containers.run('before', 'true', { next: 'expected' })).code).toBe(0);
    await expect.poll(hidden, { timeout: 60_000 }).toMatch(/^[0-9]+$/);
    const folder = await hidden();
    expect(await mountsOf('expected')).toBe('');
    expect(await output(machine, `ls ${homes}`)).not.toContain('expected');
    const now = Number(await output(machine, 'date +%s'));
    const script = 'ls -A / | grep -c left; echo left >/left; stat -c %Y /; cat /proc/self/mountinfo';
    const { stdout, stderr } = await containers.run('expected', script);
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^0\n\\d+\n.* / / \\S+ - overlay overlay .*upperdir=${homes}/expected/diff,`));
    expect(stdout).not.toContain('.next-');
    expect((await output(machine, `stat -c %i ${homes}/expected`)).trim()).toBe(folder);
    expect(Number(await output(machine, `stat -c %Y ${homes}/expected/diff`))).toBeGreaterThanOrEqual(now);
    expect((await containers.run('expected', 'cat /left')).stdout).toBe('left\n');
    for (const name of ['before', 'expected']) await containers.remove(name);
  });

  test('that was expected with other layers, or removed before it came, leaves nothing behind', async () => {
    const homes = '/var/lib/drydock/containers';
    const count = async () => (await output(machine, `ls -A ${homes} | grep -c next || true`)).trim();
    addLayer(machine, 'other');
    const lowers = ['/run/drydock/host/layers/other'];
    for (const end of [() => containers.remove('maybe'), () => containers.run('maybe', 'true', { lowers })]) {
      expect((await containers.run('before', 'true', { next: 'maybe' })).code).toBe(0);
      await expect.poll(count, { timeout: 60_000 }).toBe('1');
      await end();
      await containers.run('before', 'true', { next: 'somebody', lowers });
      await containers.remove('somebody');
      await expect.poll(count, { timeout: 60_000 }).toBe('0');
      for (const name of ['before', 'maybe']) await containers.remove(name);
    }
  });

  test('may have more layers than a mount option has room for, also when it starts again', async () => {
    const names = Array.from({ length: 70 }, (_, index) => `sha256:${String(index).padStart(64, '0')}`);
    for (const name of names) addLayer(machine, name);
    const lowers = names.map((name) => `/run/drydock/host/layers/${name}`);
    expect((await containers.run('layers', 'echo many >/f', { lowers })).stderr).toBe('');
    expect((await containers.run('layers', 'cat /f', { lowers })).stdout).toBe('many\n');
    await containers.remove('layers');
  });

  test('is removed however deep its folders are', async () => {
    const { code } = await containers.run(
      'deep',
      'cd /tmp; p=d; while [ ${#p} -lt 1000 ]; do p=$p/d; done; busybox mkdir -p $p; echo x >$p/file',
    );
    expect(code).toBe(0);
    await containers.remove('deep');
    await isGone('deep');
  });

  test("finds a tmpfs open to all where there was no folder, and with the folder's own mode where there was one", async () => {
    const tmpfs = (target: string, data = '') => ({ source: 'tmpfs', target, type: 'tmpfs', flags: mountFlag.nosuid, data });
    const { stdout } = await containers.run('tmpfs', 'busybox stat -c "%a %n" /fresh/er /fresh /root /given', {
      mounts: [tmpfs('/fresh/er'), tmpfs('/root'), tmpfs('/given', 'mode=0750,size=64k')],
    });
    expect(stdout).toBe('1777 /fresh/er\n755 /fresh\n755 /root\n750 /given\n');
    await containers.remove('tmpfs');
  });
});
