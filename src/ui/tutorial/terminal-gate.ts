import type { Directive, TutorialTerminal } from '../../tutorial/index.ts';
import type { Standing } from '../terminal/prompt.ts';

/** Within which a new terminal has its prompt. */
const promptMilliseconds = 15_000;

/** The terminals of a tutorial, by number from 1. */
export interface GateTerminals {
  /** In front. */
  terminal(index: number): TutorialTerminal;
  /** What a line that is typed into it would go to. */
  standing(index: number): Promise<Standing>;
  /** As its tab calls it. */
  nameOf(index: number): string;
  /** A new tab takes its place. */
  renew(index: number): void;
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

/** Looks where a line would go to before one is typed; asks where that is no shell that waits. */
export class TerminalGate {
  readonly #terminals: GateTerminals;
  readonly #onQuestion: (question: TerminalQuestion | null) => void;
  #open: TerminalQuestion | null = null;

  /** @param onQuestion to put to the learner; null: it is answered */
  constructor(terminals: GateTerminals, onQuestion: (question: TerminalQuestion | null) => void) {
    this.#terminals = terminals;
    this.#onQuestion = onQuestion;
  }

  /**
   * Sees to it that what is typed next into a terminal is a line for a shell. @param host for the shell of the Docker host, not one in a container
   * @returns whether to type it
   */
  async clear(index: number, host: boolean): Promise<boolean> {
    this.cancel();
    const why = await this.#terminals.standing(index);
    if (why === 'closed') await this.#opened(index);
    if (why === 'prompt' || why === 'closed' || (why === 'inside' && !host)) return true;
    const choice = await this.#ask(index, why);
    if (choice === 'new') this.#terminals.renew(index);
    if (choice === 'new') await this.#opened(index);
    if (choice === 'clear') await this.#terminals.terminal(index).write(clearLine);
    return choice !== 'cancel';
  }

  /** As `clear`, of every terminal that a solution is typed into. */
  async clearFor(solution: readonly Directive[]): Promise<boolean> {
    for (const index of typedInto(solution)) if (!(await this.clear(index, true))) return false;
    return true;
  }

  cancel(): void {
    this.#open?.answer('cancel');
  }

  async #ask(index: number, why: TerminalQuestion['why']): Promise<TerminalChoice | 'cancel'> {
    const choice = await new Promise<TerminalChoice | 'cancel'>((resolve) => {
      this.#open = { terminal: this.#terminals.nameOf(index), why, choices: choicesOf[why], answer: resolve };
      this.#onQuestion(this.#open);
    });
    this.#open = null;
    this.#onQuestion(null);
    return choice;
  }

  /** A shell throws away what was typed before it was ready: its prompt is waited for. One that never comes is typed at all the same. */
  async #opened(index: number): Promise<void> {
    const terminal = this.#terminals.terminal(index);
    await terminal.write('').catch(() => undefined);
    await terminal.untilPrompt(AbortSignal.timeout(promptMilliseconds)).catch(() => undefined);
  }
}

/** Terminals that something is typed into, from the first on; edits, waits and answers need none. */
export const typedInto = (solution: readonly Directive[]): readonly number[] => [
  ...new Set(solution.filter((line) => 'run' in line || 'type' in line || 'keys' in line).map(({ terminal = 1 }) => terminal)),
];
