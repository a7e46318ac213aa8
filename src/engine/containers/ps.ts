import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import { trimEndOf } from '../../base/trim.ts';
import type { ContainerTopResponse } from '../../protocol/engine-api.ts';
import { columnOf, pageKilobytes, type Column, type Process } from './ps-columns.ts';
import { splitDevice } from '../../protocol/facts.ts';

/** Files of proc(5), as read. */
export interface ProcessFacts {
  /** Nanoseconds since the epoch. */
  readonly now: bigint;
  readonly uptime: string;
  readonly meminfo: string;
  readonly passwd: string;
  readonly group: string;
  readonly processes: readonly { readonly pid: number; readonly stat: string; readonly status: string; readonly cmdline: string }[];
}

/** USER_HZ of i386. */
const ticksPerSecond = 100;

const pick = (names: string): Column[] => names.split(' ').flatMap((name) => columnOf(name) ?? []);
const titled = (name: string, title: string): Column[] => pick(name).map((column) => ({ ...column, title }));
const formats = {
  plain: [...pick('pid tname time'), ...titled('comm', 'CMD')],
  full: [...titled('user', 'UID'), ...pick('pid ppid c stime tname time cmd')],
  extraFull: [...titled('user', 'UID'), ...pick('pid ppid c sz rss psr stime tname time cmd')],
  long: [...pick('f s uid pid ppid c opri ni addr sz wchan tname time'), ...titled('comm', 'CMD')],
  jobs: [...pick('pid pgid sid tname time'), ...titled('comm', 'CMD')],
  bsd: pick('pid tname stat bsdtime args'),
  bsdUser: pick('user pid %cpu %mem vsz rss tname stat bsdstart bsdtime args'),
  bsdLong: pick('f uid pid ppid priority ni vsz rss wchan stat tname bsdtime args'),
  bsdMemory: pick('pid tname stat bsdtime majfl trs drs rss %mem args'),
  bsdSignals: pick('uid pid pending blocked ignored caught stat tname bsdtime args'),
  bsdJobs: pick('ppid pid pgid sid tname tpgid stat uid bsdtime args'),
} as const;
/** The letter of an option that chooses a format: the last one counts. */
const unixFormats: Readonly<Record<string, readonly Column[]>> = {
  f: formats.full,
  F: formats.extraFull,
  l: formats.long,
  j: formats.jobs,
};
const bsdFormats: Readonly<Record<string, readonly Column[]>> = {
  u: formats.bsdUser,
  l: formats.bsdLong,
  v: formats.bsdMemory,
  s: formats.bsdSignals,
  j: formats.bsdJobs,
};

/**
 * The columns that ps would show: "-ef", "aux", "-o pid,comm", "-eo pid=,args" and their like. Which processes is not asked: those of the container.
 * @throws AppError invalid for a format that there is not
 */
export function parsePsArguments(text: string): readonly Column[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const custom: Column[] = [];
  let chosen: readonly Column[] = formats.plain;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const list = listBehind(word);
    if (list !== null) {
      const names = list !== '' ? list : (words[(index += 1)] ?? '');
      if (names === '') throw new AppError('internal', 'ps: error: format specification must follow -o');
      custom.push(...parseList(names));
    } else if (word.startsWith('--')) {
      // Sorting and the like: Docker's answer has the order of the container's own list.
    } else chosen = formatOf(word) ?? chosen;
  }
  if (custom.length === 0) return chosen;
  if (!custom.some(({ title }) => title === 'PID')) throw new AppError('internal', "Couldn't find PID field in ps output");
  return custom;
}

/** What stands behind the letter o of an option, or behind --format; null where the word asks for no list of columns. */
function listBehind(word: string): string | null {
  if (word.startsWith('--format')) return word.slice('--format'.length).replace(/^=/, '');
  if (word.startsWith('o')) return word.slice(1);
  const letters = /^-[A-Za-z]*/.exec(word)?.[0] ?? '';
  const at = letters.indexOf('o');
  return at < 0 ? null : word.slice(at + 1);
}

function formatOf(word: string): readonly Column[] | null {
  if (word.startsWith('-'))
    return [...word].reduce<readonly Column[] | null>((last, letter) => ownValue(unixFormats, letter) ?? last, null);
  const chosen = [...word].reduce<readonly Column[] | null>((last, letter) => ownValue(bsdFormats, letter) ?? last, null);
  return chosen ?? (/[axf]/.test(word) ? formats.bsd : null);
}

/** "pid,comm:20,ppid=PARENT": a width changes nothing here, and a title takes all that is left (POSIX). */
function parseList(names: string): Column[] {
  const equals = names.indexOf('=');
  const list = (equals < 0 ? names : names.slice(0, equals)).split(',').map((entry) => {
    const name = entry.replace(/:\d{1,4}$/, '');
    const known = columnOf(name);
    if (known === undefined) throw new AppError('internal', `ps: error: unknown user-defined format specifier "${entry}"`);
    return known;
  });
  const last = list.at(-1);
  return equals < 0 || last === undefined ? list : [...list.slice(0, -1), { ...last, title: names.slice(equals + 1) }];
}

/** Docker reads ps's lines by their blanks (daemon/top_unix.go): what has blanks fills more columns, and the last has the rest. */
export function formatProcesses(shown: readonly Column[], facts: ProcessFacts): ContainerTopResponse {
  const processes = facts.processes.map((raw) => parseProcess(raw, facts));
  const titles = shown.map(({ title }) => title);
  const rows = processes.map((process) => {
    const fields = shown.flatMap(({ show }, index) => {
      const text = show(process);
      return index === shown.length - 1 ? [text] : text.split(/\s+/).filter((word) => word !== '');
    });
    return fields.length <= titles.length ? fields : [...fields.slice(0, titles.length - 1), fields.slice(titles.length - 1).join(' ')];
  });
  return { Titles: titles, Processes: rows };
}

/** proc_pid_stat(5): the name in parentheses may hold anything, also blanks and parentheses. */
function parseProcess({ pid, stat, status, cmdline }: ProcessFacts['processes'][number], facts: ProcessFacts): Process {
  const close = stat.lastIndexOf(')');
  const command = stat.slice(stat.indexOf('(') + 1, close);
  const fields = stat.slice(close + 2).split(' ');
  const number = (field: number): number => Number(fields[field - 3] ?? 0);
  const uptime = Number(facts.uptime.split(' ')[0] ?? 0);
  const cpuSeconds = (number(14) + number(15)) / ticksPerSecond;
  const elapsedSeconds = Math.max(0, uptime - number(22) / ticksPerSecond);
  const residentKilobytes = number(24) * pageKilobytes;
  const totalKilobytes = Number(/^MemTotal:\s+(\d+)/m.exec(facts.meminfo)?.[1] ?? 0);
  const words = (name: string): string[] => (lineOf(status, name) ?? '').trim().split(/\s+/);
  const [realUid, uid] = words('Uid').map(Number);
  const [realGid, gid] = words('Gid').map(Number);
  const mask = (name: string): string => words(name)[0] ?? '';
  const args = trimEndOf(cmdline, '\0').replaceAll('\0', ' ');
  return {
    user: nameOf(uid ?? 0, facts.passwd),
    uid: uid ?? 0,
    gid: gid ?? 0,
    group: nameOf(gid ?? 0, facts.group),
    realUid: realUid ?? 0,
    realUser: nameOf(realUid ?? 0, facts.passwd),
    realGid: realGid ?? 0,
    realGroup: nameOf(realGid ?? 0, facts.group),
    pid,
    ppid: number(4),
    pgid: number(5),
    sid: number(6),
    state: stateText(fields[0] ?? '?', { sid: number(6), pid, nice: number(19), threads: number(20), foreground: number(8) === number(5) }),
    tty: ttyName(number(7)),
    cpuSeconds: Math.floor(cpuSeconds),
    elapsedSeconds: Math.floor(elapsedSeconds),
    startedAt: new Date(Number(facts.now / 1_000_000n) - elapsedSeconds * 1000),
    cpuPercent: elapsedSeconds > 0 ? (cpuSeconds / elapsedSeconds) * 100 : 0,
    memoryPercent: totalKilobytes > 0 ? (residentKilobytes / totalKilobytes) * 100 : 0,
    virtualKilobytes: Math.floor(number(23) / 1024),
    residentKilobytes,
    nice: number(19),
    command,
    args: args === '' ? `[${command}]` : args,
    threads: number(20),
    priority: number(18),
    realTimePriority: number(40),
    policy: number(41),
    flags: number(9),
    processor: number(39),
    foregroundGroup: number(8),
    minorFaults: number(10),
    majorFaults: number(12),
    signals: { pending: mask('SigPnd'), blocked: mask('SigBlk'), ignored: mask('SigIgn'), caught: mask('SigCgt') },
  };
}

/** What stands behind "name:" of a file of lines. */
function lineOf(text: string, name: string): string | undefined {
  return text
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1);
}

interface StateFacts {
  readonly sid: number;
  readonly pid: number;
  readonly nice: number;
  readonly threads: number;
  readonly foreground: boolean;
}

/** ps(1), PROCESS STATE CODES. */
function stateText(letter: string, { sid, pid, nice, threads, foreground }: StateFacts): string {
  return `${letter}${nice < 0 ? '<' : nice > 0 ? 'N' : ''}${sid === pid ? 's' : ''}${threads > 1 ? 'l' : ''}${foreground ? '+' : ''}`;
}

/** Unix98 ptys are major 136-143. */
function ttyName(device: number): string {
  const { major, minor } = splitDevice(device);
  if (device === 0) return '?';
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  return major === 4 && minor >= 64 ? `ttyS${minor - 64}` : `tty${minor}`;
}

/** Of a user in passwd(5), or of a group in group(5). */
function nameOf(id: number, file: string): string {
  const line = file.split('\n').find((entry) => entry.split(':')[2] === String(id));
  return line?.split(':')[0] ?? String(id);
}
