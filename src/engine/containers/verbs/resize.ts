import type { Needs } from '../context.ts';
import { logContainerEvent } from '../context.ts';
import { notRunning } from '../state.ts';

/** POST /containers/{id}/resize. @throws AppError conflict when it does not run */
export function resizeContainer(context: Needs<'store' | 'events'>, reference: string, rows: number, columns: number): void {
  const container = context.store.find(reference);
  if (container.run === null) throw notRunning(container.id);
  container.run.process.resize({ rows, columns });
  logContainerEvent(context, container, 'resize', { height: String(rows), width: String(columns) });
}
