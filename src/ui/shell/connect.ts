import { proxy, transferHandlers, wrap, type Remote } from 'comlink';
import { AppError } from '../../base/errors.ts';
import { appErrorHandler, type Playground } from '../../protocol/playground.ts';
import { MortalCalls } from './mortal-calls.ts';

/** The worker's side of the playground and word of its death. */
export interface Connection {
  readonly playground: Playground;
  /** Resolves to `internal` with what was said when the worker threw outside of a call, to a boot failure when its program could not be loaded. */
  readonly crashed: Promise<AppError>;
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
  const calls = new MortalCalls();
  const crashed = new Promise<AppError>((resolve) => {
    worker.addEventListener('error', (event) => {
      // Handled: the browser need not report it as an error of the page.
      event.preventDefault();
      resolve(crashError(event));
    });
  });
  void crashed.then((error) => calls.die(error));
  return { playground: overComlink(wrap<Playground>(worker), calls), crashed };
}

/** HTML, "run a worker": a script that cannot be fetched gives a plain event, an exception an ErrorEvent with its message. */
function crashError(event: Event): AppError {
  if (event instanceof ErrorEvent && event.message !== '')
    return new AppError('internal', event.message.replace(/^Uncaught (AppError: )?/, ''));
  return new AppError('unavailable', 'the worker could not be loaded', { detail: { reason: 'asset_missing', url: 'assets/worker-….js' } });
}

/** Callbacks cannot be cloned: they stay here and the worker gets proxies. */
function overComlink(remote: Remote<Playground>, calls: MortalCalls): Playground {
  return {
    boot: (options, onProgress) => calls.make(() => remote.boot(options, proxy(onProgress))),
    openTerminal: (size) => calls.make(() => remote.openTerminal(size)),
    resizeTerminal: (id, size) => calls.make(() => remote.resizeTerminal(id, size)),
    closeTerminal: (id) => calls.make(() => remote.closeTerminal(id)),
    exec: (command, options) => calls.make(() => remote.exec(command, options)),
    abortExec: (id) => calls.make(() => remote.abortExec(id)),
    logSince: (after) => calls.make(() => remote.logSince(after)),
    watch: (after, listener) => calls.make(() => remote.watch(after, proxy(listener))),
    sync: (watch) => calls.make(() => remote.sync(watch)),
    unwatch: (watch) => calls.make(() => remote.unwatch(watch)),
    inspectGuest: (queries) => calls.make(() => remote.inspectGuest(queries)),
    reset: () => calls.make(() => remote.reset()),
    watchExecs: (wanted) => calls.make(() => remote.watchExecs(wanted)),
    writeFiles: (files) => calls.make(() => remote.writeFiles(files)),
  };
}
