import { logContainerEvent, type ContainersContext } from './context.ts';
import { transition } from './state.ts';

/** POST /containers/{id}/unpause. @throws AppError conflict when it is not paused */
export async function unpauseContainer(context: ContainersContext, reference: string): Promise<void> {
  const container = context.store.find(reference);
  await container.lock.run(async () => {
    transition(container.state, { move: 'unpause' }, container.id);
    await context.runtime.processes.freeze(container.id, false);
    container.move({ move: 'unpause' });
    logContainerEvent(context, container, 'unpause');
  });
}
