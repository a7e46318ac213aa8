export type Theme = 'system' | 'light' | 'dark';

const storageKey = 'drydock.settings';
export const fontSizes = { least: 10, most: 24 } as const;

interface Stored {
  readonly theme: Theme;
  readonly fontSize: number;
  readonly screenReader: boolean;
}

const standard: Stored = { theme: 'system', fontSize: 14, screenReader: false };

/** What a person chose for this browser, kept in localStorage where that is allowed. */
export class Settings {
  theme: Theme = $state('system');
  fontSize: number = $state(standard.fontSize);
  screenReader: boolean = $state(false);
  #systemDark = $state(false);
  /** The theme in force. */
  readonly shade: 'light' | 'dark' = $derived(this.theme === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.theme);

  constructor() {
    const stored = readStored();
    this.theme = stored.theme;
    this.fontSize = stored.fontSize;
    this.screenReader = stored.screenReader;
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#systemDark = query.matches;
    query.addEventListener('change', (event) => (this.#systemDark = event.matches));
  }

  save(): void {
    const { theme, fontSize, screenReader } = this;
    try {
      localStorage.setItem(storageKey, JSON.stringify({ theme, fontSize, screenReader }));
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
  return { theme, fontSize, screenReader: 'screenReader' in value && value.screenReader === true };
}
