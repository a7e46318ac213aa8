import { ClipboardAddon, type ClipboardSelectionType } from '@xterm/addon-clipboard';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { t } from '../i18n/messages.ts';
import { copyText } from '../shell/clipboard.ts';
import { palettes } from './palette.ts';

export interface TerminalLook {
  readonly shade: 'light' | 'dark';
  readonly fontSize: number;
  readonly screenReader: boolean;
}

const scrollbackLines = 10_000;
const fontFamily =
  'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';

export function createXterm(look: TerminalLook): Terminal {
  Terminal.strings.tooMuchOutput = t('terminal.tooMuchOutput');
  return new Terminal({
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
}

export function applyLook({ options }: Terminal, look: TerminalLook): void {
  options.theme = palettes[look.shade];
  options.fontSize = look.fontSize;
  options.screenReaderMode = look.screenReader;
}

/** Widths of characters, links that open in a tab of their own, the clipboard. The terminal must be in the page. */
export function addAbilities(terminal: Terminal): void {
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  terminal.loadAddon(new WebLinksAddon((_event, uri) => void window.open(uri, '_blank', 'noopener,noreferrer')));
  terminal.loadAddon(new ClipboardAddon(undefined, writeOnlyClipboard));
}

/** OSC 52 from a container may fill the clipboard but never read it. */
const writeOnlyClipboard = {
  readText: (_selection: ClipboardSelectionType): string => '',
  writeText: async (selection: ClipboardSelectionType, text: string): Promise<void> => {
    if (selection !== 'c') return;
    await copyText(text);
  },
};
