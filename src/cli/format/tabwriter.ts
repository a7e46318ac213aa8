import { AppError } from '../../base/errors.ts';
import type { Steps } from '../../base/steps.ts';

/** Go's text/tabwriter with spaces: aligns tab-terminated cells of neighbouring lines into columns. */
export interface TabOptions {
  /** Least width of a cell, its padding included. */
  readonly minWidth: number;
  readonly padding: number;
}

/** As docker's tables are written. */
export const tableTabs: TabOptions = { minWidth: 10, padding: 3 };

/** Characters of an aligned text: a long cell pads every line of its column. */
const largestTable = 64 * 1024 * 1024;

/** Throws AppError exhausted. */
export function alignTabs(text: string, options: TabOptions, steps?: Steps): string {
  const lines = text.split('\n').map((line) => cellsOf(line, options));
  const columns = columnsOf(lines, options, steps);
  const size = lines.reduce((sum, cells, at) => sum + sizeOf(cells, columns[at] ?? []), 0);
  if (size > largestTable) throw new AppError('exhausted', 'the output is too large');
  return lines.map((cells, at) => writeLine(cells, columns[at] ?? [], steps)).join('\n');
}

interface Cell {
  readonly text: string;
  readonly length: number;
  /** With its padding. */
  readonly width: number;
}

/** The width of neighbouring lines' cells. */
interface Column {
  width: number;
}

function cellsOf(line: string, { padding }: TabOptions): readonly Cell[] {
  return line.split('\t').map((text) => {
    const length = lengthOf(text);
    return { text, length, width: length + padding };
  });
}

/** The columns of each line: a column goes on as long as lines have a cell in it; the last cell of a line belongs to none. */
function columnsOf(lines: readonly (readonly Cell[])[], { minWidth }: TabOptions, steps?: Steps): readonly (readonly Column[])[] {
  let open: readonly Column[] = [];
  return lines.map((cells) => {
    const above = open;
    open = cells.slice(0, -1).map(({ width }, at) => {
      steps?.take();
      const column = above[at] ?? { width: minWidth };
      column.width = Math.max(column.width, width);
      return column;
    });
    return open;
  });
}

function sizeOf(cells: readonly Cell[], columns: readonly Column[]): number {
  return cells.reduce((sum, { length }, at) => sum + Math.max(length, columns[at]?.width ?? 0), 1);
}

function writeLine(cells: readonly Cell[], columns: readonly Column[], steps?: Steps): string {
  steps?.take(1 + cells.length);
  return cells.map(({ text, length }, at) => text + ' '.repeat(Math.max(0, (columns[at]?.width ?? 0) - length))).join('');
}

function lengthOf(text: string): number {
  return [...text].length;
}
