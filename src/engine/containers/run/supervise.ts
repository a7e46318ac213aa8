import { toAppError } from '../../../base/errors.ts';
import { rfc3339Nano } from '../../../grammar/time.ts';
import type { ProcessExit } from '../../runtime.ts';
import { unlessAborted } from '../../background.ts';
import type { Container, ContainerRun, LockedContainer } from '../container.ts';
import { lost } from './exit-code.ts';
import { scheduleRestart, type Launch } from './restart.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { forgetUnstarted } from '../verbs/exec.ts';
import { removeContainer } from '../verbs/remove.ts';
import { shouldRestart } from './restart-policy.ts';
import { isRunning } from '../state.ts';
import { releaseResources } from './resources.ts';

export type RunContext = Needs<'store' | 'runtime' | 'images' | 'volumes' | 'events' | 'clock' | 'host'>;

/** Follows a run to its end in the background: output to log and clients, OOM, exit, then restart or removal as asked. */
export function supervise(context: RunContext, container: Container, run: ContainerRun, launch: Launch): void {
  const { clock } = context;
  const { streams, logs } = container;
  logs.open();
  container.followed.start('run', async (signal) => {
    const oom = run.process.oom(() => void container.locked((locked) => noteOom(context, locked, run)));
    const drained = streams.connect(run.process, { clock, signal, keep: (chunk) => logs.append(chunk, clock.now()) });
    const exit = await unlessAborted(exitOf(run), signal);
    await drained;
    oom.dispose();
    if (exit === null) return;
    logs.close(clock.now());
    await container.locked((locked) => endRun(context, locked, { run, exit, launch }));
  });
}

function noteOom(context: Needs<'events'>, container: LockedContainer, run: ContainerRun): void {
  if (container.run !== run || !isRunning(container.state)) return;
  container.move({ move: 'oom' });
  logContainerEvent(context, container, 'oom');
}

interface Outcome extends ProcessExit {
  readonly error: string;
}

async function exitOf({ process }: ContainerRun): Promise<Outcome> {
  try {
    return { ...(await process.exited), error: '' };
  } catch (thrown) {
    return { code: lost, signal: 0, oomKilled: false, error: toAppError(thrown).message };
  }
}

interface Ending {
  readonly run: ContainerRun;
  readonly exit: Outcome;
  readonly launch: Launch;
}

/** daemon/monitor.go, handleContainerExit. */
async function endRun(context: RunContext, container: LockedContainer, { run, exit, launch }: Ending): Promise<void> {
  // The engine was restored meanwhile: what the guest has under this ID belongs to another container.
  if (!context.store.has(container)) return;
  const { clock } = context;
  const now = clock.now();
  const ranFor = Number(now / 1_000_000n) - Date.parse(container.state.startedAt);
  const outcome = { exitCode: exit.code, restartCount: container.restartCount, cancelled: run.intent.cancelled };
  // Where no limit is its own, nobody hears of it before.
  if (exit.oomKilled && !container.state.oomKilled) noteOom(context, container, run);
  const restart = shouldRestart(container.hostConfig.RestartPolicy, outcome);
  const oomKilled = exit.oomKilled || container.state.oomKilled;
  const removes = !restart && container.hostConfig.AutoRemove && !run.intent.restarting;
  await releaseResources(container, { removes });
  container.run = null;
  if (container.state.status === 'paused') container.move({ move: 'unpause' });
  container.move({ move: 'exit', exitCode: exit.code, oomKilled, at: rfc3339Nano(now), restart });
  if (run.intent.stopping) logContainerEvent(context, container, 'stop');
  const execDuration = String(Math.max(0, Math.floor(ranFor / 1000)));
  logContainerEvent(
    context,
    container,
    'die',
    { execDuration, exitCode: String(exit.code) },
    { exitCode: exit.code, signal: exit.signal, oomKilled, restart },
  );
  forgetUnstarted(container);
  container.streams.end();
  container.streams = container.newStreams();
  container.waiters.stopped({ exitCode: exit.code, error: exit.error });
  if (restart) scheduleRestart(context, container, ranFor, launch);
  // A failure leaves the container dead, with the reason in its state; nobody asked who could be told.
  if (removes) await removeContainer(context, container, { volumes: true }).catch(() => undefined);
}
