import { AppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import { trimEndOf } from '../../base/trim.ts';
import type { ContainerTopResponse } from '../../protocol/engine-api.ts';
import { splitDevice } from '../../protocol/facts.ts';

/** Files of proc(5), as read. */
export interface ProcessFacts {
  /** Nanoseconds since the epoch. */
  readonly now: bigint;
  readonly uptime: string;
  readonly meminfo: string;
  readonly passwd: string;
  readonly processes: readonly { readonly pid: number; readonly stat: string; readonly status: string; readonly cmdline: string }[];
}

/** USER_HZ of i386, and the size of a page. */
const ticksPerSecond = 100;
const pageKilobytes = 4;

interface Process {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly state: string;
  readonly tty: string;
  readonly cpuSeconds: number;
  readonly elapsedSeconds: number;
  readonly startedAt: Date;
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  readonly virtualKilobytes: number;
  readonly residentKilobytes: number;
  readonly nice: number;
  readonly command: string;
  readonly args: string;
  readonly threads: number;
}

interface Column {
  readonly title: string;
  show(process: Process): string;
}

const column = (title: string, show: (process: Process) => string): Column => ({ title, show });

/** ps(1) of procps: STANDARD FORMAT SPECIFIERS. */
const columns: Readonly<Record<string, Column>> = {
  user: column('USER', ({ user }) => user),
  uid: column('UID', ({ uid }) => String(uid)),
  gid: column('GID', ({ gid }) => String(gid)),
  pid: column('PID', ({ pid }) => String(pid)),
  ppid: column('PPID', ({ ppid }) => String(ppid)),
  pgid: column('PGID', ({ pgid }) => String(pgid)),
  sid: column('SID', ({ sid }) => String(sid)),
  c: column('C', ({ cpuPercent }) => String(Math.min(99, Math.floor(cpuPercent)))),
  '%cpu': column('%CPU', ({ cpuPercent }) => cpuPercent.toFixed(1)),
  '%mem': column('%MEM', ({ memoryPercent }) => memoryPercent.toFixed(1)),
  vsz: column('VSZ', ({ virtualKilobytes }) => String(virtualKilobytes)),
  rss: column('RSS', ({ residentKilobytes }) => String(residentKilobytes)),
  tty: column('TTY', ({ tty }) => tty),
  stat: column('STAT', ({ state }) => state),
  s: column('S', ({ state }) => state.slice(0, 1)),
  stime: column('STIME', ({ startedAt }) => startedAt.toISOString().slice(11, 16)),
  start: column('START', ({ startedAt }) => startedAt.toISOString().slice(11, 16)),
  time: column('TIME', ({ cpuSeconds }) => clockTime(cpuSeconds)),
  bsdtime: column('TIME', ({ cpuSeconds }) => `${Math.floor(cpuSeconds / 60)}:${pad(cpuSeconds % 60)}`),
  etime: column('ELAPSED', ({ elapsedSeconds }) =>
    elapsedSeconds < 3600 ? clockTime(elapsedSeconds).slice(3) : clockTime(elapsedSeconds),
  ),
  ni: column('NI', ({ nice }) => String(nice)),
  nlwp: column('NLWP', ({ threads }) => String(threads)),
  comm: column('COMMAND', ({ command }) => command),
  args: column('COMMAND', ({ args }) => args),
  cmd: column('CMD', ({ args }) => args),
};
const aliases: Readonly<Record<string, string>> = {
  pcpu: '%cpu',
  pmem: '%mem',
  vsize: 'vsz',
  rssize: 'rss',
  tt: 'tty',
  tname: 'tty',
  state: 's',
  command: 'args',
  ucmd: 'comm',
  ucomm: 'comm',
  euser: 'user',
  uname: 'user',
  ruser: 'user',
  euid: 'uid',
  pgrp: 'pgid',
  sess: 'sid',
  session: 'sid',
  nice: 'ni',
  start_time: 'stime',
  cputime: 'time',
  thcount: 'nlwp',
};

const pick = (names: string): Column[] => names.split(' ').flatMap((name) => columns[name] ?? []);
const uidColumn = column('UID', ({ user }) => user);
const formats = {
  plain: pick('pid tty time').concat(column('CMD', ({ command }) => command)),
  full: [uidColumn, ...pick('pid ppid c stime tty time cmd')],
  bsd: pick('pid tty stat bsdtime args'),
  bsdUser: pick('user pid %cpu %mem vsz rss tty stat start bsdtime args'),
} as const;

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
      custom.push(...parseList(names));
    } else if (word.startsWith('-')) {
      if (/[fF]/.test(word)) chosen = formats.full;
    } else if (word.includes('u')) chosen = formats.bsdUser;
    else if (/[ax]/.test(word)) chosen = formats.bsd;
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

function parseList(names: string): Column[] {
  return names.split(',').map((entry) => {
    const [name = '', title] = entry.split('=', 2);
    const known = ownValue(columns, ownValue(aliases, name) ?? name);
    if (known === undefined) throw new AppError('internal', `ps: error: unknown user-defined format specifier "${name}"`);
    return title === undefined || title === '' ? known : { ...known, title };
  });
}

export function formatProcesses(shown: readonly Column[], facts: ProcessFacts): ContainerTopResponse {
  const processes = facts.processes.map((raw) => parseProcess(raw, facts));
  return { Titles: shown.map(({ title }) => title), Processes: processes.map((process) => shown.map(({ show }) => show(process))) };
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
  const [uid, gid] = ['Uid', 'Gid'].map((name) => Number(new RegExp(`^${name}:\\s+\\d+\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0));
  const args = trimEndOf(cmdline, '\0').replaceAll('\0', ' ');
  return {
    user: userName(uid ?? 0, facts.passwd),
    uid: uid ?? 0,
    gid: gid ?? 0,
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
  };
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

function userName(uid: number, passwd: string): string {
  const line = passwd.split('\n').find((entry) => entry.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? String(uid);
}

function clockTime(seconds: number): string {
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

function pad(number: number): string {
  return String(Math.floor(number)).padStart(2, '0');
}
