import { getContext, setContext, tick } from 'svelte';
import { Emitter } from '../../base/events.ts';
import type { StepEvent } from '../../protocol/page-api.ts';
import { Settings } from '../settings/settings.svelte.ts';
import type { TerminalSession } from '../terminal/terminal-session.ts';
import { Terminals, type TerminalTab } from '../terminal/terminals.svelte.ts';
import { catalogue, loadTutorial } from '../tutorial/catalogue.ts';
import { TutorialPaneState } from '../tutorial/tutorial-state.svelte.ts';
import type { Connection } from './connect.ts';
import { PlaygroundState } from './playground-state.svelte.ts';

/** All state of the page. */
export class AppState {
  readonly settings = new Settings();
  readonly terminals = new Terminals();
  readonly machine: PlaygroundState;
  /** The open one; null while it is fetched, and when none is. */
  tutorial: TutorialPaneState | null = $state.raw(null);
  tutorialShown: boolean = $state(true);
  readonly #keyboard = new Emitter<void>();
  readonly #output = new Emitter<string>();
  readonly #resets = new Emitter<'begun' | 'done'>();
  readonly onReset = this.#resets.event;
  readonly #steps = new Emitter<StepEvent>();
  readonly onStep = this.#steps.event;
  readonly #tutorialTabs = new Map<number, number>();
  /** What the visible terminal receives. */
  readonly onOutput = this.#output.event;

  constructor(connection: Connection, baseUrl: string) {
    this.machine = new PlaygroundState(connection, baseUrl);
    const first = catalogue.find(({ lacks }) => lacks.length === 0);
    if (first !== undefined) void this.openTutorial(first.id);
  }

  /** A tab's view is in the page. */
  attach(tab: TerminalTab, session: TerminalSession): void {
    tab.attach(session);
    session.onOutput((text) => {
      if (tab.id === this.terminals.activeId) this.#output.emit(text);
    });
  }

  /** Shows a tutorial; its checks begin once there is a machine. @throws AppError `not_found` */
  async openTutorial(id: string): Promise<void> {
    const pane = new TutorialPaneState(await loadTutorial(id), this.#stage(), String(Date.now()));
    this.tutorial?.dispose();
    this.tutorial = pane;
    pane.onStep((event) => this.#steps.emit(event));
    pane.setVisible(document.visibilityState === 'visible');
    try {
      await this.machine.booted;
    } catch {
      return;
    }
    await pane.start();
  }

  /** A key or paste of the person at the keyboard, wherever the focus is; what `type` and show me write is none. */
  noteKeyboard(): void {
    this.#keyboard.emit();
  }

  async moveTab(by: 1 | -1): Promise<void> {
    this.terminals.move(by);
    await tick();
    this.terminals.active?.session?.focus();
  }

  #stage() {
    return {
      playground: this.machine.playground,
      terminal: (index: number) => ({
        write: (keys: string) => this.#writeTo(index, keys),
        untilPrompt: async (signal: AbortSignal) => (await this.#tabOf(index).mounted).waitForPrompt(signal),
      }),
      standing: async (index: number) => (await this.#tabOf(index).mounted).standing(),
      nameOf: (index: number) => this.#tabOf(index).name,
      renew: (index: number) => {
        this.#tutorialTabs.set(index, this.terminals.add().id);
      },
      onKeyboard: this.#keyboard.event,
      reset: () => this.#reset(),
    };
  }

  /** The tab that is the tutorial's terminal 1, 2 …: the one with that number, unless the learner gave it another. */
  #tabOf(index: number): TerminalTab {
    const renewed = this.#tutorialTabs.get(index);
    return (renewed === undefined ? undefined : this.terminals.show(renewed)) ?? this.terminals.ensure(index);
  }

  async #writeTo(index: number, keys: string): Promise<void> {
    const session = await this.#tabOf(index).mounted;
    await session.open();
    session.type(keys);
  }

  async #reset(): Promise<number> {
    this.#resets.emit('begun');
    this.#tutorialTabs.clear();
    const sequence = await this.machine.reset();
    await Promise.all(this.terminals.tabs.map(async (tab) => tab.session?.reopen()));
    this.#resets.emit('done');
    return sequence;
  }
}

const key = Symbol('app');

export function provideApp(app: AppState): void {
  setContext(key, app);
}

export function getApp(): AppState {
  return getContext<AppState>(key);
}
