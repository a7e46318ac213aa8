import { beforeEach, describe, expect, it } from 'vitest';
import { createBody, createTestEngine, type TestEngine } from '../testing/engine.ts';
import { createContainer } from './create.ts';
import { inspectContainer } from './inspect.ts';
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

  it.each(['', '-x', 'a', 'a b', 'ä1', '../x'].filter((name) => name !== ''))('refuses the name %j', (name) => {
    expect(() => engine.create({}, name)).toThrow(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  });

  it.each([
    [{ WorkingDir: 'rel' }, "the working directory 'rel' is invalid, it needs to be an absolute path"],
    [{ Env: ['=x'] }, 'invalid environment variable: =x'],
    [{ StopSignal: 'LOUD' }, 'Invalid signal: LOUD'],
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
    [{ HostConfig: { NanoCpus: 3e9 } }, 'Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
    [{ HostConfig: { CpusetCpus: '5' } }, 'Requested CPUs are not available - requested 5, available: 0-1'],
    [{ HostConfig: { SecurityOpt: ['whatever'] } }, 'invalid --security-opt 1: "whatever"'],
    [{ HostConfig: { SecurityOpt: ['sing=loud'] } }, 'invalid --security-opt 2: "sing=loud"'],
    [{ HostConfig: { Tmpfs: { '/x': 'fancy' } } }, 'Invalid tmpfs option ["fancy"]'],
    [{ HostConfig: { Binds: ['/a:b'] } }, "invalid volume specification: mount path must be absolute: 'b'"],
    [{ HostConfig: { Binds: ['/a:/b', '/c:/b'] } }, 'Duplicate mount point: /b'],
    [{ HostConfig: { Ulimits: [{ Name: 'luck', Soft: 1, Hard: 1 }] } }, 'invalid ulimit type: luck'],
    [{ HostConfig: { Runtime: 'kata' } }, 'unknown or invalid runtime name: kata'],
    [{ HostConfig: { NetworkMode: 'container:' } }, 'invalid container format container:<name|id>'],
    [{ HostConfig: { OomScoreAdj: 2000 } }, 'Invalid value 2000, range for oom score adj is [-1000, 1000]'],
  ])('refuses %j', (body, message) => {
    expect(() => engine.create(body)).toThrow(expect.objectContaining({ kind: 'invalid', message }));
  });

  it('refuses a named volume honestly', () => {
    expect(() => engine.create({ HostConfig: { Binds: ['data:/data'] } })).toThrow(expect.objectContaining({ kind: 'not_implemented' }));
  });

  it('refuses an unknown image, and leaves no name behind', () => {
    expect(() => engine.create({ Image: 'ghost' }, 'web')).toThrow(
      expect.objectContaining({ kind: 'not_found', message: 'No such image: ghost:latest' }),
    );
    expect(engine.context.store.isNameTaken('web')).toBe(false);
  });

  it('refuses another platform', () => {
    expect(() => createContainer(engine.context, { name: '', platform: 'windows/amd64', body: createBody({}) })).toThrow(
      'operating system is not supported: windows',
    );
    expect(() => createContainer(engine.context, { name: '', platform: 'linux/arm64', body: createBody({}) })).toThrow(
      expect.objectContaining({ kind: 'not_found' }),
    );
    expect(createContainer(engine.context, { name: '', platform: 'linux/386', body: createBody({}) }).Id).toHaveLength(64);
  });

  it('warns of what will not happen', () => {
    const body = createBody({
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }, LogConfig: { Type: 'syslog', Config: {} } },
    });
    const { Warnings } = createContainer(engine.context, { name: '', platform: '', body });
    expect(Warnings).toEqual([
      'Published ports are discarded: this engine does not publish ports yet',
      'Logging driver syslog is not available: json-file is used',
    ]);
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
    expect(engine.machine.bridges.get('docker0')).toMatchObject({ address: '172.17.0.1', prefix: 16, masquerade: 1 });
    expect(engine.machine.started[1]?.endpoints).toMatchObject([
      { bridge: 'docker0', name: 'eth0', address: '172.17.0.3', gateway: '172.17.0.1' },
    ]);
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
    const stopped = engine.create({}, 'stopped');
    const joining = engine.create({ HostConfig: { NetworkMode: 'container:stopped' } });
    await expect(startContainer(engine.context, joining)).rejects.toMatchObject({
      kind: 'conflict',
      message: `cannot join network of a non running container: ${stopped}`,
    });
    const ghost = engine.create({ HostConfig: { NetworkMode: 'container:ghost' } });
    await expect(startContainer(engine.context, ghost)).rejects.toMatchObject({ kind: 'not_found', message: 'No such container: ghost' });
    const lost = engine.create({ HostConfig: { NetworkMode: 'lan' } });
    await expect(startContainer(engine.context, lost)).rejects.toMatchObject({ kind: 'not_found', message: 'network lan not found' });
  });
});
