import { AppError, toAppError } from '../../../base/errors.ts';
import type { LockedContainer } from '../container.ts';
import { logContainerEvent } from '../context.ts';
import { startLocked, type StartContext } from './start.ts';
import { isActive } from '../state.ts';
import { endContainer, type StopOptions } from './stop.ts';

/** POST /containers/{id}/restart: stop if it runs, then start; --rm does not remove it in between. @throws AppError not_found, internal */
export async function restartContainer(context: StartContext, reference: string, options: StopOptions): Promise<void> {
  const container = context.store.find(reference);
  try {
    if (isActive(container.state)) await endContainer(context, container, { ...options, restarting: true });
    await container.locked((locked) => startUnlessRunning(context, locked));
  } catch (thrown) {
    const { message, detail } = toAppError(thrown);
    throw new AppError('internal', `Cannot restart container ${reference}: ${message}`, { cause: thrown, detail });
  }
  logContainerEvent(context, container, 'restart');
}

/** Somebody else may have started it meanwhile: it runs, as wanted. */
async function startUnlessRunning(context: StartContext, container: LockedContainer): Promise<void> {
  try {
    await startLocked(context, container);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.kind !== 'not_modified') throw thrown;
  }
}
