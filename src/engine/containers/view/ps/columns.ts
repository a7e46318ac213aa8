import { AppError } from '../../../../base/errors.ts';
import type { Process } from './process.ts';
import { bsdStart, bsdTime, cpuTime, elapsedTime, longStart, startedAt, startTime } from './times.ts';

/** A column of ps: `text` is cut at its width and a `name` shown short with a plus, unless it is the last; numbers and times overflow. */
export interface Column {
  readonly title: string;
  readonly width: number;
  readonly kind: 'plain' | 'text' | 'name' | 'command';
  /** Files and links (those of `ns/` and `exe`) below /proc/PID that it asks for. */
  readonly needs: readonly string[];
  show(process: Process): string;
}

type Show = (process: Process) => string;
type Entry = readonly [names: string, title: string, column: Column];

const plain = (show: Show, ...needs: string[]): Column => ({ title: '', width: 0, kind: 'plain', needs, show });
const cut = (kind: 'text' | 'name' | 'command', width: number, show: Show, ...needs: string[]): Column => ({
  title: '',
  width,
  kind,
  needs,
  show,
});
/** What nobody in the guest could say: no systemd, no security module, no Linux-VServer, no audit. */
const unknown = plain(() => '-');
const number = (show: (process: Process) => number, ...needs: string[]): Column =>
  plain((process) => String(Math.floor(show(process))), ...needs);

const id = (which: 'Uid' | 'Gid', at: number): Column => plain((process) => process.status(which)[at] ?? '-');
const user = (at: number): Column => cut('name', 8, (process) => process.userName(Number(process.status('Uid')[at] ?? 0)));
const group = (at: number): Column => cut('name', 8, (process) => process.groupName(Number(process.status('Gid')[at] ?? 0)));
const signals = (which: string): Column => plain((process) => process.status(which)[0] ?? '-');
/** Of a 32-bit kernel. */
const address = (field: number): Column => plain((process) => process.number(field).toString(16).padStart(8, '0'));
const status = (process: Process, name: string): number => Number(process.status(name)[0] ?? 0);
const link = (kind: string): Column => plain((process) => /\d+/.exec(process.file(`ns/${kind}`))?.[0] ?? '-', `ns/${kind}`);
const io = (name: string): Column => plain((process) => new RegExp(`^${name}: (\\d+)`, 'm').exec(process.file('io'))?.[1] ?? '0', 'io');
const smaps = (...names: string[]): Column =>
  number(
    (process) =>
      names.reduce((sum, name) => sum + Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(process.file('smaps_rollup'))?.[1] ?? 0), 0),
    'smaps_rollup',
  );
const oneLine = (name: string): Column => cut('text', 31, (process) => process.file(name).trim().replaceAll('\n', ',') || '-', name);
const ownPart = (process: Process): number => cpuShare(process, process.cpuSeconds);

function cpuShare({ elapsedSeconds }: Process, seconds: number): number {
  return elapsedSeconds > 0 ? (seconds / elapsedSeconds) * 100 : 0;
}

/** Rounded down, as ps computes in integers. */
function tenths(percent: number): string {
  return percent > 999 ? String(Math.floor(percent)) : (Math.floor(percent * 10 + 1e-6) / 10).toFixed(1);
}

const textBytes = (process: Process): number => process.number(27) - process.number(26);
const policies = ['TS', 'FF', 'RR', 'B', 'ISO', 'IDL', 'DLN', 'EXT'];
const policy = plain((process) => policies[process.number(41)] ?? '?');
const comm = cut('command', 15, ({ command }) => command);
const args = cut('command', 27, ({ args: text }) => text);
const shownUser = user(1);
const residents = number(({ residentKilobytes }) => residentKilobytes);
const processor = number((process) => process.number(39));
const time = plain(({ cpuSeconds }) => cpuTime(cpuSeconds));
const seconds = number(({ cpuSeconds }) => cpuSeconds);
const textSize = number((process) => textBytes(process) / 1024);
const dataSize = number((process) => (process.number(23) - textBytes(process)) / 1024);
const virtualSize = number((process) => process.number(23) / 1024);
const priority = (show: (priority: number) => number): Column => number((process) => show(process.number(18)));
const wchan = cut('text', 6, (process) => process.file('wchan').trim().replace(/^_+/, '').replace(/^0$/, '') || '-', 'wchan');
const tty = plain(({ tty: name }) => name);
const cgroup = cut('text', 27, (process) => process.file('cgroup').trim().replaceAll('\n', ',') || '-', 'cgroup');

/** ps(1), STANDARD FORMAT SPECIFIERS, with the titles that `ps L` of procps 4.0.2 prints. */
const entries: readonly Entry[] = [
  ['%cpu pcpu', '%CPU', plain((process) => tenths(ownPart(process)))],
  [
    '%mem pmem',
    '%MEM',
    plain(({ residentKilobytes, totalKilobytes }) =>
      tenths(totalKilobytes > 0 ? Math.min(99.9, (residentKilobytes / totalKilobytes) * 100) : 0),
    ),
  ],
  ['ag_id', 'AGID', plain((process) => /autogroup-(\d+)/.exec(process.file('autogroup'))?.[1] ?? '-', 'autogroup')],
  ['ag_nice', 'AGNI', plain((process) => /nice (-?\d+)/.exec(process.file('autogroup'))?.[1] ?? '-', 'autogroup')],
  ['args command', 'COMMAND', args],
  ['cmd', 'CMD', args],
  ['comm ucomm', 'COMMAND', comm],
  ['ucmd', 'CMD', comm],
  ['fname', 'COMMAND', cut('text', 8, ({ command }) => command.slice(0, 8))],
  ['exe', 'EXE', cut('text', 27, (process) => process.file('exe') || '-', 'exe')],
  ['atime cputime time', 'TIME', time],
  ['cputimes times', 'TIME', seconds],
  ['bsdtime', 'TIME', plain(({ cpuSeconds }) => bsdTime(cpuSeconds))],
  ['bsdstart', 'START', plain((process) => bsdStart(process.startedAt, process.now))],
  ['start_time', 'START', plain((process) => startTime(process.startedAt, process.now))],
  ['stime', 'STIME', plain((process) => startTime(process.startedAt, process.now))],
  ['start', 'STARTED', plain((process) => startedAt(process.startedAt, process.now))],
  ['lstart', 'STARTED', plain((process) => longStart(process.startedAt))],
  ['etime', 'ELAPSED', plain(({ elapsedSeconds }) => elapsedTime(elapsedSeconds))],
  ['etimes', 'ELAPSED', number(({ elapsedSeconds }) => elapsedSeconds)],
  ['c util', 'C', number((process) => Math.min(99, ownPart(process)))],
  ['cp', 'CP', number((process) => Math.min(999, ownPart(process) * 10))],
  ['cuu', '%CUU', plain((process) => ownPart(process).toFixed(3))],
  ['cuc', '%CUC', plain((process) => cpuShare(process, process.cpuSeconds + process.childrenSeconds).toFixed(3))],
  ['blocked sig_block sigmask', 'BLOCKED', signals('SigBlk')],
  ['caught sigcatch', 'CAUGHT', signals('SigCgt')],
  ['sig_catch', 'CATCHED', signals('SigCgt')],
  ['ignored sig_ignore sigignore', 'IGNORED', signals('SigIgn')],
  ['pending sig', 'PENDING', signals('ShdPnd')],
  ['sig_pend', 'SIGNAL', signals('ShdPnd')],
  ['tsig', 'PENDING', signals('SigPnd')],
  ['cgname', 'CGNAME', cgroup],
  ['cgroup', 'CGROUP', cgroup],
  ...(['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const).map((kind): Entry => [
    `${kind}ns`,
    `${kind.toUpperCase()}NS`,
    link(kind),
  ]),
  ['class cls', 'CLS', policy],
  ['policy', 'POL', policy],
  ['sched', 'SCH', number((process) => process.number(41))],
  ['rtprio', 'RTPRIO', plain((process) => (process.number(41) === 0 ? '-' : String(process.number(40))))],
  ['context', 'CONTEXT', oneLine('attr/current')],
  ['label', 'LABEL', oneLine('attr/current')],
  ['cpuid', 'CPUID', processor],
  ['psr', 'PSR', processor],
  ['lastcpu', 'C', processor],
  ['sgi_p', 'P', plain((process) => (process.state === 'R' ? String(process.number(39)) : '*'))],
  ['drs m_drs', 'DRS', dataSize],
  ['dsiz', 'DSIZ', dataSize],
  ['trs m_trs', 'TRS', textSize],
  ['trss', 'TRSS', textSize],
  ['tsiz', 'TSIZ', textSize],
  ['m_size', 'SIZE', number((process) => process.number(23))],
  ['size', 'SIZE', number((process) => status(process, 'VmData') + status(process, 'VmStk'))],
  ['sz', 'SZ', number((process) => process.number(23) / 4096)],
  ['vsize vsz', 'VSZ', virtualSize],
  ['rss rssize sgi_rss', 'RSS', residents],
  ['rsz', 'RSZ', residents],
  ['pss', 'PSS', smaps('Pss')],
  ['uss', 'USS', smaps('Private_Clean', 'Private_Dirty')],
  ['eip', 'EIP', address(30)],
  ['esp', 'ESP', address(29)],
  ['stackp start_stack', 'STACKP', address(28)],
  ['uid', 'UID', id('Uid', 1)],
  ['euid', 'EUID', id('Uid', 1)],
  ['ruid', 'RUID', id('Uid', 0)],
  ['suid', 'SUID', id('Uid', 2)],
  ['svuid', 'SVUID', id('Uid', 2)],
  ['fsuid', 'FSUID', id('Uid', 3)],
  ['fuid', 'FUID', id('Uid', 3)],
  ['gid', 'GID', id('Gid', 1)],
  ['egid', 'EGID', id('Gid', 1)],
  ['rgid', 'RGID', id('Gid', 0)],
  ['sgid', 'SGID', id('Gid', 2)],
  ['svgid', 'SVGID', id('Gid', 2)],
  ['fsgid', 'FSGID', id('Gid', 3)],
  ['fgid', 'FGID', id('Gid', 3)],
  ['user uname', 'USER', shownUser],
  ['uid_hack', 'UID', shownUser],
  ['euser', 'EUSER', shownUser],
  ['ruser', 'RUSER', user(0)],
  ['suser', 'SUSER', user(2)],
  ['svuser', 'SVUSER', user(2)],
  ['fsuser', 'FSUSER', user(3)],
  ['fuser', 'FUSER', user(3)],
  ['group', 'GROUP', group(1)],
  ['egroup', 'EGROUP', group(1)],
  ['rgroup', 'RGROUP', group(0)],
  ['sgroup', 'SGROUP', group(2)],
  ['svgroup', 'SVGROUP', group(2)],
  ['fsgroup', 'FSGROUP', group(3)],
  ['fgroup', 'FGROUP', group(3)],
  ['supgid', 'SUPGID', cut('text', 20, (process) => process.status('Groups').join(',') || '-')],
  [
    'supgrp',
    'SUPGRP',
    cut(
      'text',
      40,
      (process) =>
        process
          .status('Groups')
          .map((gid) => process.groupName(Number(gid)))
          .join(',') || '-',
    ),
  ],
  ['f flag flags', 'F', plain((process) => ((process.number(9) >>> 6) & 7).toString(8))],
  ['pri', 'PRI', priority((value) => 39 - value)],
  ['priority', 'PRI', priority((value) => value)],
  ['intpri opri', 'PRI', priority((value) => 60 + value)],
  ['pri_api', 'API', priority((value) => -1 - value)],
  ['pri_bar', 'BAR', priority((value) => value + 1)],
  ['pri_baz', 'BAZ', priority((value) => value + 100)],
  ['pri_foo', 'FOO', priority((value) => value - 20)],
  ['ni nice', 'NI', number((process) => process.number(19))],
  ['lwp', 'LWP', number(({ tid }) => tid)],
  ['spid', 'SPID', number(({ tid }) => tid)],
  ['tid', 'TID', number(({ tid }) => tid)],
  ['tgid', 'TGID', number(({ pid }) => pid)],
  ['pid', 'PID', number(({ pid }) => pid)],
  ['ppid', 'PPID', number((process) => process.number(4))],
  ['pgid', 'PGID', number((process) => process.number(5))],
  ['pgrp', 'PGRP', number((process) => process.number(5))],
  ['sid', 'SID', number((process) => process.number(6))],
  ['sess session', 'SESS', number((process) => process.number(6))],
  ['tpgid', 'TPGID', number((process) => process.number(8))],
  ['nlwp', 'NLWP', number((process) => process.number(20))],
  ['thcount', 'THCNT', number((process) => process.number(20))],
  ['majflt', 'MAJFLT', number((process) => process.number(12))],
  ['maj_flt', 'MAJFL', number((process) => process.number(12))],
  ['pagein', 'PAGEIN', number((process) => process.number(12))],
  ['minflt', 'MINFLT', number((process) => process.number(10))],
  ['min_flt', 'MINFL', number((process) => process.number(10))],
  ['numa', 'NUMA', plain(() => '-1')],
  ['oom', 'OOM', plain((process) => process.file('oom_score').trim() || '0', 'oom_score')],
  ['oomadj', 'OOMADJ', plain((process) => process.file('oom_score_adj').trim() || '0', 'oom_score_adj')],
  ['rbytes', 'RBYTES', io('read_bytes')],
  ['rchars', 'RCHARS', io('rchar')],
  ['rops', 'ROPS', io('syscr')],
  ['wbytes', 'WBYTES', io('write_bytes')],
  ['wcbytes', 'WCBYTES', io('cancelled_write_bytes')],
  ['wchars', 'WCHARS', io('wchar')],
  ['wops', 'WOPS', io('syscw')],
  ['s state', 'S', plain(({ state }) => state)],
  ['stat', 'STAT', plain(({ stateText }) => stateText)],
  ['tt tty', 'TT', tty],
  ['tname tty4 tty8 longtname', 'TTY', tty],
  ['wchan wname', 'WCHAN', wchan],
  ['lim', 'LIM', plain(() => 'xx')],
  ['lsession', 'SESSION', unknown],
  ['luid', 'LUID', unknown],
  ['lxc', 'LXC', unknown],
  ['machine', 'MACHINE', unknown],
  ['ouid', 'OWNER', unknown],
  ['seat', 'SEAT', unknown],
  ['slice', 'SLICE', unknown],
  ['unit', 'UNIT', unknown],
  ['uunit', 'UUNIT', unknown],
  ['zone', 'ZONE', unknown],
];

const columns: ReadonlyMap<string, Column> = new Map(
  entries.flatMap(([names, title, column]) => names.split(' ').map((name): [string, Column] => [name, { ...column, title }])),
);

/** ps(1), AIX FORMAT DESCRIPTORS. */
const descriptors: ReadonlyMap<string, Column> = new Map(
  'C:pcpu G:group P:ppid U:user a:args c:comm g:rgroup n:nice p:pid r:pgid t:etime u:ruser x:time y:tty z:vsz'
    .split(' ')
    .map((pair): [string, Column] => {
      const column = columnOf(pair.slice(2));
      return [pair.slice(0, 1), pair.startsWith('y') ? { ...column, title: 'TTY' } : column];
    }),
);

/** Columns that only the ready-made formats have. */
const others: ReadonlyMap<string, Column> = new Map([
  ['ADDR', { ...unknown, title: 'ADDR' }],
  ['TMOUT', { ...unknown, title: 'TMOUT' }],
  ['ALARM', { ...unknown, title: 'ALARM' }],
  ['CMD', { ...comm, title: 'CMD' }],
]);

/** @throws AppError internal for a name that ps does not know */
export function columnOf(name: string): Column {
  const column = columns.get(name);
  if (column === undefined) throw new AppError('internal', `ps: error: unknown user-defined format specifier "${name}"`);
  return column;
}

/** Of our own: names of columns between blanks, those of the ready-made formats included. */
export function columnsOf(names: string): Column[] {
  return names.split(' ').flatMap((name) => (name === '' ? [] : [others.get(name) ?? columnOf(name)]));
}

/**
 * What stands behind -o: "pid,comm:20,user=WHO", or AIX descriptors ("%p %c").
 * @throws AppError internal with what ps writes to stderr
 */
export function parseFormat(list: string): Column[] {
  if (/^%(?!cpu|mem)/.test(list)) return parseDescriptors(list);
  const names = list.endsWith(',') ? list.slice(0, -1) : list;
  return names.split(/[,\s]/).map(parseSpecifier);
}

function parseSpecifier(entry: string): Column {
  if (entry === '') throw new AppError('internal', 'ps: error: improper format list');
  const at = entry.indexOf('=');
  const [name = '', width] = (at < 0 ? entry : entry.slice(0, at)).split(':', 2);
  const known = columnOf(name);
  if (width !== undefined && !/^[1-9]\d{0,8}$/.test(width)) {
    throw new AppError('internal', 'ps: error: column widths must be unsigned decimal numbers');
  }
  return { ...known, title: at < 0 ? known.title : entry.slice(at + 1), width: width === undefined ? known.width : Number(width) };
}

function parseDescriptors(list: string): Column[] {
  return list
    .split('%')
    .slice(1)
    .map((part) => {
      const column = descriptors.get(part.slice(0, 1));
      if (column === undefined) throw new AppError('internal', 'ps: error: improper AIX field descriptor');
      const between = part.slice(1);
      return between.trim() === ''
        ? column
        : { ...column, title: column.title + between, show: (process) => column.show(process) + between };
    });
}
