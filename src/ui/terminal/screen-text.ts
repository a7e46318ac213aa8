import { trimEndOf } from '../../base/trim.ts';

/** The part of xterm's buffer that reading needs. */
export interface LineBuffer {
  getLine(index: number): { readonly isWrapped: boolean; translateToString(trimRight?: boolean): string } | undefined;
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
