import type { IMarker } from '@xterm/xterm';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { logicalLineToCursor, type CursorBuffer } from './screen-text.ts';

/** What marks need of an xterm. */
export interface MarkedTerminal {
  readonly buffer: { readonly active: CursorBuffer };
  readonly parser: { registerOscHandler(code: number, handler: (data: string) => boolean): Disposable };
  registerMarker(offset: number): Pick<IMarker, 'line' | 'isDisposed' | 'dispose'> | undefined;
}

/** The shell of the Docker host signs its marks (kernel/rootfs/files/etc/profile.d/prompt.sh): a container's shell may have marks of its own. */
const hostPromptEnds = /^B;(?:.*;)?aid=drydock(?:;|$)/;

/**
 * Where the host's shell waits for a line, told by the shell itself: OSC 133 (the "semantic prompts" of FinalTerm and others), of which `B` ends a prompt.
 * The place is kept as a position in the unwrapped line.
 */
export class PromptMarks implements Disposable {
  readonly #terminal: MarkedTerminal;
  readonly #owned = new DisposableStore();
  #end: { readonly marker: NonNullable<ReturnType<MarkedTerminal['registerMarker']>>; readonly length: number } | null = null;

  constructor(terminal: MarkedTerminal) {
    this.#terminal = terminal;
    this.#owned.add(
      terminal.parser.registerOscHandler(133, (data) => {
        if (hostPromptEnds.test(data)) this.#promptEnds();
        return true;
      }),
    );
  }

  /** `prompt`: the cursor stands right behind the host's prompt; `typed`: further on its line; null: somewhere else. */
  standing(): 'prompt' | 'typed' | null {
    if (this.#end === null || this.#end.marker.isDisposed) return null;
    const { start, text } = logicalLineToCursor(this.#terminal.buffer.active);
    if (this.#end.marker.line !== start) return null;
    // Shorter where the window became narrower than the prompt: xterm cuts the line that the cursor is on.
    return text.length <= this.#end.length ? 'prompt' : 'typed';
  }

  /** Enter was pressed: the line is the shell's, what it prints next is no prompt until it says so. */
  lineSent(): void {
    this.#end?.marker.dispose();
    this.#end = null;
  }

  dispose(): void {
    this.lineSent();
    this.#owned.dispose();
  }

  #promptEnds(): void {
    this.lineSent();
    const { active } = this.#terminal.buffer;
    const { start, text } = logicalLineToCursor(active);
    const marker = this.#terminal.registerMarker(start - (active.baseY + active.cursorY));
    if (marker !== undefined) this.#end = { marker, length: text.length };
  }
}
