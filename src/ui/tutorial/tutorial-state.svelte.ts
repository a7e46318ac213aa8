import { AppError } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import type { StepEvent } from '../../protocol/page-api.ts';
import type { TutorialProgress } from '../../protocol/tutorial.ts';
import type { Playground } from '../../protocol/playground.ts';
import {
  openTutorial,
  type FactSource,
  type StepView,
  type Tutorial,
  type TutorialSession,
  type TutorialState,
} from '../../tutorial/index.ts';
import { t } from '../i18n/messages.ts';
import { TerminalGate, type GateTerminals, type TerminalQuestion } from './terminal-gate.ts';

/** What the pane asks of the page. */
export interface TutorialPage extends GateTerminals {
  readonly playground: Playground;
  readonly facts: FactSource;
  /** A key or paste of the person at the keyboard. */
  onKeyboard(listener: (key: Keystroke) => void): { dispose(): void };
  /** A line is about to be entered in the learner's name. */
  noteLine(): void;
  reset(): Promise<number>;
}

/** @param line whether it enters a line in a terminal */
export interface Keystroke {
  readonly line: boolean;
}

/** The open tutorial as the pane shows it. */
export class TutorialPaneState {
  view: TutorialState;
  /** Step that is read; the current one unless the learner looks back. */
  viewedId: string | null = $state(null);
  /** Read out by the status region. */
  announcement: string = $state('');
  showing: boolean = $state(false);
  /** What failed last, and in which step. */
  #problem: { readonly step: string | undefined; readonly message: string } | null = $state.raw(null);
  #started: boolean = $state(false);
  question: TerminalQuestion | null = $state.raw(null);
  readonly tutorial: Tutorial;
  readonly viewed: StepView | null = $derived.by(() => {
    const { steps, current, resetting } = this.view;
    const id = resetting ? steps[0]?.id : (this.viewedId ?? current?.id);
    return steps.find((step) => step.id === id) ?? steps.find((step) => step.state === 'ready') ?? steps.at(-1) ?? null;
  });
  readonly #gate: TerminalGate;
  readonly #page: TutorialPage;
  readonly #session: TutorialSession;
  readonly #steps = new Emitter<StepEvent>();
  readonly onStep = this.#steps.event;
  readonly #keyboard: { dispose(): void };
  #showMe: AbortController | null = null;

  constructor(tutorial: Tutorial, page: TutorialPage, seed: string, progress?: TutorialProgress) {
    this.tutorial = tutorial;
    this.#page = page;
    this.#gate = new TerminalGate(page, (question) => (this.question = question));
    const { playground } = page;
    this.#session = openTutorial({
      tutorial,
      facts: page.facts,
      guest: {
        reset: () => page.reset(),
        writeFiles: (files) => playground.files.write(files),
        exec: (command, options) => playground.lines.run(command, options),
      },
      terminal: (index) => page.terminal(index),
      seed,
      ...(progress === undefined ? {} : { progress }),
    });
    this.#keyboard = page.onKeyboard(({ line }) => (line ? this.#session.lineEntered() : this.#session.touch()));
    this.view = $state.raw(this.#session.state);
    this.#session.changed((view) => this.#update(view));
  }

  /** Why starting, starting over, show me … failed in the step that is read; empty for nothing. */
  get problem(): string {
    return this.#problem !== null && this.#problem.step === this.viewed?.id ? this.#problem.message : '';
  }

  /** Each look at the facts of the step that one is in. */
  get onLook(): TutorialSession['looked'] {
    return this.#session.looked;
  }

  progress(): TutorialProgress {
    return this.#session.progress();
  }

  dispose(): void {
    this.#gate.cancel();
    this.stopShowing();
    this.#keyboard.dispose();
    this.#session.dispose();
  }

  /** Checks begin. The machine must be ready. */
  async start(): Promise<void> {
    await this.#try(() => this.#session.start());
    this.#started = true;
    if (this.viewedId !== null) this.#enterIfOpen(this.viewedId);
  }

  /** Whether a command of the prose finds what it is about: not while that is being set up, nor while show me types. */
  get canRun(): boolean {
    return this.#started && !this.showing && this.view.preparing === null && !this.view.resetting;
  }

  setVisible(visible: boolean): void {
    this.#session.setVisible(visible);
  }

  async enter(id: string): Promise<void> {
    await this.#try(() => this.#session.enter(id), id);
    this.viewedId = null;
  }

  async next(): Promise<void> {
    this.viewedId = null;
    await this.#try(() => this.#session.next());
  }

  /** Shows a step without entering it. */
  look(id: string): void {
    this.viewedId = id === this.view.current?.id ? null : id;
  }

  /** To a step that a link names: begun where that is possible, else shown. @returns whether there is one */
  goTo(id: string): boolean {
    if (this.view.steps.every((step) => step.id !== id)) return false;
    this.look(id);
    if (this.#started) this.#enterIfOpen(id);
    return true;
  }

  #enterIfOpen(id: string): void {
    if (this.view.steps.some((step) => step.id === id && step.state === 'ready')) void this.enter(id);
  }

  async answer(text: string): Promise<void> {
    await this.#try(async () => this.#session.answer(text));
  }

  /** Types a command of the prose into the first terminal, as a person would. */
  async run(command: string): Promise<void> {
    this.#problem = null;
    this.#session.touch();
    if (!(await this.#gate.clear(1, /^docker\b/.test(command)))) return;
    this.#page.noteLine();
    await this.#page.terminal(1).write(`${command}\r`);
  }

  /** Types the solution; any key of the learner stops it. */
  async showMe(): Promise<void> {
    const id = this.view.current?.id;
    if (this.#showMe !== null) return;
    this.#problem = null;
    const solution = this.tutorial.steps.find(({ front }) => front.id === id)?.front.solution ?? [];
    if (!(await this.#gate.clearFor(solution))) return;
    const abort = new AbortController();
    this.#showMe = abort;
    this.showing = true;
    const keyboard = this.#page.onKeyboard(() => this.stopShowing());
    try {
      await this.#session.showMe({ signal: abort.signal, reducedMotion: matchMedia('(prefers-reduced-motion: reduce)').matches });
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'cancelled') this.#fail(error, id);
    } finally {
      keyboard.dispose();
      this.#showMe = null;
      this.showing = false;
    }
  }

  stopShowing(): void {
    if (this.#showMe === null || this.#showMe.signal.aborted) return;
    this.#showMe.abort();
    this.announcement = t('tutorial.showMe.interrupted');
  }

  /** Machine and tutorial as at the start. */
  async startOver(): Promise<void> {
    this.stopShowing();
    this.#gate.cancel();
    this.viewedId = null;
    this.#problem = null;
    try {
      await this.#session.reset();
      this.announcement = t('tutorial.reset.done');
    } catch (error) {
      this.#problem = { step: this.viewed?.id, message: t('tutorial.reset.failed', { message: messageOf(error) }) };
    }
  }

  #update(view: TutorialState): void {
    const before = new Map(this.view.steps.map((step) => [step.id, step.state]));
    this.view = view;
    for (const step of view.steps) {
      if (before.get(step.id) === step.state) continue;
      this.#steps.emit({ tutorial: view.manifest.id, step: step.id, state: step.state });
      if (step.state === 'passed') this.announcement = t('tutorial.passed.announce', { title: step.title });
    }
  }

  /** @param step in which it is done; the one in view unless given */
  async #try(action: () => Promise<unknown>, step?: string): Promise<void> {
    this.#problem = null;
    try {
      await action();
    } catch (error) {
      this.#fail(error, step);
    }
  }

  #fail(error: unknown, step: string | undefined = this.viewed?.id): void {
    this.#problem = { step, message: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
