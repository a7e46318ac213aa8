/** Keys of the row on a phone. */
export type RowKey = 'escape' | 'tab' | 'up' | 'down' | 'right' | 'left';

const arrows = { up: 'A', down: 'B', right: 'C', left: 'D' } as const;

/**
 * What a terminal sends for a key (ECMA-48; DEC STD 070 for the arrows).
 * @param applicationCursor whether the program asked for application cursor keys (DECCKM), as editors do
 * @param control Ctrl is held: xterm's modifier 5 for an arrow
 */
export function bytesOf(key: RowKey, applicationCursor: boolean, control: boolean): string {
  if (key === 'escape') return '\x1b';
  if (key === 'tab') return '\t';
  if (control) return `\x1b[1;5${arrows[key]}`;
  return `\x1b${applicationCursor ? 'O' : '['}${arrows[key]}`;
}

/** A typed character with Ctrl held; null for what has no control character (ECMA-48: `@` to `_`, letters, and `?` for delete). */
export function withControl(text: string): string | null {
  if (text === '?') return '\x7f';
  if (text === ' ') return '\0';
  const code = text.toUpperCase().charCodeAt(0);
  return text.length === 1 && code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : null;
}
