/** The page's worker: a playground behind comlink. */
import { expose, transfer, transferHandlers } from 'comlink';
import { loadPatterns } from '../../base/pattern.ts';
import { appErrorHandler, type Playground, type TerminalSize } from '../../protocol/playground.ts';
import { LocalPlayground } from '../playground.ts';
import { browserPlatform } from './platform.ts';

/** Milliseconds after the start, when nobody waits for the first prompt any more. */
const patternsAfter = 10_000;

const thrown = transferHandlers.get('throw');
if (thrown !== undefined)
  transferHandlers.set(
    'throw',
    appErrorHandler((value) => thrown.canHandle(value)),
  );

const playground = new LocalPlayground(browserPlatform);
// To the page a guest that broke is what a worker that broke is: an `error` event of the worker.
playground.onBroken(reportError);

/** As the playground, with what crosses by transfer marked so. */
const exposed: Playground = {
  async boot(options, onProgress) {
    await playground.boot(options, onProgress);
    // Once loaded the page works without a network; who filters by name before this, waits for it.
    setTimeout(() => void loadPatterns().catch(() => undefined), patternsAfter);
  },
  async openTerminal(size: TerminalSize) {
    const opened = await playground.openTerminal(size);
    return opened.port instanceof MessagePort ? transfer(opened, [opened.port]) : opened;
  },
  resizeTerminal: (id, size) => playground.resizeTerminal(id, size),
  closeTerminal: (id) => playground.closeTerminal(id),
  exec: (command, options) => playground.exec(command, options),
  abortExec: (id) => playground.abortExec(id),
  logSince: (after) => playground.logSince(after),
  watch: (after, listener) => playground.watch(after, listener),
  sync: (watch) => playground.sync(watch),
  unwatch: (watch) => playground.unwatch(watch),
  inspectGuest: (queries) => playground.inspectGuest(queries),
  reset: () => playground.reset(),
  watchExecs: (wanted) => playground.watchExecs(wanted),
  writeFiles: (files) => playground.writeFiles(files),
};

expose(exposed);
