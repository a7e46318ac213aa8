import { expect, test } from 'vitest';
import { settle } from '../../testing/clock.ts';
import { createTestEngine } from '../../testing/engine.ts';
import { startContainer } from '../verbs/start.ts';
import { sourceOf } from '../../../base/streams.ts';
import { utf8 } from '../../../base/bytes.ts';
import { createDeferred } from '../../../base/deferred.ts';
import { createCheckedExec, startExec } from '../verbs/exec.ts';
import { extractToContainer } from '../verbs/extract.ts';
import { createNetworkSchema, emptyEndpoint, execConfigSchema } from '../../../protocol/engine-api.ts';
import { createNetwork } from '../../networks/create.ts';
import { snapshotEngine } from '../../snapshot/save.ts';
import { connectToNetwork } from '../verbs/connect.ts';
import { atStandstill } from './standstill.ts';

test('a save waits for verbs that are under way, and verbs that come meanwhile wait for it', async () => {
  const engine = createTestEngine();
  const [one, other] = [engine.create({ Cmd: ['sleep'] }, 'one'), engine.create({ Cmd: ['sleep'] }, 'other')];
  let open: () => void = () => undefined;
  engine.machine.gate = new Promise((resolve) => (open = resolve));
  const starting = startContainer(engine.context, one);
  await settle();
  const status = (id: string) => engine.context.store.find(id).state.status;
  const seen: string[] = [];
  const save = atStandstill(engine.context, async () => {
    seen.push(status(one), status(other));
    const late = startContainer(engine.context, other);
    await settle();
    seen.push(status(other));
    return { late };
  });
  await settle();
  expect(seen).toEqual([]);
  engine.machine.gate = null;
  open();
  await starting;
  await (
    await save
  ).late;
  expect(seen).toEqual(['running', 'created', 'created']);
  expect(status(other)).toBe('running');
});

test("a save waits until the sockets of a container's names are open, and has them", async () => {
  const engine = createTestEngine();
  const { context, machine } = engine;
  await createNetwork({ ...context.networks, clock: engine.clock }, createNetworkSchema.parse({ Name: 'red' }));
  const id = engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: 'red' } }, 'one');
  const plugged = engine.create({ Cmd: ['sleep'] }, 'plugged');
  await startContainer(context, plugged);
  const slow = createDeferred();
  machine.resolvers.gate = slow.promise;
  const opening = Promise.all([
    startContainer(context, id),
    connectToNetwork(context, 'red', { container: 'plugged', settings: emptyEndpoint }),
  ]);
  await settle();
  expect(machine.resolvers.asked.map(({ container }) => container).sort()).toEqual([id, plugged].sort());
  let isSaved = false;
  const save = atStandstill(context, async () => {
    isSaved = true;
    const { containers } = snapshotEngine({ context, log: engine.log });
    return new Map(containers.map((container) => [container.id, container.resolver]));
  });
  await settle();
  expect(isSaved).toBe(false);
  slow.resolve();
  await opening;
  expect(await save).toEqual(new Map([id, plugged].map((each) => [each, machine.resolvers.of(each).handle])));
});

test('a container that is made while a save is taken is not started before it is over', async () => {
  const engine = createTestEngine();
  const seen: string[] = [];
  const { id, starting } = await atStandstill(engine.context, async () => {
    const made = engine.create({ Cmd: ['sleep'] }, 'late');
    const starting = startContainer(engine.context, made);
    await settle();
    seen.push(engine.context.store.find(made).state.status);
    return { id: made, starting };
  });
  await starting;
  seen.push(engine.context.store.find(id).state.status);
  expect(seen).toEqual(['created', 'running']);
});

test('what a save fails with does not hold the containers', async () => {
  const engine = createTestEngine();
  const id = engine.create({ Cmd: ['sleep'] }, 'one');
  await expect(atStandstill(engine.context, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  await startContainer(engine.context, id);
});

test('a save waits for an exec that is being started, and one that comes meanwhile is started after it', async () => {
  const engine = createTestEngine();
  const id = engine.create({ Cmd: ['sleep'] }, 'one');
  await startContainer(engine.context, id);
  const started = engine.machine.alive.length;
  const exec = async () =>
    startExec(engine.context, (await createCheckedExec(engine.context, id, execConfigSchema.parse({ Cmd: ['sleep'] }))).Id, {
      detach: true,
      tty: false,
      consoleSize: null,
    });
  const slow = createDeferred();
  const quick = engine.machine.roundTrip;
  engine.machine.roundTrip = () => slow.promise;
  const first = exec();
  await settle();
  const seen: number[] = [];
  const save = atStandstill(engine.context, async () => {
    seen.push(engine.machine.alive.length - started);
    const late = exec();
    await settle();
    seen.push(engine.machine.alive.length - started);
    return { late };
  });
  await settle();
  expect(seen).toEqual([]);
  engine.machine.roundTrip = quick;
  slow.resolve();
  await first;
  await (
    await save
  ).late;
  expect(seen).toEqual([1, 1]);
  expect(engine.machine.alive.length - started).toBe(2);
});

test('an upload that takes as long as its client likes does not keep a save waiting, and what it has mounted is in the snapshot', async () => {
  const engine = createTestEngine();
  const { context } = engine;
  const id = engine.create({ Cmd: ['sleep'] }, 'one');
  const { promise: never } = createDeferred();
  const stalled = { ...sourceOf(utf8('')), read: () => never.then(() => null) };
  engine.machine.tree.set('/', '');
  const uploading = extractToContainer(context, id, { path: '/', noOverwriteDirNonDir: false, copyUIDGID: false }, stalled);
  uploading.catch(() => undefined);
  await settle();
  const late = await atStandstill(context, async () => {
    const start = startContainer(context, id);
    await settle();
    return { open: context.views.snapshot().open, start };
  });
  expect(late.open).toEqual([`/data/overlay2/${id}/merged`]);
  expect(context.store.find(id).state.status).toBe('created');
});

test('a save is given up, and there is one at a time', async () => {
  const engine = createTestEngine();
  const id = engine.create({ Cmd: ['sleep'] }, 'one');
  const open = createDeferred();
  engine.machine.gate = open.promise;
  const starting = startContainer(engine.context, id);
  await settle();
  const control = new AbortController();
  const given = atStandstill(engine.context, () => Promise.resolve(), control.signal);
  control.abort();
  await expect(given).rejects.toMatchObject({ kind: 'cancelled' });
  open.resolve();
  await starting;
  await atStandstill(engine.context, async () => {
    await expect(atStandstill(engine.context, () => Promise.resolve())).rejects.toMatchObject({ kind: 'conflict' });
    expect(engine.context.store.holdUntil).not.toBeNull();
  });
});
