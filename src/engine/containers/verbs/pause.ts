import { logContainerEvent, type Needs } from '../context.ts';
import { endHealth } from '../health/monitor.ts';
import { transition } from '../state.ts';

/** POST /containers/{id}/pause: freezes the cgroup. @throws AppError conflict when it does not run or is paused */
export async function pauseContainer(context: Needs<'store' | 'runtime' | 'events'>, reference: string): Promise<void> {
  const found = context.store.find(reference);
  await found.locked(async (container) => {
    transition(container.state, { move: 'pause' }, container.id);
    await context.runtime.processes.freeze(container.id, true);
    container.move({ move: 'pause' });
    endHealth(container);
    logContainerEvent(context, container, 'pause');
  });
}
