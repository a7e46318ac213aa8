import { concatBytes, fromUtf8 } from '../../../base/bytes.ts';
import { toAppError } from '../../../base/errors.ts';
import { formatDuration } from '../../../grammar/duration.ts';
import { rfc3339Nano } from '../../../grammar/time.ts';
import { execConfigSchema } from '../../../protocol/engine-api.ts';
import { SIGKILL } from '../../../grammar/signals.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import type { Exec } from '../run/exec-instance.ts';
import type { AttachSession } from '../streams/process-streams.ts';
import { createExec, runExec } from '../verbs/exec.ts';
import type { HealthCheck, ProbeResult } from './health.ts';

type ProbeContext = Needs<'store' | 'runtime' | 'networks' | 'events' | 'clock' | 'random' | 'changes' | 'turns'>;

/** Bytes of a probe's output. */
const outputKept = 4096;

/** Runs the check once, as an exec of the container. Never rejects; killed on abort, what it found is of no use then. (daemon/health.go, cmdProbe) */
export async function probe(context: ProbeContext, container: Container, check: HealthCheck, signal: AbortSignal): Promise<ProbeResult> {
  const { clock } = context;
  const start = rfc3339Nano(clock.now());
  const result = (exitCode: number, output: string): ProbeResult => ({ start, end: rfc3339Nano(clock.now()), exitCode, output });
  try {
    const exec = createProbe(context, container, check);
    const output = collect(exec.streams.attach({ stdin: false, stdout: true, stderr: true }));
    void output.ended.then(() => container.execs.delete(exec.id));
    exec.move({ move: 'start' });
    await runExec(context, container, exec).catch((thrown: unknown) => {
      exec.streams.end();
      throw thrown;
    });
    // Only now: the time it takes to start is not the check's.
    const inTime = await endsWithin(context, output.ended, check.timeout, signal);
    if (!inTime) await killProbe(context, container, exec);
    if (inTime && exec.state.status === 'exited') return result(exec.state.exitCode, output.text());
    const said = output.text();
    return result(-1, `Health check exceeded timeout (${formatDuration(check.timeout * 1e6)})${said === '' ? '' : `: ${said}`}`);
  } catch (thrown) {
    // moby tells these without containerd's ": unknown".
    return result(-1, toAppError(thrown).message.replace(/: unknown$/, ''));
  }
}

function createProbe(context: ProbeContext, container: Container, { command }: HealthCheck): Exec {
  const config = execConfigSchema.parse({ AttachStdout: true, AttachStderr: true, Cmd: command });
  const { Id: id } = createExec(context, container.id, config, { isProbe: true });
  return context.store.findExec(id).exec;
}

/** Both streams in the order they come; what is beyond 4096 bytes is read and dropped, so that the probe is not held back. */
function collect({ output }: AttachSession): { readonly ended: Promise<void>; text(): string } {
  const kept: Uint8Array[] = [];
  let size = 0;
  const readAll = async (): Promise<void> => {
    for (let chunk = await output.read(); chunk !== null; chunk = await output.read()) {
      const room = Math.max(0, outputKept - size);
      if (room > 0) kept.push(chunk.data.slice(0, room));
      size += chunk.data.length;
    }
  };
  const ended = readAll().catch(() => undefined);
  return { ended, text: () => `${fromUtf8(concatBytes(kept))}${size > outputKept ? '...' : ''}` };
}

/** @returns false when the time was over first, or the signal came */
async function endsWithin({ clock }: ProbeContext, done: Promise<void>, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  const timer = new AbortController();
  const stop = (): void => timer.abort();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const late = clock.after(milliseconds, timer.signal).then(
    () => false,
    () => false,
  );
  const inTime = await Promise.race([done.then(() => true), late]);
  signal.removeEventListener('abort', stop);
  stop();
  return inTime;
}

/** Its first process, as runc does; what that started goes with the container. Waits until it is gone, so that probes do not pile up. */
export async function killProbe({ runtime, store }: Needs<'runtime' | 'store'>, container: Container, { state }: Exec): Promise<void> {
  // After a restore the PID is another's.
  if (state.status !== 'running' || !store.has(container)) return;
  const { process } = state;
  // One that is gone already was faster than we, and a guest that is gone says so by `exited`.
  await runtime.processes.signal(container.id, SIGKILL, process.pid).catch(() => undefined);
  await process.exited.catch(() => undefined);
}
