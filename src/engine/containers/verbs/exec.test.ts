import { beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { execConfigSchema } from '../../../protocol/engine-api.ts';
import { settle } from '../../testing/clock.ts';
import { createTestEngine, readSession, type TestEngine } from '../../testing/engine.ts';
import { createCheckedExec, createExec, resizeExec, startExec as openExec, type ExecStartOptions } from './exec.ts';
import { inspectExec } from '../view/inspect-exec.ts';
import type { ContainersContext } from '../context.ts';
import type { AttachSession } from '../streams/process-streams.ts';
import { inspectContainer } from '../view/inspect.ts';
import { pauseContainer } from './pause.ts';
import { startContainer } from './start.ts';

let engine: TestEngine;
let container: string;
const attached = { detach: false, tty: false, consoleSize: null };

beforeEach(async () => {
  engine = createTestEngine();
  container = engine.create({ Cmd: ['sleep'], Env: ['A=1'], WorkingDir: '/work', User: 'me', HostConfig: { CapDrop: ['ALL'] } }, 'web');
  await startContainer(engine.context, container);
});

/** As the API does it: the session first, then the process. */
async function startExec(context: ContainersContext, id: string, options: ExecStartOptions): Promise<AttachSession | null> {
  const session = await openExec(context, id, options);
  await session?.begin();
  return session;
}

const create = (config: Readonly<Record<string, unknown>>): string =>
  createExec(engine.context, 'web', execConfigSchema.parse({ AttachStdout: true, AttachStderr: true, ...config })).Id;

describe('exec', () => {
  it('runs in the container, with its environment, folder, user and capabilities', async () => {
    const id = create({ Cmd: ['echo', 'hi'], Env: ['B=2'] });
    expect(inspectExec(engine.context, id)).toMatchObject({ Running: false, ExitCode: null, ContainerID: container });
    const session = await startExec(engine.context, id, attached);
    expect(session && (await readSession(session))).toEqual({ stdout: 'hi\n', stderr: '' });
    expect(engine.machine.lastExec.spec).toMatchObject({
      cwd: '/work',
      user: 'me',
      capabilities: 0n,
      env: ['PATH=/bin', `HOSTNAME=${container.slice(0, 12)}`, 'A=1', 'B=2'],
    });
    expect(inspectExec(engine.context, id)).toMatchObject({
      Running: false,
      ExitCode: 0,
      CanRemove: false,
      ProcessConfig: { entrypoint: 'echo', arguments: ['hi'] },
    });
    expect(engine.events().slice(-3)).toEqual(['exec_create: echo hi', 'exec_start: echo hi', 'exec_die exitCode=0']);
  });

  it('passes input and its end', async () => {
    const session = await startExec(engine.context, create({ Cmd: ['cat'], AttachStdin: true }), attached);
    await session?.input?.write(utf8('ping'));
    await session?.input?.close();
    expect(session && (await readSession(session)).stdout).toBe('ping');
  });

  it('may be privileged, of another user, in another folder', async () => {
    await startExec(engine.context, create({ Cmd: ['true'], Privileged: true, User: '0', WorkingDir: '/' }), attached);
    expect(engine.machine.lastExec.spec).toMatchObject({ cwd: '/', user: '0', privileged: 1, capabilities: (1n << 41n) - 1n });
    expect(engine.machine.lastExec.spec.seccomp).toBeUndefined();
  });

  it('keeps the exit code', async () => {
    const id = create({ Cmd: ['exit', '42'] });
    await startExec(engine.context, id, { ...attached, detach: true });
    await settle();
    expect(inspectExec(engine.context, id).ExitCode).toBe(42);
  });

  it('has the size that was asked for last', async () => {
    const id = create({ Cmd: ['sleep'], Tty: true, ConsoleSize: [10, 20] });
    await startExec(engine.context, id, { detach: false, tty: true, consoleSize: { rows: 30, columns: 100 } });
    expect(engine.machine.lastExec.size).toEqual({ rows: 30, columns: 100 });
    await resizeExec(engine.context, id, 40, 120);
    expect(engine.machine.lastExec.size).toEqual({ rows: 40, columns: 120 });
    expect((await inspectContainer(engine.context, 'web', { size: false })).ExecIDs).toEqual([id]);
  });

  it('tells an attached client on the stream that there is no such program, with exit code 127', async () => {
    const id = create({ Cmd: ['nonesuch'] });
    const session = await startExec(engine.context, id, attached);
    expect(session && (await readSession(session)).stdout).toBe(
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "nonesuch": executable file not found in $PATH: unknown\r\n',
    );
    expect(inspectExec(engine.context, id)).toMatchObject({ Running: false, ExitCode: 127 });
  });

  it('rejects for a detached client when it cannot be invoked, with exit code 126', async () => {
    const id = create({ Cmd: ['/etc/passwd'] });
    engine.machine.failures.set(
      'exec',
      new AppError('internal', 'exec: "/etc/passwd": permission denied', { detail: { errno: 13, stage: 'lookup' } }),
    );
    await expect(startExec(engine.context, id, { ...attached, detach: true })).rejects.toMatchObject({ kind: 'invalid' });
    expect(inspectExec(engine.context, id).ExitCode).toBe(126);
  });

  it('of a user who is not there is 126', async () => {
    const id = create({ Cmd: ['true'], User: 'ghost' });
    const message = 'unable to find user ghost: no matching entries in passwd file';
    engine.machine.failures.set('exec', new AppError('internal', message, { detail: { errno: 2, stage: 'user' } }));
    const session = await startExec(engine.context, id, attached);
    expect(session && (await readSession(session)).stdout).toBe(`${message}\r\n`);
    expect(inspectExec(engine.context, id).ExitCode).toBe(126);
  });

  it('of a user or group who is not there is not made', async () => {
    const files = engine.machine.containers.get(container)?.process.files;
    files?.set('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/:\n');
    files?.set('/etc/group', 'root:x:0:\nwheel:x:10:me\n');
    const make = (User: string) => createCheckedExec(engine.context, 'web', execConfigSchema.parse({ Cmd: ['true'], User }));
    const missing = (kind: string, name: string, file: string) => ({
      kind: 'invalid',
      message: `unable to find ${kind} ${name}: no matching entries in ${file} file`,
    });
    await expect(make('ghost')).rejects.toMatchObject(missing('user', 'ghost', 'passwd'));
    await expect(make('constructor')).rejects.toMatchObject(missing('user', 'constructor', 'passwd'));
    await expect(make('me:ghosts')).rejects.toMatchObject(missing('group', 'ghosts', 'group'));
    for (const user of ['', 'me', 'me:wheel', '7', '7:8', '7:wheel']) expect((await make(user)).Id).toMatch(/^[0-9a-f]{64}$/);
  });

  it('in a folder that is not absolute is 128, in the words of runc', async () => {
    const id = create({ Cmd: ['true'], WorkingDir: 'tmp' });
    const message = 'OCI runtime exec failed: exec failed: Cwd must be an absolute path';
    await expect(startExec(engine.context, id, { ...attached, detach: true })).rejects.toMatchObject({ kind: 'internal', message });
    expect(inspectExec(engine.context, id)).toMatchObject({ Running: false, ExitCode: 128 });
  });

  it('is made only in a running container', async () => {
    await pauseContainer(engine.context, 'web');
    expect(() => create({ Cmd: ['true'] })).toThrow('Container web is paused, unpause the container before exec');
    const stopped = engine.create({});
    expect(() => createExec(engine.context, stopped, execConfigSchema.parse({ Cmd: ['true'] }))).toThrow(
      `container ${stopped} is not running`,
    );
    expect(() => createExec(engine.context, 'ghost', execConfigSchema.parse({ Cmd: ['true'] }))).toThrow('No such container: ghost');
  });

  it('needs a command, starts once, and is not found under a wrong ID', async () => {
    expect(() => create({})).toThrow('No exec command specified');
    const id = create({ Cmd: ['sleep'] });
    await startExec(engine.context, id, attached);
    await expect(startExec(engine.context, id, { ...attached, detach: true })).rejects.toMatchObject({
      kind: 'conflict',
      message: `exec command ${id} is already running`,
    });
    const second = await startExec(engine.context, id, attached);
    expect(second && (await readSession(second)).stdout).toBe(`exec command ${id} is already running\r\n`);
    engine.machine.lastExec.exit(0);
    await settle();
    await expect(startExec(engine.context, id, { ...attached, detach: true })).rejects.toMatchObject({
      message: `exec command ${id} has already run`,
    });
    expect(() => inspectExec(engine.context, 'nope')).toThrow('No such exec instance: nope');
  });

  it('is gone when its container stopped before it was started, and who waits to resize it is told', async () => {
    const id = create({ Cmd: ['true'] });
    const resized = resizeExec(engine.context, id, 20, 30);
    engine.machine.processOf(container).exit(0);
    await expect(resized).rejects.toMatchObject({ kind: 'not_found' });
    await settle();
    await expect(startExec(engine.context, id, attached)).rejects.toMatchObject({
      kind: 'not_found',
      message: `No such exec instance: ${id}`,
    });
    expect(() => inspectExec(engine.context, id)).toThrow(`No such exec instance: ${id}`);
  });

  it('that is resized before its start waits for it, ten seconds at most', async () => {
    const id = create({ Cmd: ['sleep'], Tty: true });
    const early = resizeExec(engine.context, id, 20, 30);
    await startExec(engine.context, id, attached);
    await early;
    expect(engine.machine.lastExec.size).toEqual({ rows: 20, columns: 30 });
    const never = resizeExec(engine.context, create({ Cmd: ['sleep'] }), 20, 30);
    const refused = expect(never).rejects.toMatchObject({ kind: 'internal', message: 'timeout waiting for exec session ready' });
    await engine.clock.advance(10_000);
    await refused;
  });

  it('does not run before its client has the header of the answer', async () => {
    const id = create({ Cmd: ['echo', 'hi'] });
    const session = await openExec(engine.context, id, attached);
    await settle();
    expect(inspectExec(engine.context, id)).toMatchObject({ Running: false, Pid: 0 });
    await session?.begin();
    expect(session && (await readSession(session)).stdout).toBe('hi\n');
  });

  it('has the home of its user where HOME is empty', async () => {
    await startExec(engine.context, create({ Cmd: ['true'], Env: ['HOME='] }), attached);
    expect(engine.machine.lastExec.spec.env).not.toContain('HOME=');
  });

  it('ends though a process that it left behind goes on writing', async () => {
    const id = create({ Cmd: ['sleep'] });
    const session = await startExec(engine.context, id, attached);
    const process = engine.machine.lastExec;
    process.exit(0, { keepOutput: true });
    await settle();
    for (let second = 0; second < 12; second += 1) {
      await process.print('tick\n').catch(() => undefined);
      await engine.clock.advance(1000);
    }
    expect(inspectExec(engine.context, id)).toMatchObject({ Running: false, ExitCode: 0 });
    expect(session && (await readSession(session)).stdout).toBe('tick\n'.repeat(10));
  });

  it('leaves its client once, however often that says so', async () => {
    const session = await startExec(engine.context, create({ Cmd: ['sleep'] }), attached);
    session?.detach();
    session?.detach();
    expect(engine.events().filter((event) => event === 'exec_detach')).toHaveLength(1);
  });

  it('is forgotten when there were hundreds after it, but not while it runs', async () => {
    const running = create({ Cmd: ['sleep'] });
    await startExec(engine.context, running, { ...attached, detach: true });
    const first = create({ Cmd: ['true'] });
    await startExec(engine.context, first, { ...attached, detach: true });
    for (let count = 0; count < 201; count += 1) {
      await startExec(engine.context, create({ Cmd: ['true'] }), { ...attached, detach: true });
      await settle();
    }
    expect(() => inspectExec(engine.context, first)).toThrow('No such exec instance');
    expect(inspectExec(engine.context, running).Running).toBe(true);
  });

  it('that ran is still known after its container ended and started again', async () => {
    const id = create({ Cmd: ['exit', '3'] });
    await startExec(engine.context, id, { ...attached, detach: true });
    await settle();
    engine.machine.processOf(container).exit(0);
    await settle();
    expect(inspectExec(engine.context, id).ExitCode).toBe(3);
    await startContainer(engine.context, container);
    expect(inspectExec(engine.context, id).ExitCode).toBe(3);
  });
});
