import { describe, expect, it } from 'vitest';
import { AppError } from '../../base/errors.ts';
import { createContainerSchema, createVolumeSchema } from '../../protocol/engine-api.ts';
import { createCheckedContainer } from '../containers/verbs/create.ts';
import { pruneContainers } from '../containers/verbs/prune.ts';
import { removeByReference } from '../containers/verbs/remove.ts';
import { startContainer } from '../containers/verbs/start.ts';
import { mountPoints } from '../containers/mounts/mount-points.ts';
import { restoreEngine } from '../snapshot/restore.ts';
import { snapshotEngine } from '../snapshot/save.ts';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import { createVolume } from './create.ts';
import { listVolumes } from './list.ts';
import { pruneVolumes } from './prune.ts';

const volume = ({ context }: TestEngine, body: Readonly<Record<string, unknown>>) =>
  createVolume(context.volumes, context.random, createVolumeSchema.parse(body));

const create = async ({ context }: TestEngine, body: Readonly<Record<string, unknown>>, name = ''): Promise<string> => {
  const parsed = createContainerSchema.parse({ Image: 'busybox', Cmd: ['cat'], OpenStdin: true, ...body });
  return (await createCheckedContainer(context, { name, platform: '', body: parsed })).Id;
};
const names = ({ context }: TestEngine): string[] => context.volumes.all().map(({ name }) => name);
const remove = ({ context }: TestEngine, id: string, volumes: boolean) =>
  removeByReference(context, id, { force: true, volumes, link: false });
const folder = (name: string): string => `/var/lib/docker/volumes/${name}/_data`;

describe('a volume', () => {
  it('is what Docker says of it, and the same one when it is made again', async () => {
    const engine = createTestEngine();
    const made = await volume(engine, { Name: 'data', Labels: { a: 'b' } });
    expect(made).toMatchObject({
      Name: 'data',
      Driver: 'local',
      Scope: 'local',
      Labels: { a: 'b' },
      Options: null,
      Mountpoint: folder('data'),
    });
    expect(await volume(engine, { Name: 'data', Labels: { other: 'x' } })).toEqual(made);
    expect([...engine.machine.volumeFolders.keys()]).toEqual([folder('data')]);
    expect(engine.events()).toEqual(['volume create']);
  });

  it.each([
    [{ Name: 'a' }, 'invalid', 'create a: volume name is too short, names should be at least two alphanumeric characters'],
    [
      { Name: '../x' },
      'invalid',
      'create ../x: "../x" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
    ],
    [{ Name: 'xx', Driver: 'nosuch' }, 'not_found', 'create xx: error looking up volume plugin nosuch: plugin "nosuch" not found'],
    [{ Name: 'xx', DriverOpts: { foo: 'bar' } }, 'invalid', 'create xx: invalid option: "foo"'],
    [{ Name: 'xx', DriverOpts: { type: 'tmpfs' } }, 'invalid', 'create xx: missing required option: "device"'],
    [{ Name: 'xx', DriverOpts: { o: 'size=1m' } }, 'invalid', 'create xx: missing required option: "device"'],
  ])('%j is refused in the words of a real engine', async (body, kind, message) => {
    const engine = createTestEngine();
    await expect(volume(engine, body)).rejects.toMatchObject({ kind, message });
    expect(names(engine)).toEqual([]);
  });

  it('of a network file system is refused with the reason', async () => {
    const nfs = { Name: 'nf', DriverOpts: { type: 'nfs', device: ':/x', o: 'addr=1.2.3.4' } };
    await expect(volume(createTestEngine(), nfs)).rejects.toMatchObject({
      kind: 'not_implemented',
      message: /has no client of network file systems/,
    });
  });

  it('that a container has is not removed, running or not', async () => {
    const engine = createTestEngine();
    const id = await create(engine, { HostConfig: { Binds: ['data:/d'] } });
    await expect(engine.context.volumes.remove('data')).rejects.toMatchObject({
      kind: 'conflict',
      message: `remove data: volume is in use - [${id}]`,
    });
    await remove(engine, id, true);
    expect(names(engine)).toEqual(['data']);
    await engine.context.volumes.remove('data');
    expect([...engine.machine.volumeFolders]).toEqual([]);
    await expect(engine.context.volumes.remove('data')).rejects.toMatchObject({ kind: 'not_found', message: 'get data: no such volume' });
  });

  it('whose folder cannot be made is none, and one that was there before stays', async () => {
    const engine = createTestEngine();
    const full = new AppError('internal', "error while creating volume root path '/x': mkdir /x: no space left on device");
    engine.machine.failures.set('makeVolume', full);
    await expect(volume(engine, { Name: 'data' })).rejects.toMatchObject({ kind: 'internal', message: `create data: ${full.message}` });
    expect(names(engine)).toEqual([]);
    engine.context.volumes.create({ name: 'kept', driver: 'local', labels: null, options: null });
    engine.machine.failures.set('makeVolume', full);
    await expect(volume(engine, { Name: 'kept' })).rejects.toThrow('create kept: ');
    expect(names(engine)).toEqual(['kept']);
  });

  it('keeps what it has when its folder cannot be removed', async () => {
    const engine = createTestEngine();
    await volume(engine, { Name: 'data' });
    engine.machine.failures.set('removeVolume', new AppError('internal', 'device is busy'));
    await expect(engine.context.volumes.remove('data')).rejects.toThrow('device is busy');
    expect(names(engine)).toEqual(['data']);
  });

  it('that is made while one of its name is removed has a folder in the end', async () => {
    const engine = createTestEngine();
    await volume(engine, { Name: 'data' });
    await Promise.all([engine.context.volumes.remove('data'), volume(engine, { Name: 'data' }), volume(engine, { Name: 'data' })]);
    expect(names(engine)).toEqual(['data']);
    expect([...engine.machine.volumeFolders.keys()]).toEqual([folder('data')]);
  });
});

describe('the volumes of a container', () => {
  it('are made with it and filled from its image, but not where that is not wanted', async () => {
    const engine = createTestEngine();
    await create(engine, {
      Image: 'volumes',
      HostConfig: {
        Binds: ['named:/named', 'bare:/bare:nocopy'],
        Mounts: [{ Type: 'volume', Source: 'long', Target: '/l', VolumeOptions: { NoCopy: true } }],
      },
    });
    const filled = [...engine.machine.volumeFolders].map(([path, from]) => [path.replace(/[0-9a-f]{64}/, 'ID'), from]);
    expect(filled).toContainEqual([folder('named'), '/named']);
    expect(filled).toContainEqual([folder('ID'), '/var/data']);
    expect(names(engine)).toHaveLength(4);
    expect(filled.map(([path]) => path)).not.toContain(folder('bare'));
  });

  it('are what inspect lists, and go to who takes volumes from it, read-only where that is said', async () => {
    const engine = createTestEngine();
    await create(engine, { HostConfig: { Binds: ['data:/d', '/host:/h'] } }, 'donor');
    const id = await create(engine, { HostConfig: { VolumesFrom: ['donor:ro'], Binds: ['own:/h'] } });
    expect(mountPoints(engine.context.host, engine.context.store.find('donor').mounts)[0]).toEqual({
      Type: 'volume',
      Name: 'data',
      Source: folder('data'),
      Destination: '/d',
      Driver: 'local',
      Mode: 'z',
      RW: true,
      Propagation: '',
    });
    const taken = mountPoints(engine.context.host, engine.context.store.find(id).mounts);
    expect(taken.map(({ Name, Destination, RW, Mode }) => [Name, Destination, RW, Mode])).toEqual([
      ['data', '/d', false, ''],
      ['own', '/h', true, 'z'],
    ]);
  });

  it('without a name go with the last container that has them where volumes are to go', async () => {
    const engine = createTestEngine();
    const donor = await create(engine, { Volumes: { '/anon': {} }, HostConfig: { Binds: ['data:/d'] } });
    const other = await create(engine, { HostConfig: { VolumesFrom: [donor] } });
    await remove(engine, donor, true);
    expect(names(engine)).toHaveLength(2);
    await remove(engine, other, true);
    expect(names(engine)).toEqual(['data']);
  });

  it('stay without rm -v and with a prune of containers', async () => {
    const engine = createTestEngine();
    await remove(engine, await create(engine, { Volumes: { '/anon': {} } }), false);
    await create(engine, { Volumes: { '/anon': {} } });
    await pruneContainers(engine.context, {});
    expect(names(engine)).toHaveLength(2);
  });

  it('leave neither container nor anonymous volume when one of them cannot be filled', async () => {
    const engine = createTestEngine();
    engine.machine.failures.set('fillVolume', new AppError('internal', 'no space'));
    await expect(create(engine, { Volumes: { '/anon': {} } }, 'gone')).rejects.toThrow('no space');
    expect(engine.context.store.all()).toEqual([]);
    expect(names(engine)).toEqual([]);
  });

  it('tell of themselves in events as they are mounted and let go', async () => {
    const engine = createTestEngine();
    const id = await create(engine, { HostConfig: { Binds: ['data:/d:ro'] } });
    await startContainer(engine.context, id);
    const [mounted] = engine.log.since(0).flatMap((entry) => (entry.kind === 'event' && entry.action === 'mount' ? [entry.actor] : []));
    expect(mounted).toEqual({
      id: 'data',
      attributes: { driver: 'local', container: id, destination: '/d', 'read/write': 'false', propagation: '' },
    });
    await remove(engine, id, false);
    expect(engine.events().filter((line) => line.startsWith('volume'))).toEqual(['volume create', 'volume mount', 'volume unmount']);
  });

  it('with options of mount(8) are mounted once, from the first start to the last end', async () => {
    const engine = createTestEngine();
    await volume(engine, { Name: 'ram', DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' } });
    const [one, two] = [
      await create(engine, { HostConfig: { Binds: ['ram:/r'] } }),
      await create(engine, { HostConfig: { Binds: ['ram:/r'] } }),
    ];
    await startContainer(engine.context, one);
    await startContainer(engine.context, two);
    expect([...engine.machine.volumeMounts.values()]).toEqual([
      { type: 'tmpfs', device: 'tmpfs', options: 'size=1m', target: folder('ram') },
    ]);
    await remove(engine, one, false);
    expect(engine.machine.volumeMounts.size).toBe(1);
    await remove(engine, two, false);
    expect(engine.machine.volumeMounts.size).toBe(0);
  });

  it('go through a snapshot', async () => {
    const engine = createTestEngine();
    await create(engine, { Volumes: { '/anon': {} }, HostConfig: { Binds: ['data:/d'] } });
    const copy = createTestEngine();
    restoreEngine(copy, JSON.parse(JSON.stringify(snapshotEngine(engine))));
    expect(copy.context.volumes.snapshot()).toEqual(engine.context.volumes.snapshot());
    expect(copy.context.volumes.users.of('data')).toHaveLength(1);
  });
});

describe('a list and a prune of volumes', () => {
  it('look at name, label, driver and whether a container has it', async () => {
    const engine = createTestEngine();
    await volume(engine, { Name: 'one', Labels: { a: 'b' } });
    await create(engine, { HostConfig: { Binds: ['two:/d'] } });
    const found = async (filters: Readonly<Record<string, readonly string[]>>): Promise<string[]> =>
      (await listVolumes(engine.context.volumes, filters)).map(({ Name }) => Name);
    expect(await found({ name: ['^o'] })).toEqual(['one']);
    expect(await found({ label: ['a=b'] })).toEqual(['one']);
    expect(await found({ driver: ['nosuch'] })).toEqual([]);
    expect(await found({ dangling: ['true'] })).toEqual(['one']);
    expect(await found({ dangling: ['0'] })).toEqual(['two']);
  });

  it('remove what no container has: those without a name, all where all are meant', async () => {
    const engine = createTestEngine();
    await volume(engine, { Name: 'named' });
    await volume(engine, {});
    await create(engine, { Volumes: { '/used': {} } });
    expect((await pruneVolumes(engine.context, {})).VolumesDeleted).toHaveLength(1);
    expect((await pruneVolumes(engine.context, { all: ['true'], 'label!': ['x'] })).VolumesDeleted).toEqual(['named']);
    expect(names(engine)).toHaveLength(1);
    expect(await pruneVolumes(engine.context, {})).toEqual({ VolumesDeleted: null, SpaceReclaimed: 0 });
  });
});
