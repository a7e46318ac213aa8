import { AppError } from '../../base/errors.ts';
import type { Playground } from '../../protocol/playground.ts';
import { reachPlayground } from './bridge.ts';
import { PendingCalls } from './pending-calls.ts';

/** The worker's side of the playground and word of its death. */
export interface Connection {
  readonly playground: Playground;
  /** Resolves to `internal` with what was said when the worker threw outside of a call, to a boot failure when its program could not be loaded. */
  readonly crashed: Promise<AppError>;
}

/** Starts a worker: a machine of its own. The page talks to it through this and nothing else. */
export function connect(): Connection {
  const worker = new Worker(new URL('../../worker/browser/worker.ts', import.meta.url), { type: 'module', name: 'drydock' });
  const calls = new PendingCalls();
  const crashed = new Promise<AppError>((resolve) => {
    worker.addEventListener('error', (event) => {
      // Handled: the browser need not report it as an error of the page.
      event.preventDefault();
      resolve(crashError(event));
    });
  });
  void crashed.then((error) => calls.fail(error));
  return { playground: reachPlayground(worker, calls), crashed };
}

/** HTML, "run a worker": a script that cannot be fetched gives a plain event, an exception an ErrorEvent with its message. */
function crashError(event: Event): AppError {
  if (event instanceof ErrorEvent && event.message !== '')
    return new AppError('internal', event.message.replace(/^Uncaught (AppError: )?/, ''));
  return new AppError('unavailable', 'the worker could not be loaded', { detail: { reason: 'asset_missing', url: 'assets/worker-….js' } });
}
