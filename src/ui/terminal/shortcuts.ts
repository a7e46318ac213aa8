import type { MessageKey } from '../i18n/messages.ts';

/** What the page does for a key in a terminal: leave it, open the search, change the tab, copy the selection. */
export type TerminalCommand = 'leave' | 'search' | 'previous-tab' | 'next-tab' | 'copy';

/** As the settings list them. */
export const shortcutHelp: readonly (readonly [what: MessageKey, keys: string])[] = [
  ['settings.keys.leave', 'Esc Esc'],
  ['settings.keys.tab', 'Ctrl+Alt+← →'],
  ['settings.keys.copy', 'Ctrl+Shift+C  Ctrl+Shift+V'],
  ['settings.keys.search', 'Ctrl+Shift+F'],
];

type Key = Pick<KeyboardEvent, 'type' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey' | 'repeat' | 'timeStamp'>;

const escapeTwiceMilliseconds = 500;

/** Keys that the page takes from the terminal. Everything else is the program's. */
export class Shortcuts {
  #lastEscape = Number.NEGATIVE_INFINITY;

  /** `browser`: the key is left to the browser; null: it is the terminal's. */
  commandOf(event: Key): TerminalCommand | 'browser' | null {
    if (event.type !== 'keydown') return null;
    if (event.code === 'Escape' && !event.repeat) return this.#escape(event.timeStamp);
    if (!event.ctrlKey || event.metaKey) return null;
    if (event.shiftKey) {
      if (event.code === 'KeyC') return 'copy';
      // The browser's own "paste as text" follows and xterm takes it; no permission is needed that way.
      if (event.code === 'KeyV') return 'browser';
      if (event.code === 'KeyF') return 'search';
    }
    if (event.altKey && event.code === 'ArrowLeft') return 'previous-tab';
    if (event.altKey && event.code === 'ArrowRight') return 'next-tab';
    return null;
  }

  /** Both reach the program too, but the second one leaves. */
  #escape(now: number): 'leave' | null {
    const twice = now - this.#lastEscape < escapeTwiceMilliseconds;
    this.#lastEscape = twice ? Number.NEGATIVE_INFINITY : now;
    return twice ? 'leave' : null;
  }
}
