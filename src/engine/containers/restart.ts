import { AppError } from '../../base/errors.ts';
import { logContainerEvent, type ContainersContext } from './context.ts';
import { startLocked } from './start.ts';
import { isActive } from './state.ts';
import { endContainer, type StopOptions } from './stop.ts';

/** POST /containers/{id}/restart: stop if it runs, then start; --rm does not remove it in between. */
export async function restartContainer(context: ContainersContext, reference: string, options: StopOptions): Promise<void> {
  const container = context.store.find(reference);
  if (isActive(container.state)) await endContainer(context, container, { ...options, restarting: true });
  await container.lock.run(async () => {
    try {
      await startLocked(context, container);
    } catch (thrown) {
      // Somebody else started it meanwhile: it runs, as wanted.
      if (!(thrown instanceof AppError) || thrown.kind !== 'not_modified') throw thrown;
    }
  });
  logContainerEvent(context, container, 'restart');
}
