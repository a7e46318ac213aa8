import { cancelled } from '../../base/errors.ts';
import type { PageApi, PageRequest } from '../../protocol/page-api.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { ExecResult } from '../../protocol/playground.ts';
import { requestOfPort } from './port-fetch.ts';
import type { TerminalSession } from '../terminal/terminal-session.ts';
import type { Workspace } from '../workspace/workspace.svelte.ts';
import type { AppState } from './app-state.svelte.ts';
import { PageEventHub } from './page-events.ts';

declare global {
  interface Window {
    /** The page API; see `protocol/page-api.ts`. */
    drydock: PageApi;
  }
}

/** Puts `window.drydock` into the page. @param typed stands on the line of the first terminal, not run */
export function installPageApi(app: AppState, typed: string | null): void {
  const hub = new PageEventHub();
  const ready = openFirstTerminal(app, hub, typed);
  // Nobody has to listen: the page itself shows the failure.
  ready.catch(() => undefined);
  app.workspace.onOutput((text) => hub.emit('terminal', text));
  app.workspace.onReset((what) => hub.emit('state', what === 'begun' ? 'booting' : 'ready'));
  app.onStep((event) => hub.emit('step', event));
  window.drydock = {
    ready,
    exec: (command, options = {}) => execute(app, command, options.signal),
    fetch: (port, path, init) => fetchFromGuest(app, port, path, init),
    type: (text) => app.workspace.terminals.active?.session?.type(text),
    on: (event, listener) => hub.on(event, listener),
  };
}

async function openFirstTerminal(app: AppState, hub: PageEventHub, typed: string | null): Promise<void> {
  try {
    await app.workspace.machine.booted;
    await app.workspace.mirror.subscribeLog(0, (entries) => entries.forEach((entry) => emitEngineEvent(hub, entry)));
    const session = await firstPrompt(app.workspace);
    if (typed !== null) session.type(typed);
    hub.emit('state', 'ready');
  } catch (error) {
    hub.emit('state', 'failed');
    throw error;
  }
  void app.workspace.machine.failed.then(() => hub.emit('state', 'failed'));
}

async function firstPrompt({ terminals, machine }: Workspace): Promise<TerminalSession> {
  const session = await terminals.ensure(1).mounted;
  const giveUp = new AbortController();
  void machine.failed.then(() => giveUp.abort());
  await session.waitForPrompt(giveUp.signal).catch(async (error: unknown) => {
    throw giveUp.signal.aborted ? await machine.failed : error;
  });
  // Whoever is reading or typing elsewhere by now stays there.
  if (document.activeElement === document.body || document.activeElement === null) session.focus();
  return session;
}

function emitEngineEvent(hub: PageEventHub, entry: LogEntry): void {
  if (entry.kind !== 'event') return;
  hub.emit('event', entry);
  hub.emit(entry.type, entry);
}

async function fetchFromGuest(app: AppState, port: number, path: string, init: PageRequest | undefined): Promise<Response> {
  await app.workspace.machine.booted;
  return requestOfPort(app.workspace.machine.playground.ports, port, path, init);
}

let lastExec = 0;

async function execute(app: AppState, command: string, signal: AbortSignal | undefined): Promise<ExecResult> {
  if (isAborted(signal)) throw cancelled('exec');
  await app.workspace.machine.booted;
  lastExec += 1;
  const id = `page-${lastExec}`;
  const abort = (): void => void app.workspace.machine.playground.lines.abort(id).catch(() => undefined);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const running = app.workspace.machine.playground.lines.run(command, { id });
    // The signal may have fired while the boot was awaited.
    if (isAborted(signal)) abort();
    return await running;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;
