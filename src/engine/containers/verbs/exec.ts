import { AppError, toAppError } from '../../../base/errors.ts';
import { utf8 } from '../../../base/bytes.ts';
import type { ExecConfig, IdResponse } from '../../../protocol/engine-api.ts';
import { unlessAborted } from '../../background.ts';
import { randomId } from '../../random.ts';
import type { RunningProcess, TerminalSize } from '../../runtime.ts';
import type { Container } from '../container.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { Exec } from '../run/exec-instance.ts';
import { lost } from '../run/exit-code.ts';
import { checkExecUser } from '../run/exec-user.ts';
import { execFailure } from '../run/failure.ts';
import type { OutputChunk } from '../streams/output-hub.ts';
import { ProcessStreams, type AttachSession } from '../streams/process-streams.ts';
import { execProcess } from '../spec/exec-process.ts';
import { plainUser } from '../spec/user.ts';
import { isRestarting, notRunning } from '../state.ts';
import { checkLinked } from '../run/linked.ts';
import { within } from '../run/within.ts';

/** POST /containers/{id}/exec. @throws AppError conflict when the container does not run or is paused, invalid for a user who is not there */
export async function createCheckedExec(
  context: Needs<'store' | 'runtime' | 'networks' | 'events' | 'random'>,
  reference: string,
  config: ExecConfig,
  check: () => void = () => undefined,
): Promise<IdResponse> {
  const container = context.store.find(reference);
  checkActive(container, reference);
  check();
  checkLinked(context, container);
  await checkExecUser(context, container, config);
  return createExec(context, reference, config, { check });
}

/** As `createCheckedExec`, for a user who is known to be there. */
export function createExec(
  context: Needs<'store' | 'networks' | 'events' | 'random'>,
  reference: string,
  config: ExecConfig,
  { check = () => undefined, isProbe = false }: { readonly check?: () => void; readonly isProbe?: boolean } = {},
): IdResponse {
  const container = context.store.find(reference);
  checkActive(container, reference);
  if ((config.Cmd ?? []).length === 0) throw new AppError('invalid', 'No exec command specified');
  check();
  checkLinked(context, container);
  plainUser(config.User, 'invalid');
  forgetOldest(container);
  const id = randomId(context.random);
  const streams = new ProcessStreams({ tty: config.Tty, openStdin: config.AttachStdin, closeStdin: true });
  container.execs.set(id, new Exec({ id, containerId: container.id, config, streams, isProbe }));
  logExecEvent(context, container, id, `exec_create: ${eventWords(config.Cmd ?? [])}`);
  return { Id: id };
}

/** daemon/exec.go: the program, a space, and its arguments, be they none. */
function eventWords([program = '', ...args]: readonly string[]): string {
  return `${program} ${args.join(' ')}`;
}

/** Execs that are over, kept for who asks for their exit code; Docker forgets them after some minutes. */
const execsKept = 200;

function forgetOldest({ execs }: Container): void {
  const over = [...execs.values()].filter(({ state }) => state.status === 'exited');
  for (const { id } of over.slice(0, Math.max(0, over.length - execsKept + 1))) execs.delete(id);
}

type ExecContext = Needs<'store' | 'runtime' | 'networks' | 'events' | 'clock' | 'changes' | 'turns'>;

export interface ExecStartOptions {
  readonly detach: boolean;
  readonly tty: boolean;
  readonly consoleSize: TerminalSize | null;
}

/** A client's end of an exec that is still to run. */
export interface ExecSession extends AttachSession {
  /** Starts the process, once the client has the header of its answer: no output can come before it. Never rejects. */
  begin(): Promise<void>;
}

/**
 * POST /exec/{id}/start. An attached client is told on the stream why the process did not start, as Docker does after its upgrade.
 * @returns null when detached: the process runs then
 * @throws AppError not_found "No such exec instance: x"; conflict when its container does not run, and detached also when it ran already
 */
export async function startExec(context: ExecContext, id: string, options: ExecStartOptions): Promise<ExecSession | null> {
  const { container, exec } = context.store.findExec(id);
  checkActive(container);
  if (options.detach) {
    exec.move({ move: 'start' });
    await runExec(context, container, exec, options.consoleSize);
    return null;
  }
  try {
    exec.move({ move: 'start' });
  } catch (thrown) {
    return refusedSession(exec.config.Tty, toAppError(thrown));
  }
  const { AttachStdin: stdin, AttachStdout: stdout, AttachStderr: stderr } = exec.config;
  const session = exec.streams.attach({ stdin, stdout, stderr });
  return {
    ...withDetachEvent(context, container, exec, session),
    begin: () =>
      runExec(context, container, exec, options.consoleSize).catch((thrown: unknown) => {
        exec.streams.say(failureChunk(toAppError(thrown)));
        exec.streams.end();
      }),
  };
}

function refusedSession(tty: boolean, error: AppError): ExecSession {
  const streams = new ProcessStreams({ tty, openStdin: false, closeStdin: true });
  const begin = (): Promise<void> => {
    streams.say(failureChunk(error));
    streams.end();
    return Promise.resolve();
  };
  return { ...streams.attach({ stdin: false, stdout: true, stderr: false }), begin };
}

function failureChunk({ message }: AppError): OutputChunk {
  return { stream: 'stdout', data: utf8(`${message}\r\n`) };
}

/** Seconds that a resize waits for a start (daemon/resize.go). */
const startTimeout = 10;

/** POST /exec/{id}/resize: of one that is not started yet it waits for the start. @throws AppError internal when there is none in ten seconds */
export async function resizeExec(context: Needs<'store' | 'clock'>, id: string, rows: number, columns: number): Promise<void> {
  const { container, exec } = context.store.findExec(id);
  checkActive(container);
  if (!(await within(context.clock, exec.begun.promise, startTimeout))) {
    throw new AppError('internal', 'timeout waiting for exec session ready');
  }
  if (exec.state.status !== 'running') throw new AppError('not_found', `NotFound: process does not exist ${id}: not found`);
  exec.state.process.resize({ rows, columns });
}

/** What was never started goes with the run of its container; what ran can still be asked for its exit code. */
export function forgetUnstarted({ execs }: Container): void {
  for (const { id, state, begun } of [...execs.values()]) {
    if (state.status !== 'created') continue;
    execs.delete(id);
    begun.resolve();
  }
}

/** @param reference by which it was asked for: what Docker says of a paused one */
function checkActive({ id, state, run: current }: Container, reference = id): void {
  if (state.status === 'paused') throw new AppError('conflict', `Container ${reference} is paused, unpause the container before exec`);
  if (state.status === 'restarting') throw new AppError('conflict', isRestarting(id));
  if (current === null) throw notRunning(id);
}

/** Starts its process and follows it. @param exec in state `starting` @throws AppError in Docker's words; the exec is over then */
export function runExec(context: ExecContext, container: Container, exec: Exec, consoleSize: TerminalSize | null = null): Promise<void> {
  return context.turns.execs.run(() => context.changes.run(() => startProcess(context, { container, exec, consoleSize })));
}

interface Execution {
  readonly container: Container;
  readonly exec: Exec;
  readonly consoleSize: TerminalSize | null;
}

async function startProcess(context: ExecContext, { container, exec, consoleSize }: Execution): Promise<void> {
  const action = `exec_start: ${eventWords(exec.config.Cmd ?? [])}`;
  try {
    checkFolder(exec.config);
    const process = await context.runtime.processes.exec(container.id, execProcess(context, container, { exec: exec.config, consoleSize }));
    exec.move({ move: 'run', process });
    logExecEvent(context, container, exec.id, action, {}, { pid: process.pid });
    superviseExec(context, container, exec, process);
  } catch (thrown) {
    const { error, exitCode } = execFailure(toAppError(thrown));
    // Docker tells of the start before it tries (daemon/exec.go); of a container that ended meanwhile nothing starts any more.
    if (container.run !== null) logExecEvent(context, container, exec.id, action);
    exec.move({ move: 'exit', exitCode });
    throw error;
  } finally {
    exec.begun.resolve();
  }
}

/** Follows an exec to its end: `exec_die` when it is gone, its clients' end when its output is. */
export function superviseExec(
  context: Needs<'store' | 'events' | 'clock'>,
  container: Container,
  exec: Exec,
  process: RunningProcess,
): void {
  container.followed.start('exec', async (signal) => {
    const drained = exec.streams.connect(process, { clock: context.clock, signal, keep: () => undefined });
    const exited = process.exited.then(
      (exit) => exit.code,
      () => lost,
    );
    const code = await unlessAborted(exited, signal);
    await drained;
    exec.move({ move: 'exit', exitCode: code ?? lost });
    if (context.store.has(container)) logExecEvent(context, container, exec.id, 'exec_die', { exitCode: String(code) }, { exitCode: code });
    exec.streams.end();
  });
}

/** runc, before it tries. */
function checkFolder({ WorkingDir }: ExecConfig): void {
  if (WorkingDir === '' || WorkingDir.startsWith('/')) return;
  throw new AppError('internal', 'OCI runtime exec failed: exec failed: Cwd must be an absolute path', { detail: { exitCode: 128 } });
}

function withDetachEvent(context: Needs<'events'>, container: Container, exec: Exec, session: AttachSession): AttachSession {
  let attached = true;
  return {
    ...session,
    detach() {
      if (attached && exec.state.status === 'running') logExecEvent(context, container, exec.id, 'exec_detach');
      attached = false;
      session.detach();
    },
  };
}

function logExecEvent(
  context: Needs<'events'>,
  container: Container,
  execID: string,
  action: string,
  attributes: Readonly<Record<string, string>> = {},
  facts: Readonly<Record<string, unknown>> = {},
): void {
  const exec = container.execs.get(execID);
  const known = exec === undefined ? {} : { tty: exec.config.Tty, openStdin: exec.config.AttachStdin, argv: exec.config.Cmd ?? [] };
  logContainerEvent(context, container, action, { execID, ...attributes }, { ...known, ...facts });
}
