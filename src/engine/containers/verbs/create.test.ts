import { beforeEach, describe, expect, it } from 'vitest';
import { createBody, createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { createContainer } from './create.ts';
import { inspectContainer } from '../view/inspect.ts';
import { listContainers } from '../view/list.ts';
import { startContainer } from './start.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

const inspect = (id: string) => inspectContainer(engine.context, id, { size: false });
const created = async (body: Readonly<Record<string, unknown>>, name?: string) => inspect(engine.create(body, name));

describe('create', () => {
  it('takes from the image what the user left open', async () => {
    const { Config, Path, Args } = await created({ Image: 'app' });
    expect([Path, ...Args]).toEqual(['cat', '-n']);
    expect(Config).toMatchObject({
      User: 'daemon',
      WorkingDir: '/srv',
      StopSignal: 'SIGQUIT',
      Labels: { tier: 'web', owner: 'image' },
      ExposedPorts: { '80/tcp': {} },
    });
  });

  it('lets the user win, by variable and by label', async () => {
    const { Config } = await created({
      Image: 'app',
      Env: ['MODE=user', 'X=1'],
      Labels: { owner: 'user' },
      User: '0',
      WorkingDir: '/tmp',
      StopSignal: 'INT',
    });
    expect(Config).toMatchObject({
      Env: ['MODE=user', 'X=1', 'PATH=/bin'],
      Labels: { tier: 'web', owner: 'user' },
      User: '0',
      WorkingDir: '/tmp',
      StopSignal: 'INT',
    });
  });

  it.each([
    [{ Cmd: ['-b'] }, ['cat', '-b']],
    [{ Entrypoint: ['sh'] }, ['sh']],
    [{ Entrypoint: ['sh'], Cmd: ['-c', 'id'] }, ['sh', '-c', 'id']],
    [{ Entrypoint: [''], Cmd: ['id'] }, ['id']],
    [{ Entrypoint: 'sh', Cmd: 'x' }, ['sh', 'x']],
  ])('joins entrypoint and command of %j', async (body, command) => {
    const { Path, Args } = await created({ Image: 'app', ...body });
    expect([Path, ...Args]).toEqual(command);
  });

  it('needs a command', () => {
    expect(() => engine.create({ Image: 'app', Entrypoint: [''] })).toThrow('no command specified');
  });

  it('fills in names, host name, modes and limits as Docker shows them', async () => {
    const { Id, Name, Config, HostConfig, State } = await created({ HostConfig: { Memory: 50_000_000 } });
    expect(Id).toMatch(/^[0-9a-f]{64}$/);
    expect(Name).toMatch(/^\/[a-z]+_[a-z]+$/);
    expect(Config.Hostname).toBe(Id.slice(0, 12));
    expect(HostConfig).toMatchObject({
      NetworkMode: 'bridge',
      MemorySwap: 100_000_000,
      ShmSize: 67_108_864,
      RestartPolicy: { Name: 'no' },
      IpcMode: 'private',
      Runtime: 'runc',
    });
    expect(State).toMatchObject({ Status: 'created', StartedAt: '0001-01-01T00:00:00Z', ExitCode: 0 });
    expect(engine.events()).toEqual(['create']);
  });

  it('logs labels, image and name with the event', () => {
    const id = engine.create({ Labels: { a: '1' } }, 'web');
    expect(engine.log.since(0)[0]).toMatchObject({
      type: 'container',
      action: 'create',
      actor: { id, attributes: { a: '1', image: 'busybox', name: 'web' } },
    });
  });

  it.each(['-x', 'a', 'a b', 'ä1', '../x'])('refuses the name %j', (name) => {
    expect(() => engine.create({}, name)).toThrow(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  });

  it.each([
    [{ WorkingDir: 'rel' }, "the working directory 'rel' is invalid, it needs to be an absolute path"],
    [{ Env: ['=x'] }, 'invalid environment variable: =x'],
    [{ StopSignal: 'LOUD' }, 'invalid signal: LOUD'],
    [{ HostConfig: { AutoRemove: true, RestartPolicy: { Name: 'always' } } }, "can't create 'AutoRemove' container with restart policy"],
    [
      { HostConfig: { RestartPolicy: { Name: 'maybe' } } },
      "invalid restart policy: unknown policy 'maybe'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
    ],
    [
      { HostConfig: { RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } } },
      "invalid restart policy: maximum retry count can only be used with 'on-failure'",
    ],
    [{ HostConfig: { CapAdd: ['FLY'] } }, 'invalid CapAdd: unknown capability: "CAP_FLY"'],
    [{ HostConfig: { Memory: 1024 } }, 'Minimum memory limit allowed is 6MB'],
    [
      { HostConfig: { Memory: 10_000_000, MemorySwap: 7_000_000 } },
      'Minimum memoryswap limit should be larger than memory limit, see usage',
    ],
    [{ HostConfig: { MemorySwap: 10_000_000 } }, 'You should always set the Memory limit when using Memoryswap limit, see usage'],
    [{ HostConfig: { NanoCpus: 3e9 } }, 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
    [{ HostConfig: { CpusetCpus: '5' } }, 'Requested CPUs are not available - requested 5, available: 0-1'],
    [{ HostConfig: { Binds: ['/a:/x'], Tmpfs: { '/x': '' } } }, 'Duplicate mount point: /x'],
    [{ HostConfig: { Binds: ['/a:/x/'], Mounts: [{ Type: 'tmpfs', Target: '/x' }] } }, 'Duplicate mount point: /x'],
    [
      {
        HostConfig: {
          Mounts: [
            { Type: 'tmpfs', Target: '/x' },
            { Type: 'bind', Source: '/a', Target: '/x' },
          ],
        },
      },
      'Duplicate mount point: /x',
    ],
    [{ HostConfig: { Binds: ['/a:/b', '/c:/b/'] } }, 'Duplicate mount point: /b'],
    [{ HostConfig: { Binds: ['/a:/b'], Tmpfs: { '/b': '' } } }, 'Duplicate mount point: /b'],
    [{ HostConfig: { Tmpfs: { b: '' } } }, "invalid mount path: 'b' mount path must be absolute"],
    [{ HostConfig: { Mounts: [{ Type: 'bind', Source: '/a' }] } }, 'invalid mount config for type "bind": field Target must not be empty'],
    [
      { HostConfig: { Mounts: [{ Type: 'bind', Source: 'a', Target: '/b' }] } },
      'invalid mount config for type "bind": invalid mount path: \'a\' mount path must be absolute',
    ],
    [
      { HostConfig: { Mounts: [{ Type: 'floppy', Source: '/a', Target: '/b' }] } },
      'invalid mount config for type "floppy": mount type unknown',
    ],
    [
      { HostConfig: { Mounts: [{ Type: 'tmpfs', Source: '/a', Target: '/b' }] } },
      'invalid mount config for type "tmpfs": field Source must not be specified',
    ],
    [{ HostConfig: { LogConfig: { Type: 'pigeon' } } }, 'error looking up logging plugin pigeon: plugin "pigeon" not found'],
    [{ HostConfig: { LogConfig: { Type: 'json-file', Config: { colour: 'red' } } } }, "unknown log opt 'colour' for json-file log driver"],
    [{ HostConfig: { LogConfig: { Type: 'local', Config: { colour: 'red' } } } }, "unknown log opt 'colour' for log driver local"],
    [{ HostConfig: { LogConfig: { Type: 'json-file', Config: { mode: 'fast' } } } }, 'logger: logging mode not supported: fast'],
    [
      { HostConfig: { LogConfig: { Type: 'json-file', Config: { 'max-buffer-size': '1m' } } } },
      "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
    ],
    [{ HostConfig: { PortBindings: { http: [] } } }, 'invalid port specification: "http"'],
    [{ HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '70000' }] } } }, 'invalid port specification: "70000"'],
    [{ Healthcheck: { Interval: 5 } }, 'Interval in Healthcheck cannot be less than 1ms'],
    [{ Healthcheck: { Timeout: -1 } }, 'Timeout in Healthcheck cannot be less than 1ms'],
    [{ Healthcheck: { Retries: -1 } }, 'Retries in Healthcheck cannot be negative'],
    [{ HostConfig: { ExtraHosts: ['a:b'] } }, 'invalid IP address in add-host: "b"'],
    [{ HostConfig: { ExtraHosts: ['a:1.2.3.4:5'] } }, 'invalid IP address in add-host: "1.2.3.4:5"'],
    [{ MacAddress: 'zz' }, 'invalid config for network bridge: invalid MAC address zz'],
    [
      { NetworkingConfig: { EndpointsConfig: { bridge: { MacAddress: '02:42' } } } },
      'invalid config for network bridge: invalid MAC address 02:42',
    ],
    [{ HostConfig: { PidMode: 'container:ghost' } }, 'No such container: ghost'],
    [{ HostConfig: { IpcMode: 'container:ghost' } }, 'No such container: ghost'],
    [{ HostConfig: { CpuRealtimePeriod: 5 } }, 'kernel does not support CPU real-time scheduler'],
    [{ HostConfig: { BlkioWeight: 9 } }, 'Range of blkio weight is from 10 to 1000'],
    [{ HostConfig: { BlkioWeight: 1001 } }, 'Range of blkio weight is from 10 to 1000'],
    [{ HostConfig: { CpusetCpus: '9' } }, 'Requested CPUs are not available - requested 9, available: 0-1'],
    [{ HostConfig: { CpusetCpus: '0-1-2' } }, 'Invalid value 0-1-2 for cpuset cpus: invalid format: 0-1-2'],
    [{ HostConfig: { CpusetCpus: '1-0' } }, 'Invalid value 1-0 for cpuset cpus: invalid format: 1-0'],
    [{ HostConfig: { CpusetCpus: '99999' } }, 'Invalid value 99999 for cpuset cpus: value of out range, maximum is 8192'],
    [{ HostConfig: { CpusetMems: 'a' } }, 'Invalid value a for cpuset mems: invalid format: a'],
    [{ HostConfig: { CpusetMems: '5' } }, 'Requested memory nodes are not available - requested 5, available: 0'],
    [{ HostConfig: { CpuRealtimePeriod: 1000 } }, 'kernel does not support CPU real-time scheduler'],
    [{ HostConfig: { IOMaximumIOps: 5 } }, 'invalid option: QoS maximum IOPs configuration is not supported on linux'],
    [{ HostConfig: { UTSMode: 'host' }, Hostname: 'me' }, 'conflicting options: hostname and the UTS mode'],
    [
      { NetworkingConfig: { EndpointsConfig: { default: { IPAMConfig: { IPv4Address: '172.17.0.9' } } } } },
      'invalid config for network bridge: invalid endpoint settings:\n* user specified IP address is supported on user defined networks only\n* user specified IP address is supported only when connecting to networks with user configured subnets',
    ],
    [
      { NetworkingConfig: { EndpointsConfig: { host: { Aliases: ['x'] } } }, HostConfig: { NetworkMode: 'host' } },
      'invalid config for network host: invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks',
    ],
    [{ HostConfig: { Runtime: 'kata' } }, 'unknown or invalid runtime name: kata'],
    [{ HostConfig: { Runtime: '.x.y' } }, 'unknown or invalid runtime name: .x.y'],
    [{ HostConfig: { Runtime: '/bin/runc.v2' } }, 'unknown or invalid runtime name: /bin/runc.v2'],
    [{ HostConfig: { NetworkMode: 'container:' } }, 'invalid network mode: invalid container format container:<name|id>'],
    [{ HostConfig: { OomScoreAdj: 2000 } }, 'Invalid value 2000, range for oom score adj is [-1000, 1000]'],
  ])('refuses %j', (body, message) => {
    expect(() => engine.create(body)).toThrow(expect.objectContaining({ kind: 'invalid', message }));
  });

  it.each([
    [
      { HostConfig: { Binds: ['/a:b'] } },
      "invalid volume specification: '/a:b': invalid mount config for type \"bind\": invalid mount path: 'b' mount path must be absolute",
    ],
    [
      { HostConfig: { Binds: ['/a:/b/..'] } },
      "invalid volume specification: '/a:/b/..': invalid mount config for type \"bind\": invalid specification: destination can't be '/'",
    ],
    [{ HostConfig: { Binds: ['/a:ro'] } }, "invalid volume specification: '/a:ro'"],
    [{ HostConfig: { Binds: ['/a:/b:rw:x'] } }, "invalid volume specification: '/a:/b:rw:x'"],
    [{ HostConfig: { Binds: ['/a:/b:fast'] } }, 'invalid mode: fast'],
  ])('refuses %j, without a class', (body, message) => {
    expect(() => engine.create(body)).toThrow(expect.objectContaining({ kind: 'internal', message }));
  });

  it.each([
    [{ Binds: ['data:/data:rshared'] }, 'internal', /type "volume": field BindOptions must not be specified$/],
    [{ Binds: ['data:d'] }, 'internal', /type "volume": invalid mount path: 'd' mount path must be absolute$/],
    [{ Mounts: [{ Type: 'volume', Source: '/data', Target: '/d' }] }, 'invalid', /^create \/data: "\/data" includes invalid characters/],
    [
      { Mounts: [{ Type: 'volume', Target: '/d', VolumeOptions: { Subpath: 'x' } }] },
      'invalid',
      /must not set Subpath when using anonymous volumes$/,
    ],
    [
      { Mounts: [{ Type: 'volume', Source: 'data', Target: '/d', VolumeOptions: { Subpath: '../x' } }] },
      'invalid',
      /subpath must be a relative path within the volume$/,
    ],
    [{ VolumesFrom: ['other:ro'] }, 'invalid', /^No such container: other$/],
  ])('refuses %j, and the name is free again', (HostConfig, kind, message) => {
    const refused = expect.objectContaining({ kind, message: expect.stringMatching(message) });
    expect(() => engine.create({ HostConfig }, 'wanted')).toThrow(refused);
    expect(engine.context.store.isNameTaken('wanted')).toBe(false);
  });

  it("refuses a size of the container's files, which its file system cannot limit", () => {
    expect(() => engine.create({ HostConfig: { StorageOpt: { size: '1g' } } })).toThrow(
      "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
    );
  });

  it.each([
    [{ Hostname: 'me' }, {}, 'hostname and the network mode'],
    [{}, { Dns: ['1.1.1.1'] }, 'dns and the network mode'],
    [{}, { ExtraHosts: ['a:1.1.1.1'] }, 'custom host-to-IP mapping and the network mode'],
    [{}, { PublishAllPorts: true }, 'port publishing and the container type network mode'],
    [{ ExposedPorts: { '80/tcp': {} } }, {}, 'port exposing and the container type network mode'],
  ])("refuses %j, %j on another container's network, and leaves no name behind", (config, hostConfig, what) => {
    const HostConfig = { ...hostConfig, NetworkMode: 'container:other' };
    expect(() => engine.create({ ...config, HostConfig }, 'web')).toThrow(`conflicting options: ${what}`);
    expect(engine.context.store.isNameTaken('web')).toBe(false);
  });

  it('refuses an unknown image, and leaves no name behind', () => {
    expect(() => engine.create({ Image: 'ghost' }, 'web')).toThrow(
      expect.objectContaining({ kind: 'not_found', message: 'No such image: ghost:latest' }),
    );
    expect(engine.context.store.isNameTaken('web')).toBe(false);
  });

  it('without an image and a command is refused', () => {
    expect(() => engine.create({ Image: '' })).toThrow('no command specified');
  });

  it('refuses another platform', () => {
    expect(() => createContainer(engine.context, { name: '', platform: 'windows/amd64', body: createBody({}) })).toThrow(
      'image with reference busybox was found but its platform (linux/386) does not match the specified platform (windows/amd64)',
    );
    expect(() => createContainer(engine.context, { name: '', platform: 'linux/arm64', body: createBody({}) })).toThrow(
      expect.objectContaining({ kind: 'not_found' }),
    );
    expect(() => createContainer(engine.context, { name: '', platform: 'a b', body: createBody({}) })).toThrow(
      '"a b" is an invalid OS component of',
    );
    expect(createContainer(engine.context, { name: '', platform: 'linux/i686', body: createBody({}) }).Id).toHaveLength(64);
    expect(createContainer(engine.context, { name: '', platform: 'linux/386', body: createBody({}) }).Id).toHaveLength(64);
  });

  it.each([
    [{ Dns: ['abc'] }, 'bad nameserver address abc: ParseAddr("abc"): unable to parse IP'],
    [{ LogConfig: { Type: 'json-file', Config: { 'max-size': 'much' } } }, "initialize logging driver: invalid size: 'much'"],
    [{ LogConfig: { Type: 'json-file', Config: { 'max-file': '0' } } }, 'initialize logging driver: max-file cannot be less than 1'],
    [
      { LogConfig: { Type: 'json-file', Config: { compress: 'true' } } },
      'compress cannot be true when max-file is less than 2 or max-size',
    ],
    [{ LogConfig: { Type: 'local', Config: { 'max-file': '1' } } }, 'compression cannot be enabled when max file count is 1'],
    [{ Ulimits: [{ Name: 'luck', Soft: 1, Hard: 1 }] }, 'wrong rlimit value: RLIMIT_LUCK'],
    [{ SecurityOpt: ['seccomp={'] }, 'Decoding seccomp profile failed'],
    [{ LogConfig: { Type: 'json-file', Config: { tag: '{{.Nope}}' } } }, "can't evaluate field Nope in type *logger.Info"],
    [{ LogConfig: { Type: 'json-file', Config: { 'labels-regex': '(' } } }, 'error parsing regexp: missing closing ): `(`'],
    [{ Sysctls: { 'kernel.domainname': 'x' }, UTSMode: 'host' }, 'sysctl "kernel.domainname" is not in a separate kernel namespace'],
    [{ Sysctls: { 'vm.swappiness': '1' } }, 'runc create failed: sysctl "vm.swappiness" is not in a separate kernel namespace'],
    [
      { Sysctls: { 'net/ipv4/ip_forward': '1' }, NetworkMode: 'host' },
      'sysctl "net.ipv4.ip_forward" not allowed in host network namespace',
    ],
    [{ Sysctls: { 'kernel.shmmax': '1' }, IpcMode: 'host' }, 'sysctl "kernel.shmmax" is not allowed in the hosts ipc namespace'],
    [{ Sysctls: { 'kernel.hostname': 'x' } }, 'is not allowed as it conflicts with the OCI "hostname" field'],
    [{ Tmpfs: { '/x': 'fancy' } }, 'invalid tmpfs option "fancy"'],
    [{ NetworkMode: 'container:ghost' }, 'joining network namespace of container: No such container: ghost'],
    [{ NetworkMode: 'container:self' }, 'cannot join own network namespace'],
  ])('takes %j, and the start refuses it, as in Docker', async (HostConfig, message) => {
    const id = engine.create({ Cmd: ['sleep'], HostConfig }, 'self');
    await expect(startContainer(engine.context, id)).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringContaining(message) as string,
    });
    expect(engine.machine.started).toEqual([]);
  });

  it.each([['whatever', 1] as const, ['sing=loud', 2] as const])('refuses the security option %s without a class', (option, number) => {
    expect(() => engine.create({ HostConfig: { SecurityOpt: [option] } })).toThrow(
      expect.objectContaining({ kind: 'internal', message: `invalid --security-opt ${number}: "${option}"` }),
    );
  });

  it('warns of log options that change nothing', () => {
    const LogConfig = { Type: 'json-file', Config: { tag: 'x', labels: 'tier', mode: 'non-blocking', 'max-file': '2' } };
    const { Warnings } = createContainer(engine.context, { name: '', platform: '', body: createBody({ HostConfig: { LogConfig } }) });
    expect(Warnings).toEqual(['Log option mode is discarded: logs are kept in memory']);
  });

  it('warns of what will not happen', () => {
    const body = createBody({
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }, LogConfig: { Type: 'syslog', Config: {} } },
    });
    const { Warnings } = createContainer(engine.context, { name: '', platform: '', body });
    expect(Warnings).toEqual(['Logging driver syslog is not available: json-file is used']);
  });

  const warningsOf = (body: Readonly<Record<string, unknown>>): readonly string[] =>
    createContainer(engine.context, { name: '', platform: '', body: createBody(body) }).Warnings;

  it("says what the kernel has not in Docker's words, and does not show it as set", async () => {
    const device = { Path: '/dev/sda', Rate: 1 };
    const HostConfig = {
      MemorySwappiness: 5,
      OomKillDisable: true,
      BlkioWeight: 100,
      BlkioWeightDevice: [{ Path: '/dev/sda', Weight: 5 }],
      BlkioDeviceReadBps: [device],
      BlkioDeviceWriteBps: [device],
      BlkioDeviceReadIOps: [device],
      BlkioDeviceWriteIOps: [device],
      CpusetCpus: '0',
    };
    const context = { ...engine.context, host: { ...engine.context.host, cpuset: false } };
    const { Id, Warnings } = createContainer(context, { name: '', platform: '', body: createBody({ HostConfig }) });
    expect(Warnings).toEqual([
      'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.',
      'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
      'Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.',
      'Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.',
    ]);
    expect((await inspect(Id)).HostConfig).toMatchObject({
      MemorySwappiness: null,
      OomKillDisable: false,
      BlkioWeight: 100,
      BlkioWeightDevice: [],
      BlkioDeviceReadBps: [device],
      CpusetCpus: '',
    });
  });

  it('is silent about what an ordinary client sends', () => {
    expect(warningsOf({ Volumes: {}, HostConfig: { MemorySwappiness: -1, OomKillDisable: false, PidsLimit: 0, Devices: [] } })).toEqual([]);
  });

  it('keeps options for the driver of a network', async () => {
    const asked = (settings: object) => ({ NetworkingConfig: { EndpointsConfig: { default: settings } } });
    const id = engine.create({ Cmd: ['sleep'], ...asked({ DriverOpts: { a: 'b' } }) });
    await startContainer(engine.context, id);
    expect((await inspectContainer(engine.context, id, { size: false })).NetworkSettings.Networks).toMatchObject({
      bridge: { DriverOpts: { a: 'b' }, IPAddress: '172.17.0.2' },
    });
  });
});

describe('networks of a container', () => {
  it('are the bridge by default, with an address while it runs', async () => {
    const id = engine.create({ Cmd: ['sleep'] });
    await startContainer(engine.context, id);
    const second = engine.create({ Cmd: ['sleep'] });
    await startContainer(engine.context, second);
    expect((await inspect(id)).NetworkSettings).toMatchObject({
      IPAddress: '172.17.0.2',
      Gateway: '172.17.0.1',
      IPPrefixLen: 16,
      MacAddress: '02:42:ac:11:00:02',
    });
    expect((await inspect(second)).NetworkSettings.Networks['bridge']).toMatchObject({ IPAddress: '172.17.0.3' });
    expect(engine.machine.bridges.get('docker0')).toMatchObject({
      address: '172.17.0.1',
      prefix: 16,
      mac: '02:42:ac:11:00:01',
    });
    expect(engine.machine.started[1]?.endpoints).toMatchObject([
      { bridge: 'docker0', name: 'eth0', address: '172.17.0.3', gateway: '172.17.0.1' },
    ]);
  });

  it("have the hardware address that docker run --mac-address asks for, of the client's default network", async () => {
    const NetworkingConfig = { EndpointsConfig: { default: { MacAddress: '02:42:ac:11:00:99' } } };
    const id = engine.create({ Cmd: ['sleep'], NetworkingConfig });
    await startContainer(engine.context, id);
    expect(engine.machine.started[0]?.endpoints).toMatchObject([{ name: 'eth0', mac: '02:42:ac:11:00:99' }]);
    expect((await inspect(id)).NetworkSettings.Networks).toMatchObject({ bridge: { MacAddress: '02:42:ac:11:00:99' } });
  });

  it('are known by their names, also where they were asked for by ID or its first digits', async () => {
    const { id: network } = engine.context.networks.store.find('bridge');
    const NetworkingConfig = { EndpointsConfig: { [network]: { MacAddress: '02:42:ac:11:00:99' } } };
    const id = engine.create({ Cmd: ['sleep'], NetworkingConfig, HostConfig: { NetworkMode: network.slice(0, 12) } });
    await startContainer(engine.context, id);
    const { HostConfig, NetworkSettings } = await inspect(id);
    expect(HostConfig.NetworkMode).toBe(network);
    expect(NetworkSettings.Networks).toMatchObject({ bridge: { IPAddress: '172.17.0.2', MacAddress: '02:42:ac:11:00:99' } });
    expect(Object.keys(NetworkSettings.Networks)).toEqual(['bridge']);
    expect(NetworkSettings.IPAddress).toBe('172.17.0.2');
  });

  it("are never the host's by its ID, and whoever asks for that is told", async () => {
    const { id: host } = engine.context.networks.store.find('host');
    const id = engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: host } });
    await expect(startContainer(engine.context, id)).rejects.toMatchObject({
      kind: 'invalid',
      message:
        'failed to set up container networking: cannot connect container to host network - container must be created in host network mode',
    });
    expect(engine.machine.started).toEqual([]);
  });

  it("show ports where the container has an address, not on the host's network and not on none", async () => {
    for (const [NetworkMode, ports] of [
      ['bridge', { '80/tcp': null }],
      ['host', {}],
      ['none', {}],
    ] as const) {
      const id = engine.create({ Cmd: ['sleep'], ExposedPorts: { '80/tcp': {} }, HostConfig: { NetworkMode } });
      await startContainer(engine.context, id);
      expect((await inspect(id)).NetworkSettings.Ports).toEqual(ports);
      const [listed] = await listContainers(engine.context, { all: false, limit: 0, size: false, filters: { id: [id] } });
      expect(listed?.Ports).toHaveLength(Object.keys(ports).length);
    }
  });

  it('are none with NetworkDisabled, but for the loopback', async () => {
    const id = engine.create({ Cmd: ['sleep'], NetworkDisabled: true });
    await startContainer(engine.context, id);
    expect(engine.machine.started[0]).toMatchObject({ endpoints: [], joinNetwork: '' });
    expect((engine.machine.started[0]?.namespaces ?? 0) & 0x4000_0000).toBe(0x4000_0000);
    expect((await inspect(id)).NetworkSettings.Networks).toEqual({});
  });

  it("may be none, the host's, or another container's", async () => {
    const newNetwork = 0x4000_0000;
    const first = engine.create({ Cmd: ['sleep'] }, 'first');
    await startContainer(engine.context, first);
    for (const mode of ['none', 'host', 'container:first']) {
      await startContainer(engine.context, engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: mode } }));
    }
    const [, none, host, joined] = engine.machine.started;
    expect(none).toMatchObject({ endpoints: [], joinNetwork: '' });
    expect((none?.namespaces ?? 0) & newNetwork).toBe(newNetwork);
    expect((host?.namespaces ?? 0) & newNetwork).toBe(0);
    expect(host?.hostname).toBe('testhost');
    expect(joined).toMatchObject({ joinNetwork: first, hostname: first.slice(0, 12) });
  });

  it('of a container that does not run cannot be shared, and an unknown network fails at the start', async () => {
    engine.create({}, 'stopped');
    const joining = engine.create({ HostConfig: { NetworkMode: 'container:stopped' } });
    await expect(startContainer(engine.context, joining)).rejects.toMatchObject({
      kind: 'conflict',
      message: 'cannot join network namespace of a non running container: container stopped is created',
    });
    const ghost = engine.create({ HostConfig: { NetworkMode: 'container:ghost' } });
    await expect(startContainer(engine.context, ghost)).rejects.toMatchObject({
      kind: 'internal',
      message: 'joining network namespace of container: No such container: ghost',
    });
    const lost = engine.create({ HostConfig: { NetworkMode: 'lan' } });
    await expect(startContainer(engine.context, lost)).rejects.toMatchObject({
      kind: 'not_found',
      message: 'failed to set up container networking: network lan not found',
    });
  });
});
