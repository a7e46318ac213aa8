import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import type { Terminal } from '@xterm/xterm';
import { utf8 } from '../../base/bytes.ts';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/events.ts';
import type { PlaygroundTerminals } from '../../protocol/playground.ts';
import { t } from '../i18n/messages.ts';
import { bytesOf, withControl, type RowKey } from './keys.ts';
import { searchMarks } from './palette.ts';
import type { Standing } from './prompt.ts';
import { PromptWatch } from './prompt-watch.ts';
import { ShellLink, type ShellState } from './shell-link.ts';
import { Shortcuts, type TerminalCommand } from './shortcuts.ts';
import { addAbilities, applyLook, createXterm, type TerminalLook } from './xterm.ts';

/** What the page wants to hear from a terminal. */
export interface TerminalEvents {
  onCommand(command: TerminalCommand): void;
  onState(state: ShellState): void;
}

const leastColumns = 60;

/** One xterm on one pty of the guest. It outlives the shell in it: after the end, Enter opens another. */
export class TerminalSession implements Disposable {
  readonly terminal: Terminal;
  readonly search = new SearchAddon();
  readonly #events: TerminalEvents;
  readonly #fit = new FitAddon();
  readonly #shortcuts = new Shortcuts();
  readonly #owned = new DisposableStore();
  readonly #output = this.#owned.add(new Emitter<string>());
  /** Text as it arrives. */
  readonly onOutput = this.#output.event;
  readonly #control = this.#owned.add(new Emitter<boolean>());
  /** Whether Ctrl of the row of keys is held for the next key. */
  readonly onControl = this.#control.event;
  #controlHeld = false;
  readonly #states = this.#owned.add(new Emitter<ShellState>());
  readonly #prompt: PromptWatch;
  readonly #shell: ShellLink;
  #decoder = new TextDecoder();
  #shade: TerminalLook['shade'];
  #disposed = false;

  constructor(terminals: PlaygroundTerminals, look: TerminalLook, events: TerminalEvents) {
    this.#events = events;
    this.#shade = look.shade;
    this.terminal = createXterm(look);
    this.#prompt = this.#owned.add(new PromptWatch(this.terminal, this.#states.event));
    this.#shell = new ShellLink(terminals, {
      size: () => ({ rows: this.terminal.rows, columns: this.terminal.cols }),
      write: (chunk) => this.#write(chunk),
      onState: (state) => this.#setState(state),
    });
  }

  /** Puts the terminal into the page. */
  mount(host: HTMLElement, name: string): void {
    const { terminal } = this;
    terminal.open(host);
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.search);
    addAbilities(terminal);
    this.setName(name);
    terminal.attachCustomKeyEventHandler((event) => this.#handleKey(event));
    this.#owned.add(
      terminal.onData((data) => {
        const sent = this.#controlHeld ? (withControl(data) ?? data) : data;
        this.holdControl(false);
        this.#send(sent, utf8(sent));
      }),
    );
    this.#owned.add(
      terminal.onBinary((data) =>
        this.#send(
          data,
          Uint8Array.from(data, (character) => character.charCodeAt(0)),
        ),
      ),
    );
    this.#owned.add(terminal.onResize(() => this.#shell.resize()));
    const observer = new ResizeObserver(() => this.fit());
    observer.observe(host);
    this.#owned.add({ dispose: () => observer.disconnect() });
    this.fit();
  }

  setName(name: string): void {
    this.terminal.textarea?.setAttribute('aria-label', t('terminal.label', { name }));
  }

  setLook(look: TerminalLook): void {
    this.#shade = look.shade;
    applyLook(this.terminal, look);
    this.fit();
  }

  /** As many rows and columns as there is room for; nothing while hidden. */
  fit(): void {
    const proposed = this.#fit.proposeDimensions();
    if (proposed === undefined || !(proposed.cols > 1) || !(proposed.rows > 1)) return;
    // Tables of docker are unreadable in the 40 columns of a phone: the view scrolls sideways in their place.
    this.terminal.resize(Math.max(proposed.cols, leastColumns), proposed.rows);
  }

  /** Opens a shell unless one is open. */
  open(): Promise<void> {
    return this.#shell.open();
  }

  /** A clean screen and a new shell, for a machine that was reset. */
  async reopen(): Promise<void> {
    this.#drop();
    this.terminal.reset();
    await this.open();
  }

  /** Keys into the pty, as a keyboard would send them. */
  type(text: string): void {
    this.terminal.input(text, false);
  }

  /** A key of the row, as the keyboard would send it. */
  press(key: RowKey): void {
    const sequence = bytesOf(key, this.terminal.modes.applicationCursorKeysMode, this.#controlHeld);
    this.holdControl(false);
    this.terminal.input(sequence, true);
  }

  /** Ctrl for the next key only. */
  holdControl(held: boolean): void {
    if (this.#controlHeld === held) return;
    this.#controlHeld = held;
    this.#control.emit(held);
  }

  focus(): void {
    this.terminal.focus();
  }

  /** What a line that is typed now would go to. A shell that is about to ask for a line is given a moment. */
  async standing(): Promise<Standing> {
    return this.#shell.isOpen ? this.#prompt.standing() : 'closed';
  }

  /** Resolves when the cursor stands behind a prompt. @throws AppError `cancelled`, `unavailable` when the shell ends or cannot be opened */
  waitForPrompt(signal: AbortSignal): Promise<void> {
    return this.#prompt.wait(signal);
  }

  /** What was printed since the last Enter, without the prompt after it; empty when there is nothing. */
  lastOutput(): string {
    return this.#prompt.lastOutput();
  }

  /** Options of a search, with the colours of the theme. */
  searchOptions(incremental: boolean) {
    return { incremental, decorations: searchMarks[this.#shade] };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#shell.dispose();
    this.#states.emit({ state: 'ended' });
    this.#owned.dispose();
    this.terminal.dispose();
  }

  #drop(): void {
    this.#shell.drop();
    this.#prompt.forget();
  }

  #write(chunk: Uint8Array): Promise<void> {
    const decoder = this.#decoder;
    return new Promise((resolve) =>
      this.terminal.write(chunk, () => {
        this.#output.emit(decoder.decode(chunk, { stream: true }));
        resolve();
      }),
    );
  }

  #send(text: string, bytes: Uint8Array): void {
    const isLine = text.includes('\r');
    if (!this.#shell.isOpen) {
      if (isLine) void this.open();
      return;
    }
    if (isLine) this.#prompt.lineSent();
    this.#shell.send(bytes);
  }

  #setState(state: ShellState): void {
    // A character that was cut off with one shell is not ended by the next.
    if (state.state === 'open') this.#decoder = new TextDecoder();
    if (state.state === 'ended') this.terminal.write(`\r\n${t('terminal.ended')}\r\n`);
    this.#events.onState(state);
    this.#states.emit(state);
  }

  /** false: not the terminal's. */
  #handleKey(event: KeyboardEvent): boolean {
    const command = this.#shortcuts.commandOf(event);
    if (command === null) return true;
    if (command === 'browser') return false;
    event.preventDefault();
    this.#events.onCommand(command);
    return false;
  }
}
