import type { FlagEntry } from './flag-set.ts';

/**
 * The option block of a help screen, laid out as pflag's FlagUsagesWrapped does.
 * @param columns width to wrap at
 */
export function flagUsages(entries: readonly FlagEntry[], columns: number): string {
  const rows = entries
    .filter((entry) => !entry.hidden && entry.support.level !== 'none')
    .map((entry) => ({ head: headOf(entry), text: textOf(entry) }));
  const widest = Math.max(0, ...rows.map((row) => row.head.length));
  return rows.map((row) => `${row.head.padEnd(widest)}   ${wrap(widest + 3, columns, row.text)}\n`).join('');
}

function headOf(entry: FlagEntry): string {
  const name = entry.short === '' ? `      --${entry.name}` : `  -${entry.short}, --${entry.name}`;
  return entry.type === '' ? name : `${name} ${entry.type}`;
}

function textOf(entry: FlagEntry): string {
  return entry.shownDefault === '' ? entry.usage : `${entry.usage} (default ${entry.shownDefault})`;
}

const orphanSlack = 5;

function wrap(indent: number, columns: number, text: string): string {
  let width = columns - indent;
  let margin = indent;
  let result = '';
  if (width < 24) {
    margin = 16;
    width = columns - margin;
    result = `\n${' '.repeat(margin)}`;
  }
  if (width < 24) return text.replaceAll('\n', result);
  const padding = `\n${' '.repeat(margin)}`;
  let [line, rest] = takeLine(width - orphanSlack, text);
  result += line.replaceAll('\n', padding);
  while (rest !== '') {
    [line, rest] = takeLine(width - orphanSlack, rest);
    result += padding + line.replaceAll('\n', padding);
  }
  return result;
}

function takeLine(width: number, text: string): [string, string] {
  if (width + orphanSlack > text.length) return [text, ''];
  const head = text.slice(0, width);
  const space = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'), head.lastIndexOf('\n'));
  if (space <= 0) return [text, ''];
  const newline = head.lastIndexOf('\n');
  const cut = newline > 0 && newline < space ? newline : space;
  return [text.slice(0, cut), text.slice(cut + 1)];
}
