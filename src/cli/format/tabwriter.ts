/** Go's text/tabwriter with spaces: aligns tab-terminated cells of neighbouring lines into columns. */
export interface TabOptions {
  /** Least width of a cell, its padding included. */
  readonly minWidth: number;
  readonly padding: number;
}

/** As docker's tables are written. */
export const tableTabs: TabOptions = { minWidth: 10, padding: 3 };

export function alignTabs(text: string, options: TabOptions): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const output: string[] = lines.map(() => '');
  layout(lines, 0, lines.length, [], output, options);
  return output.join('\n');
}

/** Writes lines [from, to), whose first `widths.length` columns are settled. */
function layout(
  lines: readonly (readonly string[])[],
  from: number,
  to: number,
  widths: readonly number[],
  output: string[],
  options: TabOptions,
): void {
  const column = widths.length;
  let line = from;
  while (line < to) {
    if (!hasColumn(lines[line], column)) {
      output[line] = writeLine(lines[line] ?? [], widths);
      line++;
      continue;
    }
    const start = line;
    let width = options.minWidth;
    for (; line < to && hasColumn(lines[line], column); line++)
      width = Math.max(width, lengthOf(lines[line]?.[column] ?? '') + options.padding);
    layout(lines, start, line, [...widths, width], output, options);
  }
}

/** The last cell of a line belongs to no column. */
function hasColumn(cells: readonly string[] | undefined, column: number): boolean {
  return cells !== undefined && column < cells.length - 1;
}

function writeLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, index) => (index < cells.length - 1 ? cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - lengthOf(cell))) : cell))
    .join('');
}

function lengthOf(text: string): number {
  return [...text].length;
}
