import { AppError, toAppError } from '../../../base/errors.ts';
import type { Container } from '../container.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { killAndWait, sendSignal, stopsWithin } from './kill.ts';
import { parseSignal } from '../../../grammar/signals.ts';
import { isActive } from '../state.ts';

/** Seconds; Docker's own default. */
const defaultTimeout = 10;

export interface StopOptions {
  readonly signal?: string;
  /** Seconds; negative waits for ever. */
  readonly timeout?: number;
}

/** POST /containers/{id}/stop. @throws AppError not_modified when it does not run */
export async function stopContainer(
  context: Needs<'store' | 'runtime' | 'events' | 'clock' | 'turns'>,
  reference: string,
  options: StopOptions,
): Promise<void> {
  const container = context.store.find(reference);
  if (!isActive(container.state)) throw new AppError('not_modified', `container ${container.id} is already stopped`);
  try {
    await endContainer(context, container, options);
  } catch (thrown) {
    // Moby gives it no class, whatever it was (daemon/stop.go).
    throw new AppError('internal', `cannot stop container: ${reference}: ${toAppError(thrown).message}`, { cause: thrown });
  }
}

/**
 * The stop signal, then SIGKILL after the timeout; the `stop` event when it is down.
 * @param restarting it starts again at once: --rm does not remove it
 */
export async function endContainer(
  context: Needs<'runtime' | 'events' | 'clock' | 'turns'>,
  container: Container,
  { signal, timeout, restarting = false }: StopOptions & { readonly restarting?: boolean },
): Promise<void> {
  const number = parseSignal(signal ?? stopSignalOf(container));
  const seconds = timeout ?? Number(container.config.StopTimeout ?? defaultTimeout);
  const stopped = container.waiters.add(true);
  let ran = false;
  const sent = await container.locked((locked) => {
    ran = locked.run !== null;
    if (locked.run !== null) Object.assign(locked.run.intent, { cancelled: true, restarting, stopping: true });
    return sendSignal(context, locked, number);
  });
  if (sent && isActive(container.state)) {
    const inTime = await stopsWithin(context, container, { stopped, seconds });
    if (!inTime) await killAndWait(context, container);
  }
  // The end of its run tells the event.
  if (!ran) logContainerEvent(context, container, 'stop');
}

function stopSignalOf({ config }: Container): string {
  return config.StopSignal === undefined || config.StopSignal === '' ? 'TERM' : config.StopSignal;
}
