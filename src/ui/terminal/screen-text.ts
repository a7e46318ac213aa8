import { trimEndOf } from '../../base/trim.ts';

/** The part of xterm's buffer that reading needs. */
export interface LineBuffer {
  getLine(
    index: number,
  ): { readonly isWrapped: boolean; translateToString(trimRight?: boolean, startColumn?: number, endColumn?: number): string } | undefined;
}

export interface CursorBuffer extends LineBuffer {
  readonly baseY: number;
  readonly cursorX: number;
  readonly cursorY: number;
}

/** What stands before the cursor on its line, rows that were wrapped joined, and the row where that line begins. */
export function logicalLineToCursor(buffer: CursorBuffer): { readonly start: number; readonly text: string } {
  let start = buffer.baseY + buffer.cursorY;
  let text = buffer.getLine(start)?.translateToString(false, 0, buffer.cursorX) ?? '';
  while (start > 0 && buffer.getLine(start)?.isWrapped === true) {
    start -= 1;
    text = (buffer.getLine(start)?.translateToString(false) ?? '') + text;
  }
  return { start, text };
}

/** Lines `from` up to but not including `to` as text; wrapped lines are joined, empty lines at the end dropped. */
export function textBetween(buffer: LineBuffer, from: number, to: number): string {
  const lines: string[] = [];
  for (let index = from; index < to; index++) {
    const line = buffer.getLine(index);
    if (line === undefined) continue;
    const next = buffer.getLine(index + 1);
    const text = line.translateToString(next?.isWrapped !== true);
    if (line.isWrapped && lines.length > 0) lines.push((lines.pop() ?? '') + text);
    else lines.push(text);
  }
  return trimEndOf(lines.join('\n'), '\n');
}
