import { inspectNetwork } from '../../networks/list.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { settle } from '../../testing/clock.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { listContainers, type ListOptions } from './list.ts';
import { pruneContainers } from '../verbs/prune.ts';
import { removeByReference } from '../verbs/remove.ts';
import { renameContainer } from '../verbs/rename.ts';
import { startContainer } from '../verbs/start.ts';
import { stopContainer } from '../verbs/stop.ts';

let engine: TestEngine;
let ids: Record<'up' | 'done' | 'failed' | 'fresh', string>;

async function run(body: Readonly<Record<string, unknown>>, name: string): Promise<string> {
  const id = engine.create(body, name);
  await startContainer(engine.context, id);
  await settle();
  return id;
}

beforeEach(async () => {
  engine = createTestEngine();
  ids = {
    up: await run({ Image: 'app', OpenStdin: true, Labels: { role: 'front' } }, 'up'),
    done: await run({ Cmd: ['true'], Labels: { role: 'back', x: '' } }, 'done'),
    failed: await run({ Cmd: ['exit', '3'] }, 'failed'),
    fresh: engine.create({ Cmd: ['sh', '-c', 'echo a b'] }, 'fresh'),
  };
});

const list = (options: Partial<ListOptions> = {}) =>
  listContainers(engine.context, { all: false, limit: 0, size: false, filters: {}, ...options });
const names = async (filters: Readonly<Record<string, readonly string[]>>, all = true) =>
  (await list({ all, filters })).map(({ Names }) => Names[0]);

describe('list', () => {
  it('shows what runs, or all, newest first', async () => {
    expect((await list()).map(({ Names }) => Names)).toEqual([['/up']]);
    expect(await names({})).toEqual(['/fresh', '/failed', '/done', '/up']);
    expect((await list({ limit: 2 })).map(({ Names }) => Names[0])).toEqual(['/fresh', '/failed']);
  });

  it('describes each as docker ps wants it', async () => {
    await engine.clock.advance(180_000);
    const [fresh, failed, , up] = await list({ all: true });
    expect(fresh).toMatchObject({
      Id: ids.fresh,
      Command: "sh -c 'echo a b'",
      State: 'created',
      Status: 'Created',
      Image: 'busybox',
      Ports: [],
    });
    expect(failed).toMatchObject({ State: 'exited', Status: 'Exited (3) 3 minutes ago' });
    expect(up).toMatchObject({
      State: 'running',
      Status: 'Up 3 minutes',
      Ports: [{ PrivatePort: 80, Type: 'tcp' }],
      Created: Date.UTC(2024, 4, 1, 12) / 1000,
    });
    expect(up?.NetworkSettings.Networks['bridge']?.IPAddress).toBe('172.17.0.2');
  });

  it.each([
    [{ name: ['^/u'] }, ['/up']],
    [{ name: ['^(?i)UP$'] }, ['/up']],
    [{ name: ['^\\Aup\\z', '[[:alpha:]]led$'] }, ['/failed', '/up']],
    [{ name: ['\\Qup\\E', '^\\pL{4}$'] }, ['/done', '/up']],
    [{ name: ['(?=up)', '(', '\\1'] }, []],
    [{ name: ['e'] }, ['/fresh', '/failed', '/done']],
    [{ status: ['exited'] }, ['/failed', '/done']],
    [{ status: ['running', 'created'] }, ['/fresh', '/up']],
    [{ exited: ['3'] }, ['/failed']],
    [{ label: ['role'] }, ['/done', '/up']],
    [{ label: ['role=back', 'x'] }, ['/done']],
    [{ label: ['role=front', 'x'] }, []],
    [{ ancestor: ['busybox'] }, ['/fresh', '/failed', '/done']],
    [{ ancestor: [`sha256:${'c'.repeat(64)}`] }, []],
    [{ before: ['failed'] }, ['/done', '/up']],
    [{ since: ['done'] }, ['/fresh', '/failed']],
    [{ network: ['bridge'] }, ['/fresh', '/failed', '/done', '/up']],
    [{ network: ['none'] }, []],
    [{ expose: ['79-81/tcp'] }, ['/up']],
    [{ 'is-task': ['true'] }, []],
    [{ name: ['up'], status: ['exited'] }, []],
  ])('filters by %j', async (filters, expected) => {
    expect(await names(filters)).toEqual(expected);
  });

  it('looks at stopped ones for a status filter without --all', async () => {
    expect(await names({ status: ['created'] }, false)).toEqual(['/fresh']);
    expect(await names({ exited: ['0'] }, false)).toEqual(['/done']);
  });

  it('refuses nonsense', async () => {
    await expect(list({ filters: { status: ['happy'] } })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(list({ filters: { exited: ['x'] } })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(list({ filters: { before: ['ghost'] } })).rejects.toMatchObject({
      kind: 'not_found',
      message: 'No such container: ghost',
    });
  });

  it('adds up what was written when sizes are asked for', async () => {
    engine.machine.tree.set(`/data/overlay2/${ids.up}/diff/a/one`, '12345');
    engine.machine.tree.set(`/data/overlay2/${ids.up}/diff/two`, '123');
    const [up] = await list({ size: true });
    expect(up).toMatchObject({ SizeRw: 8, SizeRootFs: 1008 });
  });
});

describe('looking a container up', () => {
  it('takes ID, name with and without slash, and the first digits of one', () => {
    const { store } = engine.context;
    for (const reference of [ids.up, 'up', '/up', ids.up.slice(0, 12)]) expect(store.find(reference).id).toBe(ids.up);
  });

  it('refuses digits that fit several, and what fits none', () => {
    const common = [...ids.up].findIndex((digit, index) => digit !== ids.done[index]);
    expect(common).toBeGreaterThan(0);
    expect(() => engine.context.store.find(ids.up.slice(0, common))).toThrow(
      `multiple IDs found with provided prefix: ${ids.up.slice(0, common)}`,
    );
    expect(() => engine.context.store.find('zz')).toThrow('No such container: zz');
    expect(() => engine.context.store.find('')).toThrow('No such container: ');
  });
});

describe('rename', () => {
  it('moves the name, also in the network, and says from where', async () => {
    await renameContainer(engine.context, 'up', 'front');
    expect(engine.context.store.find('front').id).toBe(ids.up);
    expect(() => engine.context.store.find('up')).toThrow('No such container');
    const { networks, store } = engine.context;
    expect(inspectNetwork(networks.store, 'bridge', (id) => store.nameOf(id)).Containers).toMatchObject({ [ids.up]: { Name: 'front' } });
    expect(engine.log.since(0).at(-1)).toMatchObject({ action: 'rename', actor: { attributes: { name: 'front', oldName: '/up' } } });
  });

  it('of a container that goes meanwhile takes no name', async () => {
    const removing = removeByReference(engine.context, 'done', { force: false, volumes: false, link: false });
    await expect(renameContainer(engine.context, 'done', 'later')).rejects.toMatchObject({ message: 'No such container: done' });
    await removing;
    expect(engine.context.store.isNameTaken('later')).toBe(false);
  });

  it('refuses a taken, an equal, an empty and a bad name', async () => {
    await expect(renameContainer(engine.context, 'up', 'done')).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('The container name "/done" is already in use'),
    });
    await expect(renameContainer(engine.context, 'up', 'up')).rejects.toThrow(
      'Renaming a container with the same name as its current name',
    );
    await expect(renameContainer(engine.context, 'up', '')).rejects.toThrow('Neither old nor new names may be empty');
    await expect(renameContainer(engine.context, 'up', 'a b')).rejects.toThrow(
      'Error when allocating new name: Invalid container name (/a b)',
    );
  });
});

describe('prune', () => {
  it('removes what does not run and says what it freed', async () => {
    engine.machine.tree.set(`/data/overlay2/${ids.done}/diff/file`, '1234567');
    expect(await pruneContainers(engine.context, {})).toEqual({ ContainersDeleted: [ids.fresh, ids.failed, ids.done], SpaceReclaimed: 7 });
    expect(await names({})).toEqual(['/up']);
    expect(engine.log.since(0).at(-1)).toMatchObject({ action: 'prune', actor: { id: '', attributes: { reclaimed: '7' } } });
    await stopContainer(engine.context, 'up', {});
    expect((await pruneContainers(engine.context, {})).ContainersDeleted).toEqual([ids.up]);
    expect(await pruneContainers(engine.context, {})).toEqual({ ContainersDeleted: null, SpaceReclaimed: 0 });
  });

  it('goes on after one that cannot be removed', async () => {
    engine.machine.failures.set('remove', new AppError('internal', 'device busy', { detail: { errno: 16 } }));
    expect(await pruneContainers(engine.context, {})).toEqual({ ContainersDeleted: [ids.failed, ids.done], SpaceReclaimed: 0 });
    expect(engine.context.store.find('fresh').state).toMatchObject({ status: 'dead', error: 'device busy' });
  });

  it('looks at labels and age', async () => {
    expect((await pruneContainers(engine.context, { until: ['1h'] })).ContainersDeleted).toBeNull();
    expect((await pruneContainers(engine.context, { label: ['role=back'] })).ContainersDeleted).toEqual([ids.done]);
    await engine.clock.advance(7_200_000);
    expect((await pruneContainers(engine.context, { 'label!': ['x'], until: ['1h30m'] })).ContainersDeleted).toEqual([
      ids.fresh,
      ids.failed,
    ]);
    await expect(pruneContainers(engine.context, { until: ['soon'] })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'failed to parse value as time or duration: "soon"',
    });
    await expect(pruneContainers(engine.context, { until: ['1h', '2h'] })).rejects.toThrow('more than one until filter specified');
  });
});

describe('name patterns from outside', () => {
  const longName = `a${'a'.repeat(50_000)}_`;

  it('are matched in linear time: a pattern that makes others go back and forth sees each character once', async () => {
    engine.create({}, longName);
    expect(await names({ name: ['(a+)+$'] })).toEqual([]);
    expect(await names({ name: ['(a*)*_$'] })).toEqual([`/${longName}`]);
  });

  it('are refused where they are too large to be tried, one by one or together', async () => {
    engine.create({}, longName);
    await expect(names({ name: ['x{1000}'.repeat(50)] })).rejects.toMatchObject({
      kind: 'invalid',
      message: "invalid filter 'name': error parsing regexp: expression too large",
    });
    const many = Array.from({ length: 1000 }, (_, at) => `^${at}[ab]{500}`);
    await expect(names({ name: many })).rejects.toMatchObject({
      kind: 'invalid',
      message: "invalid filter 'name': the set of patterns is too large",
    });
  });
});
