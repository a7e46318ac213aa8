import type { Column } from './columns.ts';
import type { PsOptions, Selection, SortKey } from './arguments.ts';
import type { Process } from './process.ts';

/** What ps writes of these processes: a line each, below the titles where one has a title. */
export function psLines(options: PsOptions, processes: readonly Process[]): string[] {
  if (options.textOnly) return ['procps'];
  const shown = sorted(
    options.sort,
    processes.filter((process) => isSelected(process, options)),
  );
  const tree = options.forest ? forestOf(shown) : shown.map((process) => ({ process, branch: '' }));
  const titles = options.columns.map(({ title }) => title);
  const rows = tree.map(({ process, branch }) => lineOf(options, process, branch));
  const lines = options.titles && titles.some((title) => title !== '') ? [titles.join(' '), ...rows] : rows;
  return lines;
}

function lineOf({ columns, environment, commandOnly, lineWidth }: PsOptions, process: Process, branch: string): string {
  const environ = environment ? process.file('environ').replaceAll('\0', ' ').trimEnd() : '';
  const cells = columns.map((column, index) => {
    const last = index === columns.length - 1;
    const name = column.kind === 'command' && commandOnly ? process.command : column.show(process);
    const text = column.kind === 'command' ? `${branch}${name}${environ === '' ? '' : ` ${environ}`}` : name;
    return last ? text : fitted(column, text);
  });
  return lineWidth > 0 ? cells.join(' ').slice(0, Math.max(lineWidth, cells.slice(0, -1).join(' ').length)) : cells.join(' ');
}

function fitted({ kind, width }: Column, text: string): string {
  if (kind === 'plain' || text.length <= width) return text;
  return kind === 'name' ? `${text.slice(0, Math.max(0, width - 1))}+` : text.slice(0, width);
}

function isSelected(process: Process, { selections, runningOnly }: PsOptions): boolean {
  if (runningOnly && !'RD'.includes(process.state)) return false;
  return (
    selections.length === 0 || selections.some((selection) => valuesOf(process, selection).some((value) => selection.words.includes(value)))
  );
}

function valuesOf(process: Process, { by }: Selection): string[] {
  const idAnd = (which: 'Uid' | 'Gid', at: number): string[] => {
    const id = process.status(which)[at] ?? '';
    return [id, which === 'Uid' ? process.userName(Number(id)) : process.groupName(Number(id))];
  };
  switch (by) {
    case 'pid':
      return [String(process.pid)];
    case 'ppid':
      return [String(process.number(4))];
    case 'user':
      return idAnd('Uid', 1);
    case 'ruser':
      return idAnd('Uid', 0);
    case 'group':
      return idAnd('Gid', 1);
    case 'rgroup':
      return idAnd('Gid', 0);
    case 'session':
      return [String(process.number(6)), ...idAnd('Gid', 1).slice(1)];
    case 'terminal':
      return [process.tty, ...(process.tty === '?' ? ['-'] : [`/dev/${process.tty}`])];
    case 'command':
      return [process.command];
  }
}

/** Numbers by their value, all else as text; equals stay in the order of the PIDs. */
function sorted(keys: readonly SortKey[], processes: readonly Process[]): readonly Process[] {
  if (keys.length === 0) return processes;
  return [...processes].sort((one, other) => {
    for (const { column, descending } of keys) {
      const order = compare(column.show(one), column.show(other));
      if (order !== 0) return descending ? -order : order;
    }
    return one.pid - other.pid;
  });
}

function compare(one: string, other: string): number {
  const difference = Number(one) - Number(other);
  if (!Number.isNaN(difference)) return difference;
  return one < other ? -1 : one > other ? 1 : 0;
}

interface Branch {
  readonly process: Process;
  readonly branch: string;
}

/** Children below their parents; a process whose parent is not among them is a root. Iterative: a container may nest as deep as it likes. */
function forestOf(processes: readonly Process[]): Branch[] {
  const pids = new Set(processes.map(({ pid }) => pid));
  const children = new Map<number, Process[]>();
  for (const process of processes) {
    const parent = pids.has(process.number(4)) ? process.number(4) : 0;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [process]);
    else siblings.push(process);
  }
  const result: Branch[] = [];
  const stack = (children.get(0) ?? []).map((process) => ({ process, branch: '', below: '' })).reverse();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    result.push(top);
    const { below } = top;
    const own = children.get(top.process.pid) ?? [];
    const next = own.map((process, index) => ({
      process,
      branch: `${below} \\_ `,
      below: `${below}${index === own.length - 1 ? '    ' : ' |  '}`,
    }));
    stack.push(...next.reverse());
  }
  return result;
}
