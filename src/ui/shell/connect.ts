import { proxy, transferHandlers, wrap, type Remote } from 'comlink';
import { appErrorHandler, type Playground } from '../../protocol/playground.ts';

/** The worker's side of the playground and word of its death. */
export interface Connection {
  readonly playground: Playground;
  /** Called once, with what the browser said, when the worker cannot be loaded or throws outside of a call. */
  onCrash(listener: (message: string) => void): void;
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
      const once = (message: string): void => {
        worker.removeEventListener('error', onError);
        listener(message);
      };
      const onError = (event: ErrorEvent): void => once(event.message || 'the worker could not be loaded');
      worker.addEventListener('error', onError);
    },
  };
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
    writeFiles: (files) => remote.writeFiles(files),
  };
}
