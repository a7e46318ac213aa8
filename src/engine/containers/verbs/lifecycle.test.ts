import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { settle } from '../../testing/clock.ts';
import { createTestEngine, readSession, type TestEngine } from '../../testing/engine.ts';
import { attachToContainer } from './attach.ts';
import { inspectContainer } from '../view/inspect.ts';
import { killContainer } from './kill.ts';
import { pauseContainer } from './pause.ts';
import { removeByReference } from './remove.ts';
import { restartContainer } from './restart.ts';
import { startContainer } from './start.ts';
import { stopContainer } from './stop.ts';
import { unpauseContainer } from './unpause.ts';
import { waitForContainer } from './wait.ts';

let engine: TestEngine;
const forever = new AbortController().signal;
const everything = { stdin: true, stdout: true, stderr: true, logs: false, stream: true };
const remove = (id: string, force = false) => removeByReference(engine.context, id, { force, volumes: false, link: false });
const state = async (id: string) => (await inspectContainer(engine.context, id, { size: false })).State;

async function run(body: Readonly<Record<string, unknown>>, name?: string): Promise<string> {
  const id = engine.create(body, name);
  await startContainer(engine.context, id);
  return id;
}

beforeEach(() => {
  engine = createTestEngine();
});

describe('a run from create to removal', () => {
  it('goes as docker run does it: create, attach, wait, start, output, exit code', async () => {
    const id = engine.create({ Cmd: ['echo', 'hello', 'world'], AttachStdout: true });
    const session = attachToContainer(engine.context, id, everything);
    const { exit } = waitForContainer(engine.context, id, 'next-exit', forever);
    await startContainer(engine.context, id);
    expect(await readSession(session)).toEqual({ stdout: 'hello world\n', stderr: '' });
    expect(await exit).toEqual({ StatusCode: 0 });
    expect(await state(id)).toMatchObject({ Status: 'exited', Running: false, ExitCode: 0, Pid: 0 });
    expect(engine.events()).toEqual(['create', 'attach', 'network connect', 'start', 'network disconnect', 'die exitCode=0']);
  });

  it('ends with nothing left when it is --rm, and tells those who wait for the removal', async () => {
    const id = engine.create({ Cmd: ['exit', '3'], HostConfig: { AutoRemove: true } });
    const { exit } = waitForContainer(engine.context, id, 'removed', forever);
    await startContainer(engine.context, id);
    expect(await exit).toEqual({ StatusCode: 3 });
    expect(engine.context.store.all()).toEqual([]);
    expect(engine.machine.removed).toEqual([id]);
    expect(engine.events().slice(-2)).toEqual(['die exitCode=3', 'destroy']);
  });

  it('gives the guest what was asked for', async () => {
    const id = await run({ Cmd: ['sleep', '9'], Hostname: 'box', Tty: true, OpenStdin: true });
    const [spec] = engine.machine.started;
    expect(spec).toMatchObject({
      id,
      hostname: 'box',
      lowers: ['/init', '/layers/b2', '/layers/b1'],
      upper: `/data/overlay2/${id}/diff`,
      cgroup: `docker/${id}`,
    });
    expect(spec?.process).toMatchObject({ args: ['sleep', '9'], tty: 1, openStdin: 1, env: ['PATH=/bin', 'HOSTNAME=box', 'TERM=xterm'] });
    expect(await state(id)).toMatchObject({ Status: 'running', Running: true, Pid: engine.machine.processOf(id).pid });
  });

  it('can start again after it ended', async () => {
    const id = await run({ Cmd: ['true'] });
    await settle();
    await startContainer(engine.context, id);
    await settle();
    expect(engine.machine.started).toHaveLength(2);
    expect(await state(id)).toMatchObject({ Status: 'exited', ExitCode: 0 });
  });
});

describe('start', () => {
  it('of a running container is not modified', async () => {
    const id = await run({ Cmd: ['sleep'] });
    await expect(startContainer(engine.context, id)).rejects.toMatchObject({ kind: 'not_modified' });
  });

  it('of a program that does not exist says so as Docker does and leaves a created container with exit code 127', async () => {
    const id = engine.create({ Cmd: ['nonesuch'] });
    const session = attachToContainer(engine.context, id, everything);
    let exited = false;
    void waitForContainer(engine.context, id, 'next-exit', forever).exit.then(() => (exited = true));
    await expect(startContainer(engine.context, id)).rejects.toMatchObject({
      kind: 'invalid',
      message:
        'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "nonesuch": executable file not found in $PATH: unknown',
    });
    await settle();
    expect(exited).toBe(false);
    expect(await readSession(session)).toEqual({ stdout: '', stderr: '' });
    expect(await state(id)).toMatchObject({ Status: 'created', ExitCode: 127, Error: expect.stringContaining('nonesuch') });
    expect(engine.context.networks.store.byName('bridge')?.leases.size).toBe(0);
    expect([...engine.machine.cgroups]).toEqual([]);
  });

  it.each([
    [{ errno: 13, stage: 'lookup' }, 'exec: "/etc/passwd": permission denied', 'invalid', 126],
    [{ errno: 2, stage: 'lookup' }, 'exec: "/nope": stat /nope: no such file or directory', 'invalid', 127],
    [{ errno: 20, stage: 'mount' }, 'bind mount on /etc/hosts: not a directory', 'invalid', 127],
    [{ errno: 12, stage: 'cgroup' }, 'mkdir docker/x: cannot allocate memory', 'internal', 128],
  ])('maps %o to an exit code', async (detail, message, kind, code) => {
    const id = engine.create({});
    engine.machine.failures.set('start', new AppError('internal', message, { detail }));
    await expect(startContainer(engine.context, id)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(`: ${message}: unknown`),
    });
    expect((await state(id)).ExitCode).toBe(code);
  });

  it('with less than no CPU shares fails, and only then', async () => {
    const id = engine.create({ HostConfig: { CpuShares: -5 } });
    const message = 'invalid CPU shares (-5): value must be a positive integer';
    await expect(startContainer(engine.context, id)).rejects.toMatchObject({ kind: 'internal', message });
    expect(await state(id)).toMatchObject({ Status: 'created', ExitCode: 128, Error: message });
  });

  it("says in the daemon's words that there is no such user", async () => {
    const id = engine.create({ User: 'ghost' });
    const message = 'unable to find user ghost: no matching entries in passwd file';
    engine.machine.failures.set('start', new AppError('internal', message, { detail: { errno: 2, stage: 'user' } }));
    await expect(startContainer(engine.context, id)).rejects.toMatchObject({ kind: 'internal', message });
    expect((await state(id)).ExitCode).toBe(128);
  });

  it('that fails takes a --rm container away', async () => {
    const id = engine.create({ Cmd: ['nonesuch'], HostConfig: { AutoRemove: true } });
    const { exit } = waitForContainer(engine.context, id, 'removed', forever);
    await expect(startContainer(engine.context, id)).rejects.toThrow('nonesuch');
    expect(await exit).toEqual({ StatusCode: 127 });
    expect(engine.context.store.all()).toEqual([]);
  });

  it('asked twice at once starts once', async () => {
    const id = engine.create({ Cmd: ['sleep'] });
    const results = await Promise.allSettled([startContainer(engine.context, id), startContainer(engine.context, id)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(engine.machine.started).toHaveLength(1);
  });

  it.each([
    ['io.containerd.nonesuch.v1', 'containerd-shim-nonesuch-v1'],
    ['a..b', 'containerd-shim--b'],
  ])('refuses the runtime %s, which containerd would look for', async (runtime, shim) => {
    const id = engine.create({ HostConfig: { Runtime: runtime } });
    await expect(startContainer(engine.context, id)).rejects.toThrow(
      `failed to create task for container: failed to start shim: failed to resolve runtime path: runtime "${runtime}" binary not installed "${shim}": file does not exist`,
    );
    expect(await state(id)).toMatchObject({ Status: 'created', ExitCode: 128 });
  });

  it('refuses a GPU, for which there is no driver', async () => {
    const id = engine.create({ HostConfig: { DeviceRequests: [{ Driver: '', Count: -1, Capabilities: [['gpu']] }] } });
    await expect(startContainer(engine.context, id)).rejects.toThrow('could not select device driver "" with capabilities: [[gpu]]');
  });
});

describe('stop', () => {
  it('sends SIGTERM and is done when the process is', async () => {
    const id = await run({ Cmd: ['sleep'] });
    await stopContainer(engine.context, id, {});
    expect(await state(id)).toMatchObject({ Status: 'exited', ExitCode: 143 });
    expect(engine.events().slice(-4)).toEqual(['kill signal=15', 'network disconnect', 'stop', 'die exitCode=143']);
  });

  it('kills what does not listen after the timeout', async () => {
    const id = await run({ Cmd: ['sleep'] });
    engine.machine.processOf(id).handlers.set(15, () => undefined);
    const stopping = stopContainer(engine.context, id, {});
    await settle();
    expect(engine.clock.next).toBe(10_000);
    await engine.clock.advance(10_000);
    await stopping;
    expect(await state(id)).toMatchObject({ ExitCode: 137, OOMKilled: false });
  });

  it("takes the container's signal and timeout, or the caller's", async () => {
    const own = await run({ Image: 'app', OpenStdin: true, StopTimeout: 3 });
    const process = engine.machine.processOf(own);
    process.handlers.set(3, () => undefined);
    const stopping = stopContainer(engine.context, own, {});
    await settle();
    expect(process.signals).toEqual([3]);
    await engine.clock.advance(3000);
    await stopping;
    const other = await run({ Cmd: ['sleep'] });
    await stopContainer(engine.context, other, { signal: 'INT', timeout: 0 });
    expect((await state(other)).ExitCode).toBe(130);
  });

  it('waits for ever with a negative timeout', async () => {
    const id = await run({ Cmd: ['sleep'] });
    const process = engine.machine.processOf(id);
    process.handlers.set(15, () => undefined);
    const stopping = stopContainer(engine.context, id, { timeout: -1 });
    await engine.clock.advance(3_600_000);
    expect((await state(id)).Status).toBe('running');
    process.exit(5);
    await stopping;
    expect((await state(id)).ExitCode).toBe(5);
  });

  it('of a stopped container is not modified, of an unknown one not found', async () => {
    const id = engine.create({});
    await expect(stopContainer(engine.context, id, {})).rejects.toMatchObject({ kind: 'not_modified' });
    await expect(stopContainer(engine.context, 'ghost', {})).rejects.toMatchObject({
      kind: 'not_found',
      message: 'No such container: ghost',
    });
    await expect(stopContainer(engine.context, await run({ Cmd: ['sleep'] }), { signal: 'LOUD' })).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringMatching(/^cannot stop container: \w+: invalid signal: LOUD$/) as string,
    });
  });

  it('reaches a paused container by resuming it', async () => {
    const id = await run({ Cmd: ['sleep'] });
    await pauseContainer(engine.context, id);
    await stopContainer(engine.context, id, {});
    expect((await state(id)).ExitCode).toBe(143);
  });
});

describe('kill', () => {
  it('without a signal is SIGKILL: exit code 137, and no OOM', async () => {
    const id = await run({ Cmd: ['sleep'] });
    await killContainer(engine.context, id, '');
    expect(await state(id)).toMatchObject({ Status: 'exited', ExitCode: 137, OOMKilled: false });
  });

  it('ends a paused container, which SIGKILL reaches before it is resumed', async () => {
    const id = await run({ Cmd: ['sleep'] });
    await pauseContainer(engine.context, id);
    await killContainer(engine.context, id, '');
    expect(await state(id)).toMatchObject({ Status: 'exited', ExitCode: 137 });
  });

  it('with a signal that is handled leaves it running', async () => {
    const id = await run({ Cmd: ['sleep'] });
    const process = engine.machine.processOf(id);
    process.handlers.set(1, () => undefined);
    await killContainer(engine.context, id, 'SIGHUP');
    expect(process.signals).toEqual([1]);
    expect((await state(id)).Status).toBe('running');
  });

  it("of a stopped container is a conflict in Docker's words", async () => {
    const id = engine.create({}, 'web');
    await expect(killContainer(engine.context, 'web', '')).rejects.toMatchObject({
      kind: 'conflict',
      message: `cannot kill container: web: container ${id} is not running`,
    });
    await expect(killContainer(engine.context, 'none', '')).rejects.toMatchObject({
      kind: 'not_found',
      message: 'cannot kill container: none: No such container: none',
    });
  });
});

describe('pause', () => {
  it('freezes, and unpause goes on', async () => {
    const id = await run({ Cmd: ['sleep'] });
    await pauseContainer(engine.context, id);
    expect(engine.machine.processOf(id).frozen).toBe(true);
    expect(await state(id)).toMatchObject({ Status: 'paused', Running: true, Paused: true });
    await expect(pauseContainer(engine.context, id)).rejects.toMatchObject({ message: `Container ${id} is already paused` });
    await expect(startContainer(engine.context, id)).rejects.toThrow('cannot start a paused container, try unpause instead');
    expect(() => attachToContainer(engine.context, id, everything)).toThrow(
      `container ${id} is paused, unpause the container before attach`,
    );
    expect(() => attachToContainer(engine.context, id.slice(0, 12), everything)).toThrow(`container ${id.slice(0, 12)} is paused`);
    await unpauseContainer(engine.context, id);
    expect(engine.machine.processOf(id).frozen).toBe(false);
    await expect(unpauseContainer(engine.context, id)).rejects.toMatchObject({ message: `Container ${id} is not paused` });
    expect(engine.events().slice(-2)).toEqual(['pause', 'unpause']);
  });

  it('of a stopped container is a conflict', async () => {
    const id = engine.create({});
    await expect(pauseContainer(engine.context, id)).rejects.toMatchObject({ kind: 'conflict', message: `container ${id} is not running` });
  });
});

describe('restart', () => {
  it('stops, starts, and does not remove a --rm container', async () => {
    const id = await run({ Cmd: ['sleep'], HostConfig: { AutoRemove: true } });
    await restartContainer(engine.context, id, {});
    expect((await state(id)).Status).toBe('running');
    expect(engine.events().slice(-6)).toEqual(['network disconnect', 'stop', 'die exitCode=143', 'network connect', 'start', 'restart']);
  });

  it('that is refused leaves --rm as it was', async () => {
    const id = await run({ Cmd: ['sleep'], HostConfig: { AutoRemove: true } });
    await expect(restartContainer(engine.context, id, { signal: 'LOUD' })).rejects.toMatchObject({
      kind: 'internal',
      message: `Cannot restart container ${id}: invalid signal: LOUD`,
    });
    engine.machine.processOf(id).exit(0);
    await settle();
    expect(engine.context.store.all()).toEqual([]);
  });

  it('starts a stopped one', async () => {
    const id = engine.create({ Cmd: ['sleep'] });
    await restartContainer(engine.context, id, {});
    expect((await state(id)).Status).toBe('running');
  });
});

describe('remove', () => {
  it("refuses a running and a paused container in Docker's words", async () => {
    const id = await run({ Cmd: ['sleep'] }, 'web');
    await expect(remove('web')).rejects.toMatchObject({
      kind: 'conflict',
      message: 'cannot remove container "web": container is running: stop the container before removing or force remove',
    });
    await pauseContainer(engine.context, id);
    await expect(remove(id)).rejects.toThrow(`cannot remove container "${id}": container is paused and must be unpaused first`);
  });

  it('by force kills first', async () => {
    const id = await run({ Cmd: ['sleep'] });
    await remove(id, true);
    expect(engine.context.store.all()).toEqual([]);
    expect(engine.events().slice(-4)).toEqual(['kill signal=9', 'network disconnect', 'die exitCode=137', 'destroy']);
  });

  it('by force of a --rm container works whoever is faster', async () => {
    const id = await run({ Cmd: ['sleep'], HostConfig: { AutoRemove: true } });
    await remove(id, true);
    expect(engine.context.store.all()).toEqual([]);
    expect(engine.events().filter((event) => event === 'destroy')).toHaveLength(1);
  });

  it('by force while a start is under way ends what was started', async () => {
    const id = engine.create({ Cmd: ['sleep'] });
    let open = (): void => undefined;
    engine.machine.gate = new Promise((resolve) => {
      open = resolve;
    });
    const starting = startContainer(engine.context, id);
    await settle();
    const removing = remove(id, true);
    open();
    await Promise.all([starting, removing]);
    expect(engine.machine.containers.size).toBe(0);
    expect(engine.context.store.all()).toEqual([]);
  });

  it('of what a run left in the guest is tried again by the next start when it failed', async () => {
    const id = await run({ Cmd: ['sleep'] });
    engine.machine.failures.set('remove', new AppError('internal', 'device busy', { detail: { errno: 16 } }));
    engine.machine.processOf(id).exit(0);
    await settle();
    expect(engine.machine.cgroups.size).toBe(1);
    await startContainer(engine.context, id);
    expect(await state(id)).toMatchObject({ Status: 'running' });
    await remove(id, true);
    expect(engine.machine.cgroups.size).toBe(0);
  });

  it('that fails leaves a dead container, which can be removed again', async () => {
    const id = engine.create({});
    engine.machine.failures.set('remove', new AppError('internal', 'device busy', { detail: { errno: 16 } }));
    await expect(remove(id)).rejects.toThrow(`container ${id}: driver "overlay2" failed to remove root filesystem: device busy`);
    expect(await state(id)).toMatchObject({ Status: 'dead', Dead: true, Error: 'device busy' });
    await expect(startContainer(engine.context, id)).rejects.toThrow('container is marked for removal and cannot be started');
    await remove(id);
    expect(engine.context.store.all()).toEqual([]);
  });

  it('of a --rm container that fails leaves it dead, and the exit is told all the same', async () => {
    const id = engine.create({ Cmd: ['exit', '3'], HostConfig: { AutoRemove: true } });
    engine.machine.failures.set('remove', new AppError('internal', 'device busy', { detail: { errno: 16 } }));
    const { exit } = waitForContainer(engine.context, id, 'next-exit', forever);
    const { exit: removal } = waitForContainer(engine.context, id, 'removed', forever);
    await startContainer(engine.context, id);
    expect(await exit).toEqual({ StatusCode: 3 });
    expect(await removal).toMatchObject({ StatusCode: 3, Error: { Message: expect.stringContaining('failed to remove root filesystem') } });
    expect(await state(id)).toMatchObject({ Status: 'dead', Error: 'device busy', ExitCode: 3 });
  });

  it('by force gives up on a process that does not die', async () => {
    const id = await run({ Cmd: ['sleep'] });
    engine.machine.processOf(id).signal = () => undefined;
    const removing = remove(id, true);
    removing.catch(() => undefined);
    await settle();
    await engine.clock.advance(10_000);
    await expect(removing).rejects.toThrow(`cannot kill container: ${id}: tried to kill container, but did not receive an exit event`);
  });

  it('frees the name', async () => {
    const id = engine.create({}, 'web');
    expect(() => engine.create({}, 'web')).toThrow(
      `Conflict. The container name "/web" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
    await remove('web');
    expect(engine.create({}, 'web')).not.toBe(id);
  });

  it('ends a wait for the next exit, too', async () => {
    const id = engine.create({});
    const { exit } = waitForContainer(engine.context, id, 'next-exit', forever);
    await remove(id);
    expect(await exit).toEqual({ StatusCode: 0 });
  });
});

describe('wait', () => {
  it('for not-running returns at once for a stopped container, with its last exit code', async () => {
    const id = await run({ Cmd: ['exit', '7'] });
    await settle();
    expect(await waitForContainer(engine.context, id, 'not-running', forever).exit).toEqual({ StatusCode: 7 });
  });

  it('for the next exit ignores the last one', async () => {
    const id = await run({ Cmd: ['exit', '7'] });
    await settle();
    let done = false;
    const { exit } = waitForContainer(engine.context, id, 'next-exit', forever);
    void exit.then(() => (done = true));
    await settle();
    expect(done).toBe(false);
    await startContainer(engine.context, id);
    expect(await exit).toEqual({ StatusCode: 7 });
  });

  it('is cancelled with its client', async () => {
    const id = await run({ Cmd: ['sleep'] });
    const client = new AbortController();
    const { exit } = waitForContainer(engine.context, id, 'next-exit', client.signal);
    client.abort();
    await expect(exit).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('the end of a process', () => {
  it('by the OOM killer is 137 with an oom event before die', async () => {
    const id = await run({ Cmd: ['sleep'] });
    engine.machine.processOf(id).outOfMemory();
    await settle();
    expect(await state(id)).toMatchObject({ ExitCode: 137, OOMKilled: true });
    expect(engine.events().slice(-3)).toEqual(['oom', 'network disconnect', 'die exitCode=137']);
    const die = engine.log.since(0).at(-1);
    expect(die).toMatchObject({ facts: { oomKilled: true, exitCode: 137 } });
  });

  it('by the OOM killer is told as that too where the guest ran out of memory, and not the container', async () => {
    const id = await run({ Cmd: ['sleep'] });
    engine.machine.processOf(id).outOfMemory({ heard: false });
    await settle();
    expect(await state(id)).toMatchObject({ ExitCode: 137, OOMKilled: true });
    expect(engine.events().slice(-3)).toEqual(['oom', 'network disconnect', 'die exitCode=137']);
  });

  it('by the loss of the guest is exit code 255 with the reason', async () => {
    const id = await run({ Cmd: ['sleep'] });
    const { exit } = waitForContainer(engine.context, id, 'next-exit', forever);
    engine.machine.processOf(id).lose();
    expect(await exit).toEqual({ StatusCode: 255, Error: { Message: 'the guest is gone' } });
  });

  it('does not wait for ever on a pipe that somebody else holds', async () => {
    const id = await run({ Cmd: ['sleep'] });
    engine.machine.processOf(id).exit(0, { keepOutput: true });
    await settle();
    expect((await state(id)).Status).toBe('running');
    await engine.clock.advance(2000);
    expect((await state(id)).Status).toBe('exited');
  });
});

describe('restart policies', () => {
  it('on-failure:2 restarts twice with growing pauses, then gives up', async () => {
    const id = await run({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } } });
    await settle();
    expect(await state(id)).toMatchObject({ Status: 'restarting', Running: true, Restarting: true, ExitCode: 1 });
    expect(engine.clock.next).toBe(100);
    await engine.clock.advance(100);
    expect(engine.clock.next).toBe(200);
    await engine.clock.advance(200);
    expect((await state(id)).Status).toBe('exited');
    expect((await inspectContainer(engine.context, id, { size: false })).RestartCount).toBe(2);
    expect(engine.machine.started).toHaveLength(3);
  });

  it('on-failure leaves a success alone', async () => {
    const id = await run({ Cmd: ['true'], HostConfig: { RestartPolicy: { Name: 'on-failure' } } });
    await settle();
    expect((await state(id)).Status).toBe('exited');
  });

  it('always starts over after a success, and the pause starts over after ten seconds of running', async () => {
    const id = await run({ Cmd: ['sleep'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    engine.machine.processOf(id).exit(0);
    await settle();
    await engine.clock.advance(100);
    engine.machine.processOf(id).exit(0);
    await settle();
    expect(engine.clock.next).toBe(200);
    await engine.clock.advance(200);
    await engine.clock.advance(10_000);
    engine.machine.processOf(id).exit(0);
    await settle();
    expect(engine.clock.next).toBe(100);
  });

  it('is called off by stop, also between two runs', async () => {
    const id = await run({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    await settle();
    await stopContainer(engine.context, id, {});
    await engine.clock.advance(60_000);
    expect(await state(id)).toMatchObject({ Status: 'exited', ExitCode: 1 });
    expect(engine.machine.started).toHaveLength(1);
    await startContainer(engine.context, id);
    await settle();
    expect((await state(id)).Status).toBe('restarting');
  });

  it('starts over with the shortest pause after a stop and a start', async () => {
    const id = await run({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    await settle();
    for (const pause of [100, 200]) await engine.clock.advance(pause);
    expect(engine.clock.next).toBe(400);
    await stopContainer(engine.context, id, {});
    await startContainer(engine.context, id);
    await settle();
    expect(engine.clock.next).toBe(100);
  });

  it('makes a start between two runs not modified, and the restart comes all the same', async () => {
    const id = await run({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    await settle();
    await expect(startContainer(engine.context, id)).rejects.toMatchObject({ kind: 'not_modified' });
    expect((await state(id)).Status).toBe('restarting');
    await engine.clock.advance(100);
    expect(engine.machine.started).toHaveLength(2);
  });

  it('is called off by kill, but not by a signal that is not the stop signal', async () => {
    const id = await run({ Cmd: ['sleep'], StopSignal: 'SIGQUIT', HostConfig: { RestartPolicy: { Name: 'unless-stopped' } } });
    engine.machine.processOf(id).handlers.set(1, () => engine.machine.processOf(id).exit(4));
    await killContainer(engine.context, id, 'HUP');
    await settle();
    expect((await state(id)).Status).toBe('restarting');
    await engine.clock.advance(100);
    await killContainer(engine.context, id, 'KILL');
    expect((await state(id)).Status).toBe('exited');
  });

  it('is called off by any signal where no stop signal is named, as in Docker', async () => {
    const id = await run({ Cmd: ['sleep'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    engine.machine.processOf(id).handlers.set(1, () => engine.machine.processOf(id).exit(4));
    await killContainer(engine.context, id, 'HUP');
    await settle();
    expect(await state(id)).toMatchObject({ Status: 'exited', ExitCode: 4 });
  });

  it('lets rm -f take a container between two runs', async () => {
    const id = await run({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    await settle();
    await expect(remove(id)).rejects.toThrow('container is restarting: stop the container before removing or force remove');
    await remove(id, true);
    await engine.clock.advance(60_000);
    expect(engine.context.store.all()).toEqual([]);
    expect(engine.machine.started).toHaveLength(1);
  });

  it('that finds the program gone ends as exited', async () => {
    const id = await run({ Cmd: ['false'], HostConfig: { RestartPolicy: { Name: 'always' } } });
    await settle();
    engine.machine.programs.delete('false');
    await engine.clock.advance(100);
    expect(await state(id)).toMatchObject({ Status: 'exited', ExitCode: 127 });
  });
});
