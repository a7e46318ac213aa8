import { AppError, toAppError } from '../../../base/errors.ts';
import { errno } from '../../runtime.ts';
import type { Container, LockedContainer } from '../container.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { isSignal, parseSignal, SIGKILL } from '../../../grammar/signals.ts';
import { isActive, notRunning } from '../state.ts';
import { within } from '../run/within.ts';

/** POST /containers/{id}/kill. @param signal '' is SIGKILL */
export async function killContainer(
  context: Needs<'store' | 'runtime' | 'events' | 'clock' | 'turns'>,
  reference: string,
  signal: string,
): Promise<void> {
  const { container, number } = signalled(context, reference, signal);
  if (number === SIGKILL) await killAndWait(context, container);
  else await container.locked((locked) => sendSignal(context, locked, number));
}

/** What is wrong with a kill is said with its container in front (moby: postContainersKill). */
function signalled(context: Needs<'store'>, reference: string, signal: string): { readonly container: Container; readonly number: number } {
  try {
    const number = signal === '' ? SIGKILL : parseSignal(signal);
    if (!isSignal(number)) throw new AppError('invalid', `the linux daemon does not support signal ${number}`);
    const container = context.store.find(reference);
    if (!isActive(container.state)) throw notRunning(container.id);
    return { container, number };
  } catch (thrown) {
    const { kind, message, detail } = toAppError(thrown);
    throw new AppError(kind, `cannot kill container: ${reference}: ${message}`, { cause: thrown, detail });
  }
}

/** Seconds; a process that sleeps in the kernel dies only when it wakes. */
const killTimeout = 10;

/**
 * SIGKILL, and the wait for the end of the run. Of many at once each has its time once its turn has come: the guest ends them one after the other.
 * @throws AppError internal when its process has not ended within ten seconds
 */
export async function killAndWait(context: Needs<'runtime' | 'events' | 'clock' | 'turns'>, container: Container): Promise<void> {
  const stopped = container.waiters.add(true);
  const outcome = await context.turns.kills.run(async () => {
    const sent = await container.locked((locked) => sendSignal(context, locked, SIGKILL));
    if (!sent || !isActive(container.state)) return 'over';
    return (await endsWithin(context, container, { stopped, seconds: killTimeout })) ? 'ended' : 'late';
  });
  if (outcome === 'ended') await stopped;
  if (outcome !== 'late') return;
  throw new AppError('internal', `cannot kill container: ${container.id}: tried to kill container, but did not receive an exit event`);
}

interface Wait {
  /** Resolves when all of the run is over. */
  readonly stopped: Promise<unknown>;
  /** Negative: however many. */
  readonly seconds: number;
}

/** Whether its process ended within so many seconds; what is cleared away after it, of many at once, may take longer. Resolves when all of it is over, or the time is. */
export async function stopsWithin(context: Needs<'clock'>, container: Container, wait: Wait): Promise<boolean> {
  const inTime = await endsWithin(context, container, wait);
  if (inTime) await wait.stopped;
  return inTime;
}

function endsWithin({ clock }: Needs<'clock'>, { run }: Container, { stopped, seconds }: Wait): Promise<boolean> {
  const exited = run === null ? stopped : run.process.exited.catch(() => undefined);
  return within(clock, Promise.race([stopped, exited]), seconds);
}

/**
 * daemon/kill.go, killWithSignal. A signal that is meant to end the container (any, where it names no stop
 * signal) ends its restarts too; a paused one is resumed so that the signal arrives. A restart that is waited for is called off instead.
 * @returns whether there was a container to signal
 */
export async function sendSignal(context: Needs<'runtime' | 'events'>, container: LockedContainer, signal: number): Promise<boolean> {
  const { run, config } = container;
  const { StopSignal: stopSignal = '' } = config;
  const ends = signal === SIGKILL || stopSignal === '' || signal === parseSignal(stopSignal);
  if (container.state.status === 'restarting') {
    if (ends) giveUpRestart(container);
    return true;
  }
  if (run === null) return false;
  if (ends) run.intent.cancelled = true;
  const { processes } = context.runtime;
  // A stop signal may be a number that no kernel has: what was to end by it is killed when its time is over.
  if (isSignal(signal)) await unlessGone(processes.signal(container.id, signal));
  // SIGKILL reaches a frozen process, too.
  if (ends && container.state.status === 'paused' && (await unlessGone(processes.freeze(container.id, false)))) {
    container.move({ move: 'unpause' });
    logContainerEvent(context, container, 'unpause');
  }
  logContainerEvent(context, container, 'kill', { signal: String(signal) });
  return true;
}

/** @returns false when the process is gone and its exit on its way to us */
async function unlessGone(request: Promise<void>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.detail['errno'] === errno.ESRCH) return false;
    throw thrown;
  }
}

function giveUpRestart(container: LockedContainer): void {
  container.pendingRestart?.abort();
  container.pendingRestart = null;
  container.move({ move: 'give-up' });
  const { exitCode, error } = container.state;
  container.waiters.stopped({ exitCode, error });
}
