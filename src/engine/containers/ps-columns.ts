import { ownValue } from '../../base/record.ts';

/** The size of a page. */
export const pageKilobytes = 4;

export interface Process {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly group: string;
  readonly realUid: number;
  readonly realUser: string;
  readonly realGid: number;
  readonly realGroup: string;
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
  /** Of the scheduler as proc_pid_stat(5) has it: 20 for a nice value of 0. */
  readonly priority: number;
  readonly realTimePriority: number;
  readonly policy: number;
  readonly flags: number;
  readonly processor: number;
  readonly foregroundGroup: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  /** Hexadecimal masks, as proc_pid_status(5) has them. */
  readonly signals: { readonly pending: string; readonly blocked: string; readonly ignored: string; readonly caught: string };
}

export interface Column {
  readonly title: string;
  show(process: Process): string;
}

const column = (title: string, show: (process: Process) => string): Column => ({ title, show });

/** What ps shows where it knows nothing. */
const unknown = (): string => '-';
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** SCHED_* of sched(7). */
const policies: ReadonlyMap<number, string> = new Map([
  [0, 'TS'],
  [1, 'FF'],
  [2, 'RR'],
  [3, 'B'],
  [4, 'ISO'],
  [5, 'IDL'],
  [6, 'DLN'],
]);

/** ps(1) of procps: STANDARD FORMAT SPECIFIERS. */
const columns: Readonly<Record<string, Column>> = {
  user: column('USER', ({ user }) => user),
  euser: column('EUSER', ({ user }) => user),
  fuser: column('FUSER', ({ user }) => user),
  suser: column('SUSER', ({ user }) => user),
  ruser: column('RUSER', ({ realUser }) => realUser),
  uid: column('UID', ({ uid }) => String(uid)),
  euid: column('EUID', ({ uid }) => String(uid)),
  fuid: column('FUID', ({ uid }) => String(uid)),
  suid: column('SUID', ({ uid }) => String(uid)),
  ruid: column('RUID', ({ realUid }) => String(realUid)),
  group: column('GROUP', ({ group }) => group),
  egroup: column('EGROUP', ({ group }) => group),
  fgroup: column('FGROUP', ({ group }) => group),
  sgroup: column('SGROUP', ({ group }) => group),
  rgroup: column('RGROUP', ({ realGroup }) => realGroup),
  gid: column('GID', ({ gid }) => String(gid)),
  egid: column('EGID', ({ gid }) => String(gid)),
  fgid: column('FGID', ({ gid }) => String(gid)),
  sgid: column('SGID', ({ gid }) => String(gid)),
  rgid: column('RGID', ({ realGid }) => String(realGid)),
  pid: column('PID', ({ pid }) => String(pid)),
  tgid: column('TGID', ({ pid }) => String(pid)),
  lwp: column('LWP', ({ pid }) => String(pid)),
  spid: column('SPID', ({ pid }) => String(pid)),
  tid: column('TID', ({ pid }) => String(pid)),
  ppid: column('PPID', ({ ppid }) => String(ppid)),
  pgid: column('PGID', ({ pgid }) => String(pgid)),
  pgrp: column('PGRP', ({ pgid }) => String(pgid)),
  sid: column('SID', ({ sid }) => String(sid)),
  sess: column('SESS', ({ sid }) => String(sid)),
  session: column('SESS', ({ sid }) => String(sid)),
  tpgid: column('TPGID', ({ foregroundGroup }) => String(foregroundGroup)),
  c: column('C', ({ cpuPercent }) => String(Math.min(99, Math.floor(cpuPercent)))),
  cp: column('CP', ({ cpuPercent }) => String(Math.min(999, Math.floor(cpuPercent * 10)))),
  '%cpu': column('%CPU', ({ cpuPercent }) => cpuPercent.toFixed(1)),
  '%mem': column('%MEM', ({ memoryPercent }) => memoryPercent.toFixed(1)),
  vsz: column('VSZ', ({ virtualKilobytes }) => String(virtualKilobytes)),
  sz: column('SZ', ({ virtualKilobytes }) => String(Math.floor(virtualKilobytes / pageKilobytes))),
  rss: column('RSS', ({ residentKilobytes }) => String(residentKilobytes)),
  rsz: column('RSZ', ({ residentKilobytes }) => String(residentKilobytes)),
  maj_flt: column('MAJFLT', ({ majorFaults }) => String(majorFaults)),
  min_flt: column('MINFLT', ({ minorFaults }) => String(minorFaults)),
  majfl: column('MAJFL', ({ majorFaults }) => String(majorFaults)),
  tty: column('TT', ({ tty }) => tty),
  tname: column('TTY', ({ tty }) => tty),
  stat: column('STAT', ({ state }) => state),
  s: column('S', ({ state }) => state.slice(0, 1)),
  f: column('F', ({ flags }) => String((flags >> 6) & 7)),
  stime: column('STIME', ({ startedAt }) => startedAt.toISOString().slice(11, 16)),
  start: column('STARTED', ({ startedAt }) => startedAt.toISOString().slice(11, 19)),
  bsdstart: column('START', ({ startedAt }) => startedAt.toISOString().slice(11, 16)),
  start_time: column('START', ({ startedAt }) => startedAt.toISOString().slice(11, 16)),
  lstart: column('STARTED', ({ startedAt: at }) => {
    const day = `${days[at.getUTCDay()] ?? ''} ${months[at.getUTCMonth()] ?? ''} ${String(at.getUTCDate()).padStart(2)}`;
    return `${day} ${at.toISOString().slice(11, 19)} ${at.getUTCFullYear()}`;
  }),
  time: column('TIME', ({ cpuSeconds }) => clockTime(cpuSeconds)),
  bsdtime: column('TIME', ({ cpuSeconds }) => `${Math.floor(cpuSeconds / 60)}:${pad(cpuSeconds % 60)}`),
  times: column('TIME', ({ cpuSeconds }) => String(cpuSeconds)),
  etime: column('ELAPSED', ({ elapsedSeconds: seconds }) => {
    const day = Math.floor(seconds / 86_400);
    return seconds < 3600 ? clockTime(seconds).slice(3) : `${day > 0 ? `${pad(day)}-` : ''}${clockTime(seconds % 86_400)}`;
  }),
  etimes: column('ELAPSED', ({ elapsedSeconds }) => String(elapsedSeconds)),
  ni: column('NI', ({ nice, policy }) => (policy === 1 || policy === 2 ? '-' : String(nice))),
  pri: column('PRI', ({ priority }) => String(39 - priority)),
  opri: column('PRI', ({ priority }) => String(60 + priority)),
  priority: column('PRI', ({ priority }) => String(priority)),
  rtprio: column('RTPRIO', ({ realTimePriority }) => (realTimePriority === 0 ? '-' : String(realTimePriority))),
  cls: column('CLS', ({ policy }) => policies.get(policy) ?? '?'),
  policy: column('POL', ({ policy }) => policies.get(policy) ?? '?'),
  sched: column('SCH', ({ policy }) => String(policy)),
  psr: column('PSR', ({ processor }) => String(processor)),
  nlwp: column('NLWP', ({ threads }) => String(threads)),
  thcount: column('THCNT', ({ threads }) => String(threads)),
  pending: column('PENDING', ({ signals }) => signals.pending),
  blocked: column('BLOCKED', ({ signals }) => signals.blocked),
  ignored: column('IGNORED', ({ signals }) => signals.ignored),
  caught: column('CAUGHT', ({ signals }) => signals.caught),
  wchan: column('WCHAN', unknown),
  nwchan: column('WCHAN', unknown),
  addr: column('ADDR', unknown),
  label: column('LABEL', unknown),
  eip: column('EIP', unknown),
  esp: column('ESP', unknown),
  trs: column('TRS', unknown),
  drs: column('DRS', unknown),
  size: column('SIZE', unknown),
  unit: column('UNIT', unknown),
  slice: column('SLICE', unknown),
  machine: column('MACHINE', unknown),
  seat: column('SEAT', unknown),
  comm: column('COMMAND', ({ command }) => command),
  ucmd: column('CMD', ({ command }) => command),
  fname: column('COMMAND', ({ command }) => command.slice(0, 8)),
  args: column('COMMAND', ({ args }) => args),
  cmd: column('CMD', ({ args }) => args),
};
const aliases: Readonly<Record<string, string>> = {
  pcpu: '%cpu',
  pmem: '%mem',
  vsize: 'vsz',
  rssize: 'rss',
  tt: 'tty',
  state: 's',
  command: 'args',
  ucomm: 'comm',
  uname: 'user',
  gname: 'group',
  nice: 'ni',
  intpri: 'opri',
  cputime: 'time',
  cputimes: 'times',
  class: 'cls',
  flag: 'f',
  flags: 'f',
  majflt: 'maj_flt',
  minflt: 'min_flt',
  pagein: 'maj_flt',
  sig: 'pending',
  sig_block: 'blocked',
  sigmask: 'blocked',
  sig_ignore: 'ignored',
  sigignore: 'ignored',
  sig_catch: 'caught',
  sigcatch: 'caught',
};

/** By its name, or another that ps knows it by; undefined for what ps does not know. */
export function columnOf(name: string): Column | undefined {
  return ownValue(columns, ownValue(aliases, name) ?? name);
}

function clockTime(seconds: number): string {
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

function pad(number: number): string {
  return String(Math.floor(number)).padStart(2, '0');
}
