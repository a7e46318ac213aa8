import { AppError } from '../../../base/errors.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { watchHealth } from '../health/monitor.ts';

/** POST /containers/{id}/unpause. @throws AppError internal when it is not paused */
export async function unpauseContainer(
  context: Needs<'store' | 'runtime' | 'networks' | 'events' | 'clock' | 'random' | 'changes' | 'turns'>,
  reference: string,
): Promise<void> {
  const found = context.store.find(reference);
  await found.locked(async (container) => {
    // daemon/unpause.go gives this error no class.
    if (container.state.status !== 'paused') throw new AppError('internal', `Container ${container.id} is not paused`);
    await context.runtime.processes.freeze(container.id, false);
    container.move({ move: 'unpause' });
    watchHealth(context, container);
    logContainerEvent(context, container, 'unpause');
  });
}
