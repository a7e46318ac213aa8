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
  type TutorialTerminal,
} from '../../tutorial/index.ts';
import { t } from '../i18n/messages.ts';
import type { Standing } from '../terminal/prompt.ts';

/** Within which a new terminal has its prompt. */
const promptMilliseconds = 15_000;

/** What the pane asks of the page. */
export interface TutorialPage {
  readonly playground: Playground;
  readonly facts: FactSource;
  /** The terminal with this number from 1, in front. */
  terminal(index: number): TutorialTerminal;
  /** What a line that is typed into it would go to. */
  standing(index: number): Promise<Standing>;
  /** As its tab calls it. */
  nameOf(index: number): string;
  /** A new tab takes its place. */
  renew(index: number): void;
  /** A key or paste of the person at the keyboard. */
  onKeyboard(listener: () => void): { dispose(): void };
  reset(): Promise<number>;
}

/** The terminal is not where a command could be typed: what is to be done? */
export interface TerminalQuestion {
  /** Its name. */
  readonly terminal: string;
  readonly why: 'typed' | 'inside' | 'program';
  readonly choices: readonly TerminalChoice[];
  answer(choice: TerminalChoice | 'cancel'): void;
}
/** `clear` what is on the line; use a `new` terminal; type it `here` all the same. */
export type TerminalChoice = 'clear' | 'new' | 'here';

const choicesOf = { typed: ['clear', 'new'], inside: ['new', 'here'], program: ['new'] } as const;
/** Ctrl-E, Ctrl-U: to the end of the line, and all before it away. */
const clearLine = '\x05\x15';

/** The open tutorial as the pane shows it. */
export class TutorialPaneState {
  view: TutorialState;
  /** Step that is read; the current one unless the learner looks back. */
  viewedId: string | null = $state(null);
  /** Read out by the status region. */
  announcement: string = $state('');
  /** Why starting, starting over or show me failed. */
  problem: string = $state('');
  showing: boolean = $state(false);
  #started: boolean = $state(false);
  question: TerminalQuestion | null = $state.raw(null);
  readonly tutorial: Tutorial;
  readonly viewed: StepView | null = $derived.by(() => {
    const { steps, current, resetting } = this.view;
    const id = resetting ? steps[0]?.id : (this.viewedId ?? current?.id);
    return steps.find((step) => step.id === id) ?? steps.find((step) => step.state === 'ready') ?? steps.at(-1) ?? null;
  });
  readonly #page: TutorialPage;
  readonly #session: TutorialSession;
  readonly #steps = new Emitter<StepEvent>();
  readonly onStep = this.#steps.event;
  readonly #keyboard: { dispose(): void };
  #showMe: AbortController | null = null;

  constructor(tutorial: Tutorial, page: TutorialPage, seed: string, progress?: TutorialProgress) {
    this.tutorial = tutorial;
    this.#page = page;
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
    this.#keyboard = page.onKeyboard(() => this.#session.touch());
    this.view = $state.raw(this.#session.state);
    this.#session.changed((view) => this.#update(view));
  }

  /** Each look at the facts of the step that one is in. */
  get onLook(): TutorialSession['looked'] {
    return this.#session.looked;
  }

  progress(): TutorialProgress {
    return this.#session.progress();
  }

  dispose(): void {
    this.question?.answer('cancel');
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
    return this.#started && !this.showing && !this.view.preparing && !this.view.resetting;
  }

  setVisible(visible: boolean): void {
    this.#session.setVisible(visible);
  }

  async enter(id: string): Promise<void> {
    await this.#try(async () => this.#session.enter(id));
    this.viewedId = null;
  }

  async next(): Promise<void> {
    await this.#try(async () => this.#session.next());
    this.viewedId = null;
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

  /** Types a command of the prose into the terminal, as a person would. */
  async run(command: string): Promise<void> {
    this.problem = '';
    this.#session.touch();
    if (await this.#clearTerminal(/^docker\b/.test(command))) await this.#page.terminal(1).write(`${command}\r`);
  }

  /** A shell throws away what was typed before it was ready: its prompt is waited for. One that never comes is typed at all the same. */
  async #renewTerminal(): Promise<void> {
    this.#page.renew(1);
    await this.#page
      .terminal(1)
      .untilPrompt(AbortSignal.timeout(promptMilliseconds))
      .catch(() => undefined);
  }

  /**
   * Sees to it that what is typed next is a line for a shell. @param host for the shell of the Docker host, not one in a container
   * @returns whether to type it
   */
  async #clearTerminal(host: boolean): Promise<boolean> {
    this.question?.answer('cancel');
    const why = await this.#page.standing(1);
    if (why === 'prompt' || why === 'closed' || (why === 'inside' && !host)) return true;
    const choice = await new Promise<TerminalChoice | 'cancel'>((resolve) => {
      this.question = { terminal: this.#page.nameOf(1), why, choices: choicesOf[why], answer: resolve };
    });
    this.question = null;
    if (choice === 'new') await this.#renewTerminal();
    if (choice === 'clear') await this.#page.terminal(1).write(clearLine);
    return choice !== 'cancel';
  }

  /** Types the solution; any key of the learner stops it. */
  async showMe(): Promise<void> {
    if (this.#showMe !== null) return;
    this.problem = '';
    if (!(await this.#clearTerminal(true))) return;
    const abort = new AbortController();
    this.#showMe = abort;
    this.showing = true;
    const keyboard = this.#page.onKeyboard(() => this.stopShowing());
    try {
      await this.#session.showMe({ signal: abort.signal, reducedMotion: matchMedia('(prefers-reduced-motion: reduce)').matches });
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'cancelled') this.problem = messageOf(error);
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
    this.question?.answer('cancel');
    this.viewedId = null;
    this.problem = '';
    try {
      await this.#session.reset();
      this.announcement = t('tutorial.reset.done');
    } catch (error) {
      this.problem = t('tutorial.reset.failed', { message: messageOf(error) });
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

  async #try(action: () => Promise<unknown>): Promise<void> {
    this.problem = '';
    try {
      await action();
    } catch (error) {
      this.problem = messageOf(error);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
