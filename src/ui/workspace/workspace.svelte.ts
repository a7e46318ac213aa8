import { getContext, setContext, tick } from 'svelte';
import { Emitter } from '../../base/events.ts';
import type { EngineState } from '../../protocol/engine-feed.ts';
import { EngineMirror } from '../../protocol/engine-mirror.ts';
import type { Connection } from '../shell/connect.ts';
import type { TerminalSession } from '../terminal/terminal-session.ts';
import { Terminals, type TerminalTab } from '../terminal/terminals.svelte.ts';
import { Machine } from './machine.svelte.ts';

let last = 0;

/** One Docker host in the page: its machine, what is known of its engine, the terminals on it. Another host, also a remote one, is another workspace. */
export class Workspace {
  /** Of its elements in the page, so that two may stand in it. */
  readonly id = (last += 1);
  readonly machine: Machine;
  /** What is known of the engine; everything on the page that shows or checks it reads here. */
  readonly mirror: EngineMirror;
  readonly terminals = new Terminals();
  /** As the mirror was last told. */
  engine: EngineState = $state.raw({ sequence: 0, containers: [], images: [], networks: [], volumes: [] });
  readonly running = $derived(this.engine.containers.filter((container) => container.State.Running).length);
  readonly #output = new Emitter<string>();
  /** What the visible terminal receives. */
  readonly onOutput = this.#output.event;
  readonly #resets = new Emitter<'begun' | 'done'>();
  readonly onReset = this.#resets.event;

  constructor(connection: Connection, baseUrl: string) {
    this.mirror = new EngineMirror(connection.playground.log);
    this.mirror.onChange(() => (this.engine = this.mirror.state));
    this.machine = new Machine(connection, baseUrl, this.mirror);
  }

  /** A tab's view is in the page. */
  attach(tab: TerminalTab, session: TerminalSession): void {
    tab.attach(session);
    session.onOutput((text) => {
      if (tab.id === this.terminals.activeId) this.#output.emit(text);
    });
  }

  async moveTab(by: 1 | -1): Promise<void> {
    this.terminals.move(by);
    await tick();
    this.terminals.active?.session?.focus();
  }

  /** Guest and engine as right after boot, and a new shell in every terminal. Resolves to the log's last sequence. @throws AppError */
  async reset(): Promise<number> {
    this.#resets.emit('begun');
    const sequence = await this.machine.reset();
    await Promise.all(this.terminals.tabs.map(async (tab) => tab.session?.reopen()));
    this.#resets.emit('done');
    return sequence;
  }
}

const key = Symbol('workspace');

export function provideWorkspace(workspace: Workspace): void {
  setContext(key, workspace);
}

/** The one that the component stands in. */
export function getWorkspace(): Workspace {
  return getContext<Workspace>(key);
}
