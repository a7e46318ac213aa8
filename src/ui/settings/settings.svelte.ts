import { getContext, setContext } from 'svelte';
import { parseRelayAddress } from '../../grammar/relay-address.ts';

export type Theme = 'system' | 'light' | 'dark';

const storageKey = 'drydock.settings';
export const fontSizes = { least: 10, most: 24 } as const;
/** Pixels of the guide beside the terminal. */
export const guideWidths = { least: 320, standard: 416, most: 760 } as const;

interface Stored {
  readonly theme: Theme;
  readonly fontSize: number;
  readonly screenReader: boolean;
  readonly guideWidth: number;
  /** Of a wisp relay; '' = none. */
  readonly relay: string;
}

const standard: Stored = { theme: 'system', fontSize: 14, screenReader: false, guideWidth: guideWidths.standard, relay: '' };

/** What a person chose for this browser, kept in localStorage where that is allowed. */
export class Settings {
  #theme: Theme = $state('system');
  /** What the address asks for, until a person chooses. */
  #asked: Theme | null = $state(null);
  fontSize: number = $state(standard.fontSize);
  screenReader: boolean = $state(false);
  guideWidth: number = $state(standard.guideWidth);
  relay: string = $state(standard.relay);
  #systemDark = $state(false);
  /** The theme in force. */
  readonly shade: 'light' | 'dark' = $derived(this.theme === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.theme);

  /** @param asked shown in place of the kept theme, and not kept */
  constructor(asked: Theme | null = null) {
    this.#asked = asked;
    this.#take(readStored());
    // Another tab of the page saved: this one shows the same, and does not overwrite it later with what it had.
    addEventListener('storage', ({ key }) => {
      if (key === storageKey) this.#take(readStored());
    });
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#systemDark = query.matches;
    query.addEventListener('change', (event) => (this.#systemDark = event.matches));
  }

  get theme(): Theme {
    return this.#asked ?? this.#theme;
  }

  set theme(chosen: Theme) {
    this.#asked = null;
    this.#theme = chosen;
  }

  #take({ theme, fontSize, screenReader, guideWidth, relay }: Stored): void {
    this.#theme = theme;
    Object.assign(this, { fontSize, screenReader, guideWidth, relay });
  }

  save(): void {
    const { fontSize, screenReader, guideWidth, relay } = this;
    try {
      localStorage.setItem(storageKey, JSON.stringify({ theme: this.#theme, fontSize, screenReader, guideWidth, relay }));
    } catch {
      // Storage may be blocked in an iframe; the choice then lasts as long as the page.
    }
  }
}

function readStored(): Stored {
  try {
    return parseStored(JSON.parse(localStorage.getItem(storageKey) ?? 'null'));
  } catch {
    return standard;
  }
}

/** Anything that does not fit is the standard value. */
export function parseStored(value: unknown): Stored {
  if (typeof value !== 'object' || value === null) return standard;
  const theme = 'theme' in value && (value.theme === 'light' || value.theme === 'dark') ? value.theme : standard.theme;
  const size = 'fontSize' in value && typeof value.fontSize === 'number' ? Math.round(value.fontSize) : standard.fontSize;
  const fontSize = size >= fontSizes.least && size <= fontSizes.most ? size : standard.fontSize;
  const width = 'guideWidth' in value && typeof value.guideWidth === 'number' ? Math.round(value.guideWidth) : standard.guideWidth;
  const guideWidth = width >= guideWidths.least && width <= guideWidths.most ? width : standard.guideWidth;
  const relay = 'relay' in value && typeof value.relay === 'string' ? (parseRelayAddress(value.relay) ?? standard.relay) : standard.relay;
  return { theme, fontSize, screenReader: 'screenReader' in value && value.screenReader === true, guideWidth, relay };
}

const key = Symbol('settings');

export function provideSettings(settings: Settings): void {
  setContext(key, settings);
}

export function getSettings(): Settings {
  return getContext<Settings>(key);
}
