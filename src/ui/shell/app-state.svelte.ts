import { getContext, setContext, tick } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { Emitter } from '../../base/events.ts';
import type { StepEvent } from '../../protocol/page-api.ts';
import type { StepOutcome, TutorialProgress } from '../../protocol/tutorial.ts';
import { factsOf, type Tutorial } from '../../tutorial/index.ts';
import type { Launch, LaunchProblem } from '../address/launch.ts';
import type { Place } from '../address/place.ts';
import { Router } from '../address/router.svelte.ts';
import { t } from '../i18n/messages.ts';
import { Settings } from '../settings/settings.svelte.ts';
import type { TerminalTab } from '../terminal/terminals.svelte.ts';
import { catalogue, loadTutorial } from '../tutorial/catalogue.ts';
import { TutorialPaneState, type Keystroke } from '../tutorial/tutorial-state.svelte.ts';
import { TutorialTabs } from '../tutorial/tutorial-tabs.ts';
import type { Connection } from './connect.ts';
import { Notices } from './notices.svelte.ts';
import { wouldLose } from './unsaved.ts';
import { Workspace } from '../workspace/workspace.svelte.ts';

/** All state of the page. */
export class AppState {
  readonly settings: Settings;
  readonly notices = new Notices();
  /** The host that is worked on. */
  readonly workspace: Workspace;
  /** The open one; null while it is fetched, and when none is. */
  tutorial: TutorialPaneState | null = $state.raw(null);
  readonly router: Router;
  /** Whether the guide stands beside the terminal. */
  guideShown: boolean = $state(true);
  #turn = 0;
  #shown: { readonly id: string; readonly opened: Promise<void> } | null = null;
  readonly #progress = new SvelteMap<string, TutorialProgress>();
  readonly #keyboard = new Emitter<Keystroke>();
  /** A line was entered in a terminal since the machine was as at the start. */
  #entered = false;
  readonly #steps = new Emitter<StepEvent>();
  readonly onStep = this.#steps.event;
  readonly #tabs: TutorialTabs<TerminalTab>;

  constructor(connection: Connection, baseUrl: string, { place, theme, problems }: Launch) {
    this.settings = new Settings(theme);
    this.router = new Router(place, (hash) => this.#tellProblem({ field: 'place', value: hash }));
    problems.forEach((problem) => this.#tellProblem(problem));
    this.workspace = new Workspace(connection, baseUrl);
    this.#tabs = new TutorialTabs(this.workspace.terminals);
    $effect.root(() => {
      $effect(() => {
        // Whoever does not hear of it any more has no guest either.
        this.workspace.machine.playground.outside.use({ relay: this.settings.relay }).catch(() => undefined);
      });
    });
  }

  /** Opens what the address names. */
  async follow(place: Place): Promise<void> {
    this.guideShown = place.kind !== 'playground';
    if (place.kind !== 'tutorial') return;
    const entry = catalogue.find(({ id }) => id === place.id);
    if (entry === undefined || entry.lacks.length > 0) {
      this.router.rename({ kind: 'catalogue' });
      if (entry === undefined) this.#tellProblem({ field: 'tutorial', value: place.id });
      else this.notices.tell(t('launch.locked', { title: entry.title }));
      return;
    }
    await this.#show(place.id);
    if (place.step !== undefined && this.tutorial?.goTo(place.step) === false) this.#tellProblem({ field: 'step', value: place.step });
  }

  #tellProblem({ field, value }: LaunchProblem): void {
    this.notices.tell(t(`launch.${field}`, { value }));
  }

  /** Somebody went there by hand: the keyboard goes along to what comes next. */
  async arrive(place: Place): Promise<void> {
    this.router.go(place);
    await this.follow(place);
    await tick();
    this.focusPlace();
  }

  /** The keyboard goes to where one is. */
  focusPlace(): void {
    const { place } = this.router;
    if (place.kind === 'playground') this.workspace.terminals.active?.session?.focus();
    else document.querySelector<HTMLElement>(place.kind === 'tutorial' ? '#step-title' : '#guide-title')?.focus();
  }

  /** What came of each step of a tutorial since the page was opened. */
  outcomesOf(id: string): readonly StepOutcome[] {
    const steps = this.tutorial?.tutorial.manifest.id === id ? this.tutorial.view.steps.map(({ outcome }) => outcome) : undefined;
    return steps ?? Object.values(this.#progress.get(id)?.steps ?? {}).map((state) => (state === 'shown' ? 'shown' : 'done'));
  }

  /** Whether leaving the page would lose what somebody made. */
  get hasWork(): boolean {
    const outcomes = this.tutorial?.view.steps.map(({ outcome }) => outcome) ?? [];
    return wouldLose({ engine: this.workspace.engine, outcomes, entered: this.#entered });
  }

  /** Shows a tutorial; its checks begin once there is a machine. @throws AppError `not_found` */
  #show(id: string): Promise<void> {
    if (this.#shown?.id === id) return this.#shown.opened;
    const turn = (this.#turn += 1);
    const opened = this.#open(id, () => this.#turn === turn);
    this.#shown = { id, opened };
    return opened;
  }

  /** @param isWanted whether nothing else was asked for in the meantime */
  async #open(id: string, isWanted: () => boolean): Promise<void> {
    const tutorial = await loadTutorial(id);
    if (isWanted()) this.replaceTutorial(tutorial);
  }

  /** Takes the place of the open one, with what was done of it before. */
  replaceTutorial(tutorial: Tutorial): void {
    this.#keepProgress();
    const kept = this.#progress.get(tutorial.manifest.id);
    const pane = new TutorialPaneState(tutorial, this.#tutorialPage(), kept?.seed ?? String(Date.now()), kept);
    this.tutorial = pane;
    pane.onStep((event) => this.#steps.emit(event));
    pane.setVisible(document.visibilityState === 'visible');
    void this.#start(pane);
  }

  async #start(pane: TutorialPaneState): Promise<void> {
    try {
      await this.workspace.machine.booted;
    } catch {
      return;
    }
    if (this.tutorial === pane) await pane.start();
  }

  #keepProgress(): void {
    const progress = this.tutorial?.progress();
    if (progress !== undefined) this.#progress.set(progress.tutorial, progress);
    this.tutorial?.dispose();
    this.#tabs.clear();
  }

  /** A key or paste of the person at the keyboard, wherever the focus is; what `type` and show me write is none. */
  noteKeyboard(key: Keystroke): void {
    this.#entered ||= key.line;
    this.#keyboard.emit(key);
  }

  #tutorialPage() {
    return {
      facts: factsOf(this.workspace.mirror, this.workspace.machine.playground),
      playground: this.workspace.machine.playground,
      terminal: (index: number) => ({
        write: (keys: string) => this.#writeTo(index, keys),
        untilPrompt: async (signal: AbortSignal) => (await this.#tabs.of(index).mounted).waitForPrompt(signal),
      }),
      standing: async (index: number) => (await this.#tabs.of(index).mounted).standing(),
      nameOf: (index: number) => this.#tabs.of(index).name,
      renew: (index: number) => void this.#tabs.renew(index),
      onKeyboard: this.#keyboard.event,
      noteLine: () => this.noteKeyboard({ line: true }),
      reset: () => this.#reset(),
    };
  }

  async #writeTo(index: number, keys: string): Promise<void> {
    const session = await this.#tabs.of(index).mounted;
    await session.open();
    session.type(keys);
  }

  #reset(): Promise<number> {
    this.#progress.clear();
    this.#entered = false;
    this.#tabs.clear();
    return this.workspace.reset();
  }
}

const key = Symbol('app');

export function provideApp(app: AppState): void {
  setContext(key, app);
}

export function getApp(): AppState {
  return getContext<AppState>(key);
}
