import { trimEndOf } from '../../../../base/trim.ts';
import { splitDevice } from '../../../../protocol/facts.ts';

/** Files of the guest that say what holds for all processes, as read; '' for one that is not there. */
export interface HostFiles {
  /** Nanoseconds since the epoch. */
  readonly now: bigint;
  readonly uptime: string;
  readonly meminfo: string;
  readonly passwd: string;
  readonly group: string;
}

/** Files and links below /proc/PID by name, as read; '' for what is not there. `stat`, `status` and `cmdline` are always asked for. */
export interface ProcessFiles {
  readonly pid: number;
  /** Of a thread its own number, of a process `pid`. */
  readonly tid: number;
  readonly files: ReadonlyMap<string, string>;
}

/** USER_HZ of i386, and the size of a page. */
const ticksPerSecond = 100;
const pageKilobytes = 4;

/** One process as the columns of ps ask for it. */
export interface Process {
  readonly pid: number;
  readonly tid: number;
  /** Of proc_pid_stat(5), numbered as there from 1; 0 where the kernel says none. */
  number(field: number): number;
  /** The words behind a name in proc_pid_status(5). */
  status(name: string): readonly string[];
  file(name: string): string;
  userName(uid: number): string;
  groupName(gid: number): string;
  readonly state: string;
  readonly stateText: string;
  readonly tty: string;
  readonly cpuSeconds: number;
  readonly childrenSeconds: number;
  readonly elapsedSeconds: number;
  readonly startedAt: Date;
  readonly now: Date;
  readonly residentKilobytes: number;
  readonly totalKilobytes: number;
  /** As ps shows them, <defunct> included. */
  readonly command: string;
  readonly args: string;
}

/** proc_pid_stat(5): the name in parentheses may hold anything, also blanks and parentheses. */
export function parseProcess({ pid, tid, files }: ProcessFiles, host: HostFiles): Process {
  const file = (name: string): string => files.get(name) ?? '';
  const stat = file('stat');
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(/\s/);
  const number = (field: number): number => Number(fields[field - 3] ?? 0);
  const name = stat.slice(stat.indexOf('(') + 1, close);
  const state = fields[0] ?? '?';
  const defunct = state === 'Z' ? ' <defunct>' : '';
  const cmdline = trimEndOf(file('cmdline'), '\0').replaceAll('\0', ' ');
  const elapsed = Math.max(0, Number(host.uptime.split(' ')[0] ?? 0) - number(22) / ticksPerSecond);
  const now = Number(host.now / 1_000_000n);
  return {
    pid,
    tid,
    number,
    status: (wanted) => wordsOf(file('status'), wanted),
    file,
    userName: (uid) => nameOf(uid, host.passwd),
    groupName: (gid) => nameOf(gid, host.group),
    state,
    stateText: stateText(state, pid, number),
    tty: ttyName(number(7)),
    cpuSeconds: (number(14) + number(15)) / ticksPerSecond,
    childrenSeconds: (number(16) + number(17)) / ticksPerSecond,
    elapsedSeconds: Math.floor(elapsed),
    startedAt: new Date(now - elapsed * 1000),
    now: new Date(now),
    residentKilobytes: number(24) * pageKilobytes,
    totalKilobytes: Number(/^MemTotal:\s+(\d+)/m.exec(host.meminfo)?.[1] ?? 0),
    command: `${name}${defunct}`,
    args: `${cmdline === '' ? `[${name}]` : cmdline}${defunct}`,
  };
}

function wordsOf(status: string, name: string): readonly string[] {
  const line = status.split('\n').find((entry) => entry.startsWith(`${name}:`));
  return (
    line
      ?.slice(name.length + 1)
      .split(/\s/)
      .filter((word) => word !== '') ?? []
  );
}

/** ps(1), PROCESS STATE CODES. */
function stateText(state: string, pid: number, number: (field: number) => number): string {
  const nice = number(19);
  const leader = number(6) === pid ? 's' : '';
  const threads = number(20) > 1 ? 'l' : '';
  return `${state}${nice < 0 ? '<' : nice > 0 ? 'N' : ''}${leader}${threads}${number(8) === number(5) ? '+' : ''}`;
}

/** Unix98 ptys are major 136-143. */
function ttyName(device: number): string {
  const { major, minor } = splitDevice(device);
  if (device === 0) return '?';
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  return major === 4 && minor >= 64 ? `ttyS${minor - 64}` : `tty${minor}`;
}

/** Of passwd(5) and group(5): the name is the first field, the number the third. */
function nameOf(id: number, lines: string): string {
  const line = lines.split('\n').find((entry) => entry.split(':')[2] === String(id));
  return line?.split(':')[0] ?? String(id);
}
