import { beforeEach, describe, expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { startContainer } from '../verbs/start.ts';
import { topContainer } from './top.ts';

/** Two processes of a container, the second a child of the first; expected answers are those of dockerd 28.5 with procps for the like of them. */
let engine: TestEngine;

function put(pid: number, parent: number, args: string): void {
  const { tree } = engine.machine;
  // S ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime cutime cstime priority nice threads 0 start vsize rss
  const head = `S ${parent} 101 101 0 -1 4194560 59 0 2 0 3 1 0 0 20 0 1 0 99000 2322432 175 4294967295`;
  const tail = '134512640 136100000 3220000000 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0';
  tree.set(`/proc/${pid}/stat`, `${pid} (sleep) ${head} ${tail}\n`);
  const signals =
    'SigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000006\nSigCgt:\t0000000000000000';
  tree.set(
    `/proc/${pid}/status`,
    `Name:\tsleep\nUid:\t0\t1000\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t0 10 \nVmData:\t176 kB\nVmStk:\t132 kB\n${signals}\n`,
  );
  tree.set(`/proc/${pid}/cmdline`, args.replaceAll(' ', '\0') + '\0');
  tree.set(`/proc/${pid}/wchan`, 'hrtimer_nanosleep');
}

async function rows(args: string): Promise<readonly (readonly string[])[]> {
  return (await topContainer(engine.context, 'web', args)).Processes;
}

beforeEach(async () => {
  engine = createTestEngine();
  const id = engine.create({ Cmd: ['sleep'] }, 'web');
  await startContainer(engine.context, id);
  const { tree } = engine.machine;
  tree.set('/proc/uptime', '1000.00 900.00\n');
  tree.set('/proc/meminfo', 'MemTotal:         70000 kB\n');
  tree.set('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nbrobdingnag:x:1000:1000::/:/bin/sh\n');
  tree.set('/etc/group', 'root:x:0:\nwheel:x:10:\n');
  tree.set(`/sys/fs/cgroup/docker/${id}/cgroup.procs`, '101\n102\n');
  put(101, 7, 'sleep 2000');
  put(102, 101, 'sleep 1000');
});

describe("top's columns", () => {
  it.each([
    ['etimes', 'ELAPSED', '10'],
    ['sz', 'SZ', '567'],
    ['pri', 'PRI', '19'],
    ['opri', 'PRI', '80'],
    ['cls', 'CLS', 'TS'],
    ['group', 'GROUP', 'root'],
    ['label', 'LABEL', '-'],
    ['wchan', 'WCHAN', 'hrtimer_nanosleep'],
    ['psr', 'PSR', '1'],
    ['rtprio', 'RTPRIO', '-'],
    ['f', 'F', '4'],
    ['size', 'SIZE', '308'],
    ['trs', 'TRS', '1550'],
    ['drs', 'DRS', '717'],
    ['ignored', 'IGNORED', '0000000000000006'],
    ['ruser', 'RUSER', 'root'],
    ['user', 'USER', 'brobdingnag'],
    ['supgid', 'SUPGID', '0,10'],
    ['supgrp', 'SUPGRP', 'root,wheel'],
    ['minflt', 'MINFLT', '59'],
    ['start', 'STARTED', '11:59:50'],
    ['unit', 'UNIT', '-'],
    ['tty', 'TT', '?'],
    ['tname', 'TTY', '?'],
  ])('%s is %s', async (name, title, value) => {
    const { Titles, Processes } = await topContainer(engine.context, 'web', `-o pid,${name}`);
    expect(Titles).toEqual(['PID', title]);
    expect(Processes[0]).toEqual(['101', value]);
  });

  it('have widths: text that is not last is cut there, a long user name gets a plus, numbers overflow', async () => {
    expect((await rows('-o pid:1,comm:3,wchan,user,args'))[0]).toEqual(['101', 'sle', 'hrtime', 'brobdin+', 'sleep 2000']);
  });

  it('are split at blanks as dockerd splits what ps wrote, so that lstart takes five titles', async () => {
    const { Titles, Processes } = await topContainer(engine.context, 'web', '-o pid,lstart,ppid');
    expect(Titles).toEqual(['PID', 'STARTED', 'PPID']);
    expect(Processes[0]?.slice(0, 2)).toEqual(['101', expect.stringMatching(/^[A-Z][a-z]{2}$/)]);
    expect(Processes[0]?.[2]).toMatch(/^[A-Z][a-z]{2} +\d+ 11:59:50 \d{4} 7$/);
  });
});

describe("top's formats", () => {
  it.each([
    ['-l', 'F S UID PID PPID C PRI NI ADDR SZ WCHAN TTY TIME CMD'],
    ['-ely', 'S UID PID PPID C PRI NI RSS SZ WCHAN TTY TIME CMD'],
    ['-flF', 'F S UID PID PPID C PRI NI ADDR SZ WCHAN RSS PSR STIME TTY TIME CMD'],
    ['-lj', 'F S UID PID PPID PGID SID C PRI NI ADDR SZ WCHAN TTY TIME CMD'],
    ['-eF', 'UID PID PPID C SZ RSS PSR STIME TTY TIME CMD'],
    ['-jf', 'UID PID PPID PGID SID C STIME TTY TIME CMD'],
    ['-efc', 'UID PID PPID CLS PRI STIME TTY TIME CMD'],
    ['-efP', 'UID PID PPID PSR C STIME TTY TIME CMD'],
    ['-ec', 'PID CLS PRI TTY TIME CMD'],
    ['-Z', 'LABEL PID TTY TIME CMD'],
    ['-eO rss', 'PID RSS S TTY TIME COMMAND'],
    ['axl', 'F UID PID PPID PRI NI VSZ RSS WCHAN STAT TTY TIME COMMAND'],
    ['v', 'PID TTY STAT TIME MAJFL TRS DRS RSS %MEM COMMAND'],
    ['s', 'UID PID PENDING BLOCKED IGNORED CAUGHT STAT TTY TIME COMMAND'],
    ['j', 'PPID PID PGID SID TTY TPGID STAT UID TIME COMMAND'],
    ['X', 'PID STACKP ESP EIP TMOUT ALARM STAT TTY TIME COMMAND'],
    ['-aux', 'USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND'],
    ['-o pid -o comm', 'PID COMMAND'],
    ['-o %p%U%y', 'PID USER TTY'],
    ['-o pid=PID,comm:20=X', 'PID X'],
  ])('ps %s has the titles %s', async (args, titles) => {
    expect((await topContainer(engine.context, 'web', args)).Titles.join(' ')).toBe(titles);
  });

  it.each([
    ['-o pid=', "Couldn't find PID field in ps output"],
    ['h', "Couldn't find PID field in ps output"],
    ['-o user= -o pid', 'Unexpected pid \'brobdin+\': strconv.Atoi: parsing "brobdin+": invalid syntax'],
    ['-o user=PIDX', 'specifying "user=PIDX" is not allowed'],
    ['-o pid,luck', 'ps: error: unknown user-defined format specifier "luck"'],
    ['-o pid,constructor', 'ps: error: unknown user-defined format specifier "constructor"'],
    ['-o pid,user:0', 'ps: error: column widths must be unsigned decimal numbers'],
    ['-o pid,,comm', 'ps: error: improper format list'],
    ['-o', 'ps: error: format specification must follow -o'],
    ['o', 'ps: error: format specification must follow o'],
    ['-ef --sort luck', 'ps: error: unknown sort specifier'],
    ['--luck', 'ps: error: unknown gnu long option'],
    ['-y', 'ps: error: modifier -y without format -l makes no sense'],
    ['aux -ef', 'ps: error: conflicting format options'],
    ['ju', 'ps: error: conflicting format options'],
    ['-o pid -l', 'ps: error: conflicting format options'],
    ['-K', 'ps: error: unsupported SysV option'],
    ['b', 'ps: error: unsupported option (BSD syntax)'],
    ['-e  -f', 'ps: error: garbage option'],
    ['f', 'ps: exit status 1'],
    ['-o pid,args -f', 'ps: exit status 1'],
    ['-N', 'ps: exit status 1'],
  ])('ps %s is refused: %s', async (args, message) => {
    await expect(topContainer(engine.context, 'web', args)).rejects.toMatchObject({ kind: 'internal', message });
  });

  it('are bounded: a cell per process and column is work of the one thread', async () => {
    const many = `-o ${'pid,'.repeat(2000)}pid`;
    await expect(topContainer(engine.context, 'web', many)).rejects.toThrow('argument list too long');
  });

  it('sort, select and draw the tree', async () => {
    expect(await rows('-eo pid --sort=comm,-pid')).toEqual([['102'], ['101']]);
    expect((await rows('axk-pid')).map(([pid]) => pid)).toEqual(['102', '101']);
    expect(await rows('-o pid -p 102')).toEqual([['102']]);
    expect(await rows('-o pid --ppid 101')).toEqual([['102']]);
    expect(await rows('-o pid -u root')).toEqual([]);
    expect(await rows('axf')).toEqual([
      ['101', '?', 'Ss', '0:00', 'sleep 2000'],
      ['102', '?', 'S', '0:00', '\\_ sleep 1000'],
    ]);
  });
});
