import type { IMarker, Terminal } from '@xterm/xterm';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { AppError, cancelled } from '../../base/errors.ts';
import type { Event } from '../../base/events.ts';
import { t } from '../i18n/messages.ts';
import { isPrompt, type Standing } from './prompt.ts';
import { PromptMarks } from './prompt-marks.ts';
import { logicalLineToCursor, textBetween } from './screen-text.ts';
import type { ShellState } from './shell-link.ts';

/** Within which a shell that is not busy has printed its prompt. */
const promptMilliseconds = 1200;

/** Where the cursor of a terminal stands: behind a prompt, on a line, in a program; and what came since the last Enter. */
export class PromptWatch implements Disposable {
  readonly #terminal: Terminal;
  readonly #marks: PromptMarks;
  readonly #states: Event<ShellState>;
  #lastEnter: IMarker | undefined;

  constructor(terminal: Terminal, states: Event<ShellState>) {
    this.#terminal = terminal;
    this.#marks = new PromptMarks(terminal);
    this.#states = states;
  }

  /** A line was sent: what is on the screen now is no prompt any more. */
  lineSent(): void {
    this.#marks.lineSent();
    this.#lastEnter?.dispose();
    this.#lastEnter = this.#terminal.registerMarker(0);
  }

  /** Another shell stands behind the screen. */
  forget(): void {
    this.#lastEnter = undefined;
    this.#marks.lineSent();
  }

  /** What a line that is typed now would go to. A shell that is about to ask for a line is given a moment. */
  async standing(): Promise<Exclude<Standing, 'closed'>> {
    if (this.#standing() === 'program') await this.wait(AbortSignal.timeout(promptMilliseconds)).catch(() => undefined);
    return this.#standing();
  }

  /** Resolves when the cursor stands behind a prompt. @throws AppError `cancelled`, `unavailable` when the shell ends or cannot be opened */
  async wait(signal: AbortSignal): Promise<void> {
    if (this.#atPrompt()) return;
    const watched = new DisposableStore();
    try {
      await new Promise<void>((resolve, reject) => {
        watched.add(this.#terminal.onWriteParsed(() => this.#atPrompt() && resolve()));
        watched.add(
          this.#states((state) => {
            if (state.state === 'failed') reject(new AppError('unavailable', state.message));
            else if (state.state === 'ended') reject(new AppError('unavailable', t('terminal.ended')));
          }),
        );
        const abort = (): void => reject(cancelled('waiting for the prompt'));
        signal.addEventListener('abort', abort, { once: true });
        watched.add({ dispose: () => signal.removeEventListener('abort', abort) });
        if (signal.aborted) abort();
      });
    } finally {
      watched.dispose();
    }
  }

  /** What was printed since the last Enter, without the prompt after it; empty when there is nothing. */
  lastOutput(): string {
    const { active } = this.#terminal.buffer;
    if (this.#lastEnter === undefined || this.#lastEnter.isDisposed) return '';
    const cursor = active.baseY + active.cursorY;
    return textBetween(active, this.#lastEnter.line + 1, this.#atPrompt() ? cursor : cursor + 1);
  }

  dispose(): void {
    this.#marks.dispose();
  }

  #standing(): Exclude<Standing, 'closed'> {
    if (this.#enterPending()) return 'program';
    return this.#marks.standing() ?? (isPrompt(this.#lineToCursor()) ? 'inside' : 'program');
  }

  /** After Enter the cursor's line must be another one first. */
  #atPrompt(): boolean {
    return !this.#enterPending() && (this.#marks.standing() === 'prompt' || isPrompt(this.#lineToCursor()));
  }

  #enterPending(): boolean {
    const { active } = this.#terminal.buffer;
    return this.#lastEnter !== undefined && !this.#lastEnter.isDisposed && this.#lastEnter.line === active.baseY + active.cursorY;
  }

  #lineToCursor(): string {
    return logicalLineToCursor(this.#terminal.buffer.active).text;
  }
}
