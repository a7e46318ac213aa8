import { beforeEach, describe, expect, it } from 'vitest';
import { fromUtf8 } from '../../../base/bytes.ts';
import type { ContainerSpec } from '../../runtime.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { tweakCapabilities, defaultCapabilities } from './capabilities.ts';
import { parseTmpfsOptions } from '../mounts/mount-flags.ts';
import { cpuWeight } from './resources.ts';
import { startContainer } from '../verbs/start.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

async function specOf(
  hostConfig: Readonly<Record<string, unknown>> = {},
  config: Readonly<Record<string, unknown>> = {},
): Promise<ContainerSpec> {
  await startContainer(engine.context, engine.create({ Cmd: ['sleep'], ...config, HostConfig: hostConfig }));
  const spec = engine.machine.started.at(-1);
  if (spec === undefined) throw new Error('nothing was started');
  return spec;
}

const fileOf = (spec: ContainerSpec, path: string): string =>
  fromUtf8(spec.files?.find((file) => file.path === path)?.contents ?? new Uint8Array());
const limits = (spec: ContainerSpec): Record<string, string> =>
  Object.fromEntries((spec.cgroupFiles ?? []).map(({ name, value }) => [name, value ?? '']));
const mountAt = (spec: ContainerSpec, target: string) => spec.mounts?.find((mount) => mount.target === target);

describe('the standard container', () => {
  it("has runc's mounts, in its order", async () => {
    const { mounts } = await specOf();
    expect(mounts?.map(({ type, target, flags, data }) => [type, target, flags, data ?? ''])).toEqual([
      ['proc', '/proc', 14, ''],
      ['tmpfs', '/dev', 2 | (1 << 24), 'mode=755,size=65536k'],
      ['devpts', '/dev/pts', 10, 'newinstance,ptmxmode=0666,mode=0620,gid=5'],
      ['sysfs', '/sys', 15, ''],
      ['cgroup2', '/sys/fs/cgroup', 15, ''],
      ['mqueue', '/dev/mqueue', 14, ''],
      ['tmpfs', '/dev/shm', 14, 'mode=1777,size=67108864'],
    ]);
  });

  it("has Docker's capabilities, seccomp filter, masked paths and devices", async () => {
    const { process, maskedPaths, readonlyPaths, devices } = await specOf();
    expect(process).toMatchObject({ capabilities: 0xa80425fbn, noNewPrivileges: 0, privileged: 0 });
    expect((process?.seccomp?.length ?? 0) % 8).toBe(0);
    expect(process?.seccomp?.length).toBeGreaterThan(800);
    expect(maskedPaths).toContain('/proc/kcore');
    expect(readonlyPaths).toEqual(['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']);
    expect(devices?.map(({ path, major, minor, mode }) => [path, major, minor, mode])).toContainEqual(['/dev/urandom', 1, 9, 0o666]);
  });

  it("has a name space of every kind but the user's and the clock's", async () => {
    expect((await specOf()).namespaces).toBe(0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x2000_0000 | 0x4000_0000);
  });

  it('is not limited', async () => {
    expect(limits(await specOf())).toEqual({});
  });

  it('knows itself by name', async () => {
    const spec = await specOf(
      { ExtraHosts: ['db:10.0.0.5', 'host:host-gateway'], Dns: ['10.0.0.1'], DnsSearch: ['lan'], DnsOptions: ['ndots:1'] },
      { Hostname: 'web', Domainname: 'example.org' },
    );
    expect(fileOf(spec, '/etc/hostname')).toBe('web\n');
    expect(fileOf(spec, '/etc/hosts').split('\n').slice(6)).toEqual([
      '10.0.0.5\tdb',
      '172.17.0.1\thost',
      '172.17.0.2\tweb.example.org web',
      '',
    ]);
    expect(fileOf(spec, '/etc/resolv.conf')).toContain('nameserver 10.0.0.1\nsearch lan\noptions ndots:1\n');
    expect(spec).toMatchObject({ hostname: 'web', domainname: 'example.org' });
  });
});

const defaultSysctls = [
  { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' },
  { name: 'net.ipv4.ping_group_range', value: '0 2147483647' },
];

describe('options of docker run', () => {
  it('become cgroup files', async () => {
    const spec = await specOf({
      Memory: 50_000_000,
      MemorySwap: 80_000_000,
      MemoryReservation: 20_000_000,
      NanoCpus: 1.5e9,
      CpuShares: 512,
      PidsLimit: 20,
      CpusetCpus: '0-1',
    });
    expect(limits(spec)).toEqual({
      'memory.max': '50000000',
      'memory.swap.max': '30000000',
      'memory.low': '20000000',
      'cpu.max': '150000 100000',
      'cpu.weight': '20',
      'pids.max': '20',
      'cpuset.cpus': '0-1',
    });
  });

  it('know unlimited swap, unlimited processes, and quota with period', async () => {
    expect(limits(await specOf({ Memory: 50_000_000, MemorySwap: -1, PidsLimit: -1, CpuQuota: 5000, CpuPeriod: 50_000 }))).toEqual({
      'memory.max': '50000000',
      'memory.swap.max': 'max',
      'pids.max': 'max',
      'cpu.max': '5000 50000',
    });
  });

  it('privileged opens everything', async () => {
    const spec = await specOf({ Privileged: true });
    expect(spec.process).toMatchObject({ capabilities: (1n << 41n) - 1n, privileged: 1 });
    expect(spec.process?.seccomp).toBeUndefined();
    expect([spec.maskedPaths, spec.readonlyPaths]).toEqual([[], []]);
    expect(mountAt(spec, '/sys')?.flags).toBe(14);
  });

  it('take names of security', async () => {
    const spec = await specOf({ SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'], MaskedPaths: [], ReadonlyPaths: [] });
    expect(spec.process).toMatchObject({ noNewPrivileges: 1 });
    expect(spec.process?.seccomp).toBeUndefined();
    expect(spec.maskedPaths).toEqual([]);
    const custom = await specOf({
      SecurityOpt: [
        `seccomp=${JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }] })}`,
      ],
    });
    expect(custom.process?.seccomp?.length).toBeLessThan(200);
  });

  it('share name spaces', async () => {
    const first = engine.create({ Cmd: ['sleep'], HostConfig: { IpcMode: 'shareable' } }, 'first');
    await startContainer(engine.context, first);
    const host = await specOf({ PidMode: 'host', IpcMode: 'host', UTSMode: 'host', CgroupnsMode: 'host' });
    expect(host.namespaces).toBe(0x0002_0000 | 0x4000_0000);
    expect(mountAt(host, '/dev/shm')).toMatchObject({ source: '/dev/shm', type: 'bind' });
    expect(mountAt(await specOf({ IpcMode: 'none' }), '/dev/shm')).toBeUndefined();
    expect(await specOf({ PidMode: 'container:first', IpcMode: 'container:first' })).toMatchObject({ joinPid: first, joinIpc: first });
  });

  it('join only name spaces that are there and may be shared', async () => {
    const first = engine.create({ Cmd: ['sleep'] }, 'first');
    await expect(specOf({ PidMode: 'container:first' })).rejects.toThrow(`failed to join PID namespace: container ${first} is not running`);
    await startContainer(engine.context, first);
    await expect(specOf({ IpcMode: 'container:first' })).rejects.toThrow(
      `failed to join IPC namespace: container ${first}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    );
  });

  it("give a container on another's network the files of that one, not copies", async () => {
    await startContainer(
      engine.context,
      engine.create({ Cmd: ['sleep'], Hostname: 'front', HostConfig: { ExtraHosts: ['db:10.0.0.5'], Dns: ['10.0.0.1'] } }, 'front'),
    );
    const spec = await specOf({ NetworkMode: 'container:front' });
    const [front] = engine.machine.started;
    expect(spec.files).toEqual([]);
    const folder = `/run/drydock/containers/${front?.id}`;
    expect(spec.mounts?.slice(-3)).toEqual([
      { source: `${folder}/resolv.conf`, target: '/etc/resolv.conf', type: 'bind', flags: 4096 },
      { source: `${folder}/hostname`, target: '/etc/hostname', type: 'bind', flags: 4096 },
      { source: `${folder}/hosts`, target: '/etc/hosts', type: 'bind', flags: 4096 },
    ]);
  });

  it('put the cgroup below another', async () => {
    const id = async (parent: string) => (await specOf({ CgroupParent: parent })).cgroup?.replace(/[0-9a-f]{64}$/, 'ID');
    expect(await id('')).toBe('docker/ID');
    expect(await id('/teams/red/')).toBe('teams/red/ID');
    expect(await id('batch')).toBe('batch/ID');
    expect(await id('../../etc')).toBe('etc/ID');
    expect(await id('x.slice')).toBe('x.slice/ID');
    for (const root of ['/', '.', '..']) expect(await id(root)).toBe('ID');
  });

  it('make devices of the guest, or a folder of them', async () => {
    const { devices: nodes } = engine.machine;
    nodes.set('/dev/fuse', { type: 'c', major: 10, minor: 229 });
    nodes.set('/dev/input/event0', { type: 'c', major: 13, minor: 64 });
    nodes.set('/dev/sda', { type: 'b', major: 8, minor: 0 });
    engine.machine.tree.set('/dev/input/readme', 'no device');
    const device = (PathOnHost: string, PathInContainer = PathOnHost) => ({ PathOnHost, PathInContainer, CgroupPermissions: 'rwm' });
    const { devices } = await specOf({ Devices: [device('/dev/fuse', '/dev/f'), device('/dev/input'), device('/dev/sda')] });
    expect(devices?.slice(6)).toMatchObject([
      { path: '/dev/f', type: 'c', major: 10, minor: 229, mode: 0o660 },
      { path: '/dev/input/event0', type: 'c', major: 13, minor: 64 },
      { path: '/dev/sda', type: 'b', major: 8, minor: 0 },
    ]);
    await expect(specOf({ Devices: [device('/dev/nope')] })).rejects.toThrow(
      'error gathering device information while adding custom device "/dev/nope": no such file or directory',
    );
    await expect(specOf({ Devices: [device('/dev/input/readme')] })).rejects.toThrow('not a device node');
    const privileged = await specOf({ Privileged: true });
    expect(privileged.devices?.map(({ path }) => path)).toEqual(expect.arrayContaining(['/dev/null', '/dev/fuse', '/dev/input/event0']));
  });

  it('say what may be done with devices: the letters of --device and of the rules, together for one device', async () => {
    engine.machine.devices.set('/dev/fuse', { type: 'c', major: 10, minor: 229 });
    const Devices = [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'r' }];
    const { deviceRules } = await specOf({ Devices, DeviceCgroupRules: ['c 10:229 w', 'b 8:* rm', 'a *:* m'] });
    expect(deviceRules).toEqual([
      { type: 'c', major: 10, minor: 229, access: 6 },
      { type: 'b', major: 8, minor: 0xffff_ffff, access: 3 },
      { type: 'a', major: 0xffff_ffff, minor: 0xffff_ffff, access: 1 },
    ]);
    await expect(specOf({ DeviceCgroupRules: ['c 1:3'] })).rejects.toThrow("invalid device cgroup rule format: 'c 1:3'");
    expect((await specOf({ Privileged: true, DeviceCgroupRules: ['c 1:3 r'] })).deviceRules).toEqual([]);
  });

  it('limit block devices in io.max, a line for each', async () => {
    engine.machine.devices.set('/dev/sda', { type: 'b', major: 8, minor: 0 });
    const sda = (Rate: number) => [{ Path: '/dev/sda', Rate }];
    const spec = await specOf({ BlkioDeviceReadBps: sda(1_048_576), BlkioDeviceWriteIOps: sda(9), Memory: 8 << 20 });
    expect(spec.cgroupFiles?.filter(({ name }) => name === 'io.max')).toEqual([
      { name: 'io.max', value: '8:0 rbps=1048576' },
      { name: 'io.max', value: '8:0 wiops=9' },
    ]);
    await expect(specOf({ BlkioDeviceReadBps: [{ Path: '/dev/nope', Rate: 1 }] })).rejects.toThrow(
      'stat /dev/nope: no such file or directory',
    );
  });

  it('weigh their use of block devices in io.weight', async () => {
    const weights = async (BlkioWeight: number) =>
      (await specOf({ BlkioWeight })).cgroupFiles?.filter(({ name }) => name === 'io.weight').map(({ value }) => value);
    expect(await weights(10)).toEqual(['1']);
    expect(await weights(300)).toEqual(['2930']);
    expect(await weights(1000)).toEqual(['10000']);
    expect(await weights(0)).toEqual([]);
  });

  it('mount tmpfs, folders of the guest, and what takes the place of a standard mount', async () => {
    const spec = await specOf({
      Binds: ['/host/a:/a:ro', '/host/b:/a/b:rw,rshared'],
      Tmpfs: { '/run': 'size=1m,exec', '/dev/shm': '' },
      Mounts: [
        { Type: 'tmpfs', Target: '/cache', TmpfsOptions: { SizeBytes: 4096, Mode: 0o700 } },
        { Type: 'bind', Source: '/host/c', Target: '/c', ReadOnly: true },
        { Type: 'bind', Source: '/host/d', Target: '/d', BindOptions: { NonRecursive: true, CreateMountpoint: true } },
      ],
    });
    expect(mountAt(spec, '/a')).toMatchObject({
      source: '/host/a',
      type: 'bind',
      flags: 4096 | 16_384 | 1,
      propagation: (1 << 18) | 16_384,
    });
    expect(mountAt(spec, '/a/b')).toMatchObject({ source: '/host/b', propagation: (1 << 20) | 16_384 });
    expect(mountAt(spec, '/run')).toMatchObject({ type: 'tmpfs', flags: 6, data: 'size=1m' });
    expect(mountAt(spec, '/cache')).toMatchObject({ flags: 14, data: 'mode=700,size=4096' });
    expect(mountAt(spec, '/c')).toMatchObject({ source: '/host/c', flags: 4096 | 16_384 | 1 });
    expect(mountAt(spec, '/d')).toMatchObject({ source: '/host/d', flags: 4096 });
    expect(spec.mounts?.filter(({ target }) => target === '/dev/shm')).toEqual([
      { source: 'tmpfs', target: '/dev/shm', type: 'tmpfs', flags: 14, data: '', propagation: 0 },
    ]);
    const targets = spec.mounts?.map(({ target }) => target) ?? [];
    expect(targets.indexOf('/a')).toBeLessThan(targets.indexOf('/a/b'));
    expect(engine.machine.folders).toEqual(['/host/a', '/host/b', '/host/d']);
  });

  it('have each volume where it was declared, its place named as the container has it', async () => {
    const spec = await specOf({}, { Image: 'volumes', Volumes: { '/fresh/': {}, '/d/../sub': {}, '/fresh': {} } });
    const volumes = spec.mounts?.filter(({ source = '' }) => source.startsWith('/var/lib/docker/volumes/')) ?? [];
    expect(volumes.map(({ target }) => target)).toEqual(['/fresh', '/sub', '/var/data']);
    expect(engine.machine.folders).toEqual([]);
  });

  it('reach the process: limits of setrlimit, groups, init, size, score, read-only root, sysctls', async () => {
    const spec = await specOf(
      {
        Ulimits: [{ Name: 'nofile', Soft: 10, Hard: -1 }],
        GroupAdd: ['audio'],
        Init: true,
        ConsoleSize: [24, 80],
        OomScoreAdj: -5,
        ReadonlyRootfs: true,
        Sysctls: { 'net.core.somaxconn': '9' },
      },
      { Tty: true, User: 'me:staff', WorkingDir: '/w' },
    );
    expect(spec).toMatchObject({ init: 1, readonlyRoot: 1, sysctls: [...defaultSysctls, { name: 'net.core.somaxconn', value: '9' }] });
    expect(spec.process).toMatchObject({
      rlimits: [{ resource: 7, soft: 10n, hard: 2n ** 64n - 1n }],
      groups: ['audio'],
      rows: 24,
      columns: 80,
      oomScoreAdj: 0xffff_fffb,
      user: 'me:staff',
      cwd: '/w',
    });
  });
});

describe('capabilities', () => {
  it.each([
    [['NET_ADMIN'], [], 'adds CAP_NET_ADMIN', [...defaultCapabilities, 'CAP_NET_ADMIN']],
    [[], ['cap_chown'], 'drops', defaultCapabilities.filter((name) => name !== 'CAP_CHOWN')],
    [['chown'], ['ALL'], 'keeps what is added when all is dropped', ['CAP_CHOWN']],
    [[], ['all'], 'may drop all', []],
  ])('add %j drop %j: %s', (add, drop, _what, expected) => {
    expect(tweakCapabilities(add, drop, false).sort()).toEqual([...expected].sort());
  });

  it('all may be added but one', () => {
    const names = tweakCapabilities(['ALL'], ['SYS_ADMIN'], false);
    expect(names).toHaveLength(40);
    expect(names).not.toContain('CAP_SYS_ADMIN');
  });
});

describe('small conversions', () => {
  it("of CPU shares are runc's", () => {
    expect([0, 2, 512, 1024, 262_144, 1_000_000].map(cpuWeight)).toEqual([0, 1, 20, 39, 10_000, 10_000]);
  });

  it('of tmpfs options start from noexec, nosuid and nodev', () => {
    expect(parseTmpfsOptions('')).toEqual({ flags: 14, data: '', propagation: 0 });
    expect(parseTmpfsOptions('rw,exec,dev,suid,mode=755,uid=3')).toEqual({ flags: 0, data: 'mode=755,uid=3', propagation: 0 });
    expect(parseTmpfsOptions('ro,noatime')).toEqual({ flags: 15 | 1024, data: '', propagation: 0 });
    expect(parseTmpfsOptions('shared,size=1m')).toEqual({ flags: 14, data: 'size=1m', propagation: 1 << 20 });
    expect(parseTmpfsOptions('private')).toMatchObject({ propagation: 1 << 18 });
    expect(() => parseTmpfsOptions('constructor')).toThrow('invalid tmpfs option "constructor"');
  });
});
