import { ClipboardAddon, type ClipboardSelectionType } from '@xterm/addon-clipboard';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal, type IMarker } from '@xterm/xterm';
import { AppError, cancelled } from '../../base/errors.ts';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/events.ts';
import { utf8 } from '../../base/bytes.ts';
import { iterate, type Duplex } from '../../base/streams.ts';
import { duplexOverPort } from '../../protocol/port-stream.ts';
import type { PlaygroundTerminals } from '../../protocol/playground.ts';
import { t } from '../i18n/messages.ts';
import { copyText } from '../shell/clipboard.ts';
import { bytesOf, withControl, type RowKey } from './keys.ts';
import { palettes, searchMarks } from './palette.ts';
import { isPrompt, type Standing } from './prompt.ts';
import { PromptMarks } from './prompt-marks.ts';
import { logicalLineToCursor, textBetween } from './screen-text.ts';

export interface TerminalLook {
  readonly shade: 'light' | 'dark';
  readonly fontSize: number;
  readonly screenReader: boolean;
}

/** What the page wants to hear from a terminal. */
export interface TerminalEvents {
  /** Keys that leave the terminal, open the search, change the tab or copy the selection. */
  onCommand(command: 'leave' | 'search' | 'previous-tab' | 'next-tab' | 'copy'): void;
  onState(state: TerminalSessionState): void;
}

/** `idle`: not connected yet; `open`: a shell runs; `ended`: it has exited, Enter starts another; `failed`: it could not be opened. */
export type TerminalSessionState = { readonly state: 'idle' | 'open' | 'ended' } | { readonly state: 'failed'; readonly message: string };

const scrollbackLines = 10_000;
/** Bytes that xterm may hold unparsed before the stream is held back. */
const unparsedLimit = 64 * 1024;
const leastColumns = 60;
const escapeTwiceMilliseconds = 500;
/** Within which a shell that is not busy has printed its prompt. */
const promptMilliseconds = 1200;
const fontFamily =
  'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';

/** One xterm on one pty of the guest. It outlives the shell in it: after the end, Enter opens another. */
export class TerminalSession implements Disposable {
  readonly terminal: Terminal;
  readonly search = new SearchAddon();
  readonly #terminals: PlaygroundTerminals;
  readonly #events: TerminalEvents;
  readonly #fit = new FitAddon();
  readonly #owned = new DisposableStore();
  readonly #output = this.#owned.add(new Emitter<string>());
  /** Text as it arrives. */
  readonly onOutput = this.#output.event;
  readonly #control = this.#owned.add(new Emitter<boolean>());
  /** Whether Ctrl of the row of keys is held for the next key. */
  readonly onControl = this.#control.event;
  #controlHeld = false;
  readonly #states = this.#owned.add(new Emitter<TerminalSessionState>());
  readonly #marks: PromptMarks;
  #connection: { readonly id: number; readonly duplex: Duplex } | null = null;
  #lastEnter: IMarker | undefined;
  #lastEscape = Number.NEGATIVE_INFINITY;
  #shade: TerminalLook['shade'];
  #opening = false;
  #disposed = false;

  constructor(terminals: PlaygroundTerminals, look: TerminalLook, events: TerminalEvents) {
    this.#terminals = terminals;
    this.#events = events;
    this.#shade = look.shade;
    Terminal.strings.tooMuchOutput = t('terminal.tooMuchOutput');
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      fontFamily,
      fontSize: look.fontSize,
      lineHeight: 1.2,
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      screenReaderMode: look.screenReader,
      scrollback: scrollbackLines,
      theme: palettes[look.shade],
    });
    this.#marks = this.#owned.add(new PromptMarks(this.terminal));
  }

  /** Puts the terminal into the page. */
  mount(host: HTMLElement, name: string): void {
    const { terminal } = this;
    terminal.open(host);
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.search);
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = '11';
    terminal.loadAddon(new WebLinksAddon((_event, uri) => void window.open(uri, '_blank', 'noopener,noreferrer')));
    terminal.loadAddon(new ClipboardAddon(undefined, writeOnlyClipboard));
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
    this.#owned.add(terminal.onResize(({ rows, cols }) => this.#resized({ rows, columns: cols })));
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
    this.terminal.options.theme = palettes[look.shade];
    this.terminal.options.fontSize = look.fontSize;
    this.terminal.options.screenReaderMode = look.screenReader;
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
  async open(): Promise<void> {
    if (this.#connection !== null || this.#opening || this.#disposed) return;
    this.#opening = true;
    try {
      const { rows, cols } = this.terminal;
      const { id, port } = await this.#terminals.open({ rows, columns: cols });
      const duplex = duplexOverPort(port);
      if (this.#disposed) {
        duplex.source.cancel();
        await this.#terminals.close(id);
        return;
      }
      this.#connection = { id, duplex };
      this.#setState({ state: 'open' });
      // The window may have changed while the call was under way.
      this.#resized({ rows: this.terminal.rows, columns: this.terminal.cols });
      void this.#readOutput(duplex);
    } catch (error) {
      this.#setState({ state: 'failed', message: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#opening = false;
    }
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
    if (this.#connection === null) return 'closed';
    if (this.#standing() === 'program') await this.waitForPrompt(AbortSignal.timeout(promptMilliseconds)).catch(() => undefined);
    return this.#standing();
  }

  #standing(): Exclude<Standing, 'closed'> {
    if (this.#enterPending()) return 'program';
    return this.#marks.standing() ?? (isPrompt(this.#lineToCursor()) ? 'inside' : 'program');
  }

  /** Resolves when the cursor stands behind a prompt. @throws AppError `cancelled`, `unavailable` when the shell ends or cannot be opened */
  async waitForPrompt(signal: AbortSignal): Promise<void> {
    if (this.#atPrompt()) return;
    const watched = new DisposableStore();
    try {
      await new Promise<void>((resolve, reject) => {
        watched.add(this.terminal.onWriteParsed(() => this.#atPrompt() && resolve()));
        watched.add(
          this.#states.event((state) => {
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
    const { active } = this.terminal.buffer;
    if (this.#lastEnter === undefined || this.#lastEnter.isDisposed) return '';
    const cursor = active.baseY + active.cursorY;
    return textBetween(active, this.#lastEnter.line + 1, this.#atPrompt() ? cursor : cursor + 1);
  }

  /** Options of a search, with the colours of the theme. */
  searchOptions(incremental: boolean) {
    return { incremental, decorations: searchMarks[this.#shade] };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#drop();
    this.#states.emit({ state: 'ended' });
    this.#owned.dispose();
    this.terminal.dispose();
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#lastEnter = undefined;
    this.#marks.lineSent();
    if (connection === null) return;
    connection.duplex.source.cancel();
    this.#terminals.close(connection.id).catch(() => undefined);
  }

  async #readOutput(duplex: Duplex): Promise<void> {
    const decoder = new TextDecoder();
    try {
      let unparsed = 0;
      for await (const chunk of iterate(duplex.source)) {
        unparsed += chunk.length;
        const parsed = new Promise<void>((resolve) =>
          this.terminal.write(chunk, () => {
            unparsed -= chunk.length;
            this.#output.emit(decoder.decode(chunk, { stream: true }));
            resolve();
          }),
        );
        // xterm parses in a timer of its own: to wait for each chunk would cost a timer a line.
        if (unparsed > unparsedLimit) await parsed;
      }
    } catch {
      // The worker ended the stream; to the person it is the same as an exit.
    }
    if (this.#connection?.duplex !== duplex) return;
    this.#connection = null;
    this.terminal.write(`\r\n${t('terminal.ended')}\r\n`);
    this.#setState({ state: 'ended' });
  }

  #send(text: string, bytes: Uint8Array): void {
    const connection = this.#connection;
    if (connection === null) {
      if (text.includes('\r')) void this.open();
      return;
    }
    if (text.includes('\r')) {
      this.#marks.lineSent();
      this.#lastEnter?.dispose();
      this.#lastEnter = this.terminal.registerMarker(0);
    }
    connection.duplex.sink.write(bytes).catch(() => undefined);
  }

  #resized(size: { readonly rows: number; readonly columns: number }): void {
    if (this.#connection !== null) this.#terminals.resize(this.#connection.id, size).catch(() => undefined);
  }

  #setState(state: TerminalSessionState): void {
    this.#events.onState(state);
    this.#states.emit(state);
  }

  /** After Enter the cursor's line must be another one first. */
  #atPrompt(): boolean {
    return !this.#enterPending() && (this.#marks.standing() === 'prompt' || isPrompt(this.#lineToCursor()));
  }

  #enterPending(): boolean {
    const { active } = this.terminal.buffer;
    return this.#lastEnter !== undefined && !this.#lastEnter.isDisposed && this.#lastEnter.line === active.baseY + active.cursorY;
  }

  #lineToCursor(): string {
    return logicalLineToCursor(this.terminal.buffer.active).text;
  }

  /** false: the page takes the key. */
  #handleKey(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true;
    const control = event.ctrlKey && !event.metaKey;
    if (control && event.shiftKey && event.code === 'KeyC') {
      return this.#take(event, 'copy');
    }
    // The browser's own "paste as text" follows and xterm takes it; no permission is needed that way.
    if (control && event.shiftKey && event.code === 'KeyV') return false;
    if (control && event.shiftKey && event.code === 'KeyF') return this.#take(event, 'search');
    if (control && event.altKey && event.code === 'ArrowLeft') return this.#take(event, 'previous-tab');
    if (control && event.altKey && event.code === 'ArrowRight') return this.#take(event, 'next-tab');
    if (event.code === 'Escape' && !event.repeat) {
      const twice = event.timeStamp - this.#lastEscape < escapeTwiceMilliseconds;
      this.#lastEscape = twice ? Number.NEGATIVE_INFINITY : event.timeStamp;
      if (twice) return this.#take(event, 'leave');
    }
    return true;
  }

  #take(event: KeyboardEvent, command: Parameters<TerminalEvents['onCommand']>[0]): false {
    event.preventDefault();
    this.#events.onCommand(command);
    return false;
  }
}

/** OSC 52 from a container may fill the clipboard but never read it. */
const writeOnlyClipboard = {
  readText: (_selection: ClipboardSelectionType): string => '',
  writeText: async (selection: ClipboardSelectionType, text: string): Promise<void> => {
    if (selection !== 'c') return;
    await copyText(text);
  },
};
