import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeferred } from '../base/deferred.ts';
import { createContainerSchema, createNetworkSchema } from '../protocol/engine-api.ts';
import { createEngine, type Engine } from './engine.ts';
import { testLayout } from './images/testing/layout.ts';
import { bundledRegistry } from './registry/bundled.ts';
import { TestClock, settle } from './testing/clock.ts';
import { countingRandom, readSession } from './testing/engine.ts';
import { TestMachine } from './testing/machine.ts';

let engine: Engine;
let machine: TestMachine;
/** What the guest sees of images. */
let layers: Set<string>;

beforeEach(() => {
  machine = new TestMachine();
  layers = new Set();
  const tree: Readonly<Record<string, string>> = {
    '/proc/sys/kernel/osrelease': '6.1.0-test\n',
    '/proc/sys/kernel/hostname': 'dock\n',
    '/etc/os-release': 'ID=test\nPRETTY_NAME="Test OS 1"\nVERSION_ID="1"\n',
    '/proc/cpuinfo': 'processor\t: 0\nvendor_id\t: x\n',
    '/proc/meminfo': 'MemTotal:        200000 kB\n',
    '/proc/sys/net/ipv4/ip_forward': '1\n',
    '/sys/fs/cgroup/cgroup.subtree_control': 'cpu memory pids\n',
  };
  for (const [path, text] of Object.entries(tree)) machine.tree.set(path, text);
  engine = createEngine({
    runtime: machine,
    random: countingRandom(),
    clock: new TestClock(),
    registry: bundledRegistry(testLayout([{ name: 'docker.io/library/app:latest', layers: [[]] }]).fetchBlob),
    layers: { add: (name) => void layers.add(name), remove: (name) => void layers.delete(name) },
    inflate: (source) => source,
  });
});

async function pull(): Promise<void> {
  const progress = await engine.images.pull({ image: 'app', tag: 'latest', platform: '', signal: new AbortController().signal });
  while ((await progress.read()) !== null);
}

describe('the engine', () => {
  it('pulls an image, runs it, and keeps its layers for as long as the container is there', async () => {
    await pull();
    expect(await engine.system.diskUsage()).toMatchObject({ Containers: [], Images: [{ Containers: 0 }] });
    const { Id } = await engine.containers.create({
      name: 'web',
      platform: '',
      body: createContainerSchema.parse({ Image: 'app', Cmd: ['echo', 'hi'] }),
    });
    const session = await engine.streams.attach('web', { stdin: false, stdout: true, stderr: true, logs: false, stream: true });
    await engine.lifecycle.start(Id);
    expect((await readSession(session)).stdout).toBe('hi\n');
    await settle();
    expect(await engine.system.diskUsage()).toMatchObject({ Containers: [{ Names: ['/web'] }], Images: [{ Containers: 1 }] });
    await expect(engine.images.remove('app', { force: false, noprune: false })).rejects.toMatchObject({ kind: 'conflict' });
    await engine.images.remove('app', { force: true, noprune: false });
    expect([...layers]).toHaveLength(1);
    await engine.containers.remove('web', { force: false, volumes: false, link: false });
    expect([...layers]).toEqual([]);
    // Nor does the guest hold them for a container that would have come next.
    await settle();
    expect(machine.removed).toContain(machine.started.at(-1)?.next);
  });

  it('refuses a mount of what is not there, unless it is to be made', async () => {
    await pull();
    const mount = { Type: 'bind', Source: '/nope', Target: '/x' };
    const create = (BindOptions: object) => {
      const body = createContainerSchema.parse({ Image: 'app', HostConfig: { Mounts: [{ ...mount, BindOptions }] } });
      return engine.containers.create({ name: '', platform: '', body });
    };
    await expect(create({})).rejects.toMatchObject({
      kind: 'invalid',
      message: 'invalid mount config for type "bind": bind source path does not exist: /nope',
    });
    expect((await create({ CreateMountpoint: true })).Id).toHaveLength(64);
  });

  it('makes docker0 when it is told to prepare', async () => {
    await engine.prepare();
    expect([...machine.bridges.keys()]).toEqual(['docker0']);
  });

  it('tells of itself and of the guest', async () => {
    expect(await engine.system.version()).toMatchObject({
      ApiVersion: '1.50',
      MinAPIVersion: '1.24',
      Os: 'linux',
      Arch: '386',
      KernelVersion: '6.1.0-test',
    });
    expect(await engine.system.info()).toMatchObject({
      Name: 'dock',
      NCPU: 1,
      MemTotal: 204_800_000,
      OperatingSystem: 'Test OS 1',
      OSType: 'linux',
      Architecture: 'i686',
      CgroupVersion: '2',
      Driver: 'overlay2',
      KernelVersion: '6.1.0-test',
      MemoryLimit: true,
      CPUSet: false,
      Plugins: {
        Volume: ['local'],
        Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null'],
        Authorization: null,
        Log: ['json-file', 'local'],
      },
      Warnings: expect.arrayContaining(['WARNING: No cpuset support', 'WARNING: No io.weight (per device) support']),
      ID: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      PidsLimit: true,
      IPv4Forwarding: true,
      Containers: 0,
      Images: 0,
    });
  });

  it('counts containers by state', async () => {
    await pull();
    for (const Cmd of [['sleep'], ['true']]) {
      const { Id } = await engine.containers.create({ name: '', platform: '', body: createContainerSchema.parse({ Image: 'app', Cmd }) });
      await engine.lifecycle.start(Id);
    }
    await settle();
    expect(await engine.system.info()).toMatchObject({
      Containers: 2,
      ContainersRunning: 1,
      ContainersStopped: 1,
      ContainersPaused: 0,
      Images: 1,
    });
  });

  it("shows a stopped container's own layer above those of its image, with the files of its names, at a place that nothing else has", async () => {
    const mounts = vi.spyOn(machine.overlayMounts, 'mount');
    await pull();
    const { Id } = await engine.containers.create({
      name: '',
      platform: '',
      body: createContainerSchema.parse({ Image: 'app', Cmd: ['true'] }),
    });
    const below = [expect.stringContaining('/init-layer'), expect.stringContaining('/layers/')];
    await engine.lifecycle.start(Id);
    await settle();
    const root = await engine.withFiles(Id, (found) => Promise.resolve(found));
    const lowers = [expect.stringContaining(`/${Id}/diff`), ...below];
    const binds = ['resolv.conf', 'hostname', 'hosts'].map((name) =>
      expect.objectContaining({ source: expect.stringMatching(`/${Id}/${name}$`), target: `/etc/${name}` }),
    );
    expect(mounts.mock.calls.map(([spec]) => spec)).toEqual([{ lowers, target: 'root' in root ? root.root : '', binds }]);
    expect(machine.mounted.size).toBe(0);
  });

  it('is saved while no network is being made or removed, and what comes meanwhile waits', async () => {
    const slow = createDeferred();
    const quick = machine.roundTrip;
    machine.roundTrip = () => slow.promise;
    const body = (Name: string) => createNetworkSchema.parse({ Name });
    const making = engine.networks.create(body('lab'));
    await settle();
    const bridges = (): number => engine.snapshot().bridges.length;
    const seen: unknown[] = [];
    const save = engine.atStandstill(async () => {
      seen.push([bridges(), machine.bridges.size]);
      const late = [engine.networks.create(body('late')), engine.networks.remove('lab')];
      await settle();
      seen.push([bridges(), machine.bridges.size], (await engine.networks.list({})).map(({ Name }) => Name).sort());
      return { late };
    });
    await settle();
    expect(seen).toEqual([]);
    machine.roundTrip = quick;
    slow.resolve();
    await making;
    await Promise.all((await save).late);
    expect(seen).toEqual([
      [1, 1],
      [1, 1],
      ['bridge', 'host', 'lab', 'none'],
    ]);
    expect((await engine.networks.list({})).map(({ Name }) => Name).sort()).toEqual(['bridge', 'host', 'late', 'none']);
  });

  it('is restored from JSON', async () => {
    await pull();
    await engine.containers.create({ name: 'web', platform: '', body: createContainerSchema.parse({ Image: 'app' }) });
    const saved: unknown = JSON.parse(JSON.stringify(engine.snapshot()));
    await engine.containers.create({ name: 'other', platform: '', body: createContainerSchema.parse({ Image: 'app' }) });
    engine.restore(saved, await engine.openImages(saved));
    expect((await engine.containers.list({ all: true, limit: 0, size: false, filters: {} })).map(({ Names }) => Names)).toEqual([['/web']]);
  });
});

describe('the event log', () => {
  it('numbers entries without gaps, tells listeners, and is read from any position', () => {
    const heard: number[] = [];
    const listening = engine.log.onAppend(({ sequence }) => heard.push(sequence));
    const first = engine.log.last;
    for (const action of ['a', 'b', 'c'])
      engine.log.append({ kind: 'event', type: 'daemon', action, actor: { id: '', attributes: {} }, facts: {} });
    listening.dispose();
    engine.log.append({ kind: 'event', type: 'daemon', action: 'd', actor: { id: '', attributes: {} }, facts: {} });
    expect(heard).toEqual([first + 1, first + 2, first + 3]);
    expect(engine.log.since(first + 2).map(({ sequence }) => sequence)).toEqual([first + 3, first + 4]);
    expect(engine.log.since(first + 4)).toEqual([]);
    expect(engine.log.last).toBe(first + 4);
  });
});
