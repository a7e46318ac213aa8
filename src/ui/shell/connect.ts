import { proxy, transferHandlers, wrap, type Remote } from 'comlink';
import { AppError } from '../../base/errors.ts';
import { appErrorHandler, type Playground } from '../../protocol/playground.ts';

/** The worker's side of the playground and word of its death. */
export interface Connection {
  readonly playground: Playground;
  /** Called once: `internal` with what the browser said when the worker threw outside of a call, a boot failure when its program could not be loaded. */
  onCrash(listener: (error: AppError) => void): void;
}

/** Starts the worker. The page talks to it through this and nothing else. */
export function connect(): Connection {
  const worker = new Worker(new URL('../../worker/browser/worker.ts', import.meta.url), { type: 'module', name: 'drydock' });
  const thrown = transferHandlers.get('throw');
  if (thrown !== undefined)
    transferHandlers.set(
      'throw',
      appErrorHandler((value) => thrown.canHandle(value)),
    );
  return {
    playground: overComlink(wrap<Playground>(worker)),
    onCrash(listener) {
      worker.addEventListener('error', (event) => listener(crashError(event)), { once: true });
    },
  };
}

/** HTML, "run a worker": a script that cannot be fetched gives a plain event, an exception an ErrorEvent with its message. */
function crashError(event: Event): AppError {
  if (event instanceof ErrorEvent && event.message !== '') return new AppError('internal', event.message);
  return new AppError('unavailable', 'the worker could not be loaded', { detail: { reason: 'asset_missing', url: 'assets/worker-….js' } });
}

/** Callbacks cannot be cloned: they stay here and the worker gets proxies. */
function overComlink(remote: Remote<Playground>): Playground {
  return {
    boot: (options, onProgress) => remote.boot(options, proxy(onProgress)),
    openTerminal: async (size) => {
      const { id, port } = await remote.openTerminal(size);
      return { id, port };
    },
    resizeTerminal: (id, size) => remote.resizeTerminal(id, size),
    closeTerminal: (id) => remote.closeTerminal(id),
    exec: (command, options) => remote.exec(command, options),
    abortExec: (id) => remote.abortExec(id),
    logSince: (after) => remote.logSince(after),
    subscribeLog: (after, listener) => remote.subscribeLog(after, proxy(listener)),
    unsubscribeLog: (subscription) => remote.unsubscribeLog(subscription),
    snapshot: () => remote.snapshot(),
    inspectGuest: (queries) => remote.inspectGuest(queries),
    reset: () => remote.reset(),
    watchExecs: (wanted) => remote.watchExecs(wanted),
    writeFiles: (files) => remote.writeFiles(files),
  };
}
