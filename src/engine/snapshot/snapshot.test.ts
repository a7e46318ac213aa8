import { describe, expect, it, vi } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { execConfigSchema } from '../../protocol/engine-api.ts';
import { attachToContainer } from '../containers/verbs/attach.ts';
import { createExec, startExec } from '../containers/verbs/exec.ts';
import { inspectExec } from '../containers/view/inspect-exec.ts';
import { inspectContainer } from '../containers/view/inspect.ts';
import { listContainers } from '../containers/view/list.ts';
import { readLogs } from '../containers/verbs/logs.ts';
import { pauseContainer } from '../containers/verbs/pause.ts';
import { removeByReference } from '../containers/verbs/remove.ts';
import { startContainer } from '../containers/verbs/start.ts';
import { stopContainer } from '../containers/verbs/stop.ts';
import { waitForContainer } from '../containers/verbs/wait.ts';
import { restoreEngine } from './restore.ts';
import { snapshotEngine } from './save.ts';
import { settle } from '../testing/clock.ts';
import { createTestEngine, readSession, type TestEngine } from '../testing/engine.ts';

/** A new engine over the same machine, as after a restore. */
function restored(engine: TestEngine): TestEngine {
  const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
  const fresh = createTestEngine();
  const copy = { ...fresh, machine: engine.machine, context: { ...fresh.context, runtime: engine.machine } };
  restoreEngine(copy, saved);
  return copy;
}

const everyState = { all: true, limit: 0, size: false, filters: {} };

describe('a snapshot', () => {
  it('brings back containers, names, networks, logs and events as they were', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Cmd: ['echo', 'kept'], Labels: { a: '1' }, HostConfig: { Memory: 50_000_000 } }, 'web');
    await startContainer(engine.context, id);
    await settle();
    engine.create({ Image: 'app' }, 'fresh');
    const copy = restored(engine);
    expect(await listContainers(copy.context, everyState)).toEqual(await listContainers(engine.context, everyState));
    expect(await inspectContainer(copy.context, 'web', { size: false })).toEqual(
      await inspectContainer(engine.context, 'web', { size: false }),
    );
    expect(copy.log.since(0)).toEqual(engine.log.since(0));
    expect(await readLogs(copy.context, 'web', { stdout: true, stderr: true, follow: false }).records.read()).toMatchObject([
      {
        data: utf8('kept\n'),
      },
    ]);
    expect(() => copy.create({}, 'web')).toThrow('already in use');
    await startContainer(copy.context, 'web');
  });

  it('brings back integers that JSON has no number for, whatever a label is called', async () => {
    const engine = createTestEngine();
    const id = engine.create({
      StopTimeout: 2n ** 53n + 1n,
      Labels: { bigints: '5', path: '["hostConfig"]' },
      HostConfig: { ShmSize: 2n ** 63n - 1n, Ulimits: [{ Name: 'nofile', Soft: 2n ** 53n + 1n, Hard: -1 }] },
    });
    const copy = restored(engine);
    const [before, after] = [engine, copy].map(({ context }) => inspectContainer(context, id, { size: false }));
    expect(await after).toEqual(await before);
    expect(await after).toMatchObject({ HostConfig: { ShmSize: 2n ** 63n - 1n } });
  });

  it('takes running processes up where they are: streams, exit, address, execs', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Cmd: ['cat'], OpenStdin: true, StdinOnce: true }, 'web');
    await startContainer(engine.context, id);
    const exec = createExec(engine.context, 'web', execConfigSchema.parse({ Cmd: ['sleep'] })).Id;
    await startExec(engine.context, exec, { detach: true, tty: false, consoleSize: null });
    const paused = engine.create({ Cmd: ['sleep'] }, 'paused');
    await startContainer(engine.context, paused);
    await pauseContainer(engine.context, paused);

    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
    const copy = createTestEngine();
    const context = { ...copy.context, runtime: engine.machine };
    restoreEngine({ context, log: copy.log }, saved);
    expect(context.networks.store.byName('bridge')?.leases.get(id)?.link?.address).toBe('172.17.0.2');
    expect(context.store.find('paused').state.status).toBe('paused');
    expect(inspectExec(context, exec)).toMatchObject({ Running: true });
    engine.machine.lastExec.exit(9);
    await settle();
    expect(inspectExec(context, exec)).toMatchObject({ ExitCode: 9 });
    await stopContainer(context, 'web', {});
    expect(context.store.find('web').state).toMatchObject({ status: 'exited', exitCode: 143 });
  });

  it('ends containers whose process the machine has not', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Cmd: ['sleep'] });
    await startContainer(engine.context, id);
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
    const copy = createTestEngine();
    restoreEngine(copy, saved);
    expect(copy.context.store.find(id).state).toMatchObject({ status: 'exited', exitCode: 255 });
    expect([...copy.context.store.find(id).endpoints.values()]).toMatchObject([{ lease: null }]);
    expect(copy.context.networks.store.byName('bridge')?.leases.size).toBe(0);
  });

  it('goes on with a restart that was waited for', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 } } });
    await startContainer(engine.context, id);
    await settle();
    const copy = restored(engine);
    await copy.clock.advance(100);
    expect(copy.context.store.find(id)).toMatchObject({ restartCount: 1, state: { status: 'exited' } });
  });

  it('lets clients attach to what was taken up', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Cmd: ['sleep'] });
    await startContainer(engine.context, id);
    // The machine is frozen before the first engine would read on.
    const process = engine.machine.processOf(id);
    const copy = restored(engine);
    const session = attachToContainer(copy.context, id, { stdin: false, stdout: true, stderr: true, logs: false, stream: true });
    process.exit(0);
    expect(await readSession(session)).toEqual({ stdout: '', stderr: '' });
  });

  it('puts an end to what the engine did before: restarts, waits, readers; and leaves the guest alone', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Cmd: ['sleep'] }, 'web');
    await startContainer(engine.context, id);
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
    const before = engine.machine.processOf(id);
    const restarting = engine.create({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    await startContainer(engine.context, restarting);
    const session = attachToContainer(engine.context, id, { stdin: false, stdout: true, stderr: true, logs: false, stream: true });
    const { exit } = waitForContainer(engine.context, id, 'next-exit', new AbortController().signal);
    const { records } = readLogs(engine.context, id, { stdout: true, stderr: true, follow: true });
    await settle();

    restoreEngine(engine, saved);
    expect(await readSession(session)).toEqual({ stdout: '', stderr: '' });
    expect(await exit).toEqual({ StatusCode: 255, Error: { Message: 'the engine was restored' } });
    expect(await records.read()).toBeNull();
    await engine.clock.advance(60_000);
    expect(engine.machine.started).toHaveLength(2);
    // The link of the old run breaks: the container of that ID is another one now.
    const removed = vi.spyOn(engine.machine.processes, 'remove');
    before.lose();
    await settle();
    expect(removed.mock.calls).toHaveLength(1);
  });

  it('taken during a removal leaves a dead container, which can be removed again', async () => {
    const engine = createTestEngine();
    const id = engine.create({});
    await engine.context.store.find(id).locked((container) => container.move({ move: 'remove' }));
    const copy = restored(engine);
    expect(copy.context.store.find(id).state).toMatchObject({ status: 'dead', error: 'the removal was interrupted' });
    await removeByReference(copy.context, id, { force: false, volumes: false, link: false });
    expect(copy.context.store.all()).toEqual([]);
  });

  it('of something else is refused', () => {
    const { context, log } = createTestEngine();
    expect(() => restoreEngine({ context, log }, { version: 99 })).toThrow(expect.objectContaining({ kind: 'invalid' }));
    expect(() => restoreEngine({ context, log }, 'hello')).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });

  it('never loses a restored container to a removal that was in flight', async () => {
    const engine = createTestEngine();
    const id = engine.create({}, 'web');
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
    let arrive: () => void = () => undefined;
    engine.machine.roundTrip = () => new Promise((resolve) => (arrive = resolve));
    const removing = removeByReference(engine.context, 'web', { force: false, volumes: false, link: false });
    await settle();
    restoreEngine(engine, saved);
    engine.machine.roundTrip = () => Promise.resolve();
    arrive();
    await removing;
    expect(engine.context.store.find('web')).toMatchObject({ id, state: { status: 'created' } });
    expect(engine.events()).not.toContain('destroy');
  });

  it('gives up the streams of processes that nobody in it knows, and keeps those of its containers', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Cmd: ['sleep'] }, 'web');
    await startContainer(engine.context, id);
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
    // As one whose start the snapshot did not see end.
    const exec = createExec(engine.context, 'web', execConfigSchema.parse({ Cmd: ['sleep'] })).Id;
    await startExec(engine.context, exec, { detach: true, tty: false, consoleSize: null });
    const { handle } = engine.machine.lastExec;
    const copy = createTestEngine();
    restoreEngine({ context: { ...copy.context, runtime: engine.machine }, log: copy.log }, saved);
    expect(engine.machine.released).toEqual([handle]);
  });
});
