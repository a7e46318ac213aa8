import type { ITheme } from '@xterm/xterm';

/** ANSI colours that keep a contrast of 4.5 : 1 or more on each background (bright black: 4.5 as well, people read comments in it). */
const dark: ITheme = {
  background: '#0d1216',
  foreground: '#dfe5ea',
  cursor: '#5cc8d4',
  cursorAccent: '#0d1216',
  selectionBackground: '#2b5560',
  scrollbarSliderBackground: '#97a4b02e',
  scrollbarSliderHoverBackground: '#97a4b052',
  scrollbarSliderActiveBackground: '#97a4b066',
  black: '#1f272e',
  red: '#ff7b72',
  green: '#6fcf7c',
  yellow: '#e0b34f',
  blue: '#6cb0ff',
  magenta: '#cfa0ff',
  cyan: '#5cc8d4',
  white: '#c9d3db',
  brightBlack: '#8593a0',
  brightRed: '#ffa198',
  brightGreen: '#8fe39a',
  brightYellow: '#f2cc6b',
  brightBlue: '#94c8ff',
  brightMagenta: '#dfbfff',
  brightCyan: '#86dfe8',
  brightWhite: '#ffffff',
};

const light: ITheme = {
  background: '#ffffff',
  foreground: '#1a232b',
  cursor: '#0b6674',
  cursorAccent: '#ffffff',
  selectionBackground: '#bfe3e8',
  scrollbarSliderBackground: '#1a232b1f',
  scrollbarSliderHoverBackground: '#1a232b38',
  scrollbarSliderActiveBackground: '#1a232b4d',
  black: '#1a232b',
  red: '#b3261e',
  green: '#1a6e2e',
  yellow: '#7d5700',
  blue: '#0b57c2',
  magenta: '#7b36b8',
  cyan: '#0b6674',
  white: '#55626e',
  brightBlack: '#5c6975',
  brightRed: '#c2352c',
  brightGreen: '#237a38',
  brightYellow: '#8a6100',
  brightBlue: '#1a63cc',
  brightMagenta: '#8a44c7',
  brightCyan: '#137080',
  brightWhite: '#3c4853',
};

export const palettes: Readonly<Record<'light' | 'dark', ITheme>> = { light, dark };

/** Marks of search results; the add-on takes no CSS variables. */
export const searchMarks = {
  light: {
    matchBackground: '#ffe08a',
    matchOverviewRuler: '#c99700',
    activeMatchBackground: '#ffb347',
    activeMatchColorOverviewRuler: '#b3261e',
  },
  dark: {
    matchBackground: '#5a4a12',
    matchOverviewRuler: '#e0b34f',
    activeMatchBackground: '#8a6a00',
    activeMatchColorOverviewRuler: '#ff7b72',
  },
} as const;
