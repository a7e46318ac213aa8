import { beforeEach, describe, expect, it } from 'vitest';
import { updateContainerSchema } from '../../../protocol/engine-api.ts';
import { settle } from '../../testing/clock.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { inspectContainer } from './inspect.ts';
import { resizeContainer } from '../verbs/resize.ts';
import { startContainer } from '../verbs/start.ts';
import { containerStats } from './stats.ts';
import { topContainer } from './top.ts';
import { updateContainer } from '../verbs/update.ts';

let engine: TestEngine;
let id: string;

beforeEach(async () => {
  engine = createTestEngine();
  id = engine.create({ Cmd: ['sleep'], Tty: true, HostConfig: { Memory: 50_000_000, CpuShares: 512 } }, 'web');
  await startContainer(engine.context, id);
});

function putProcess(pid: number, { name = 'sleep', args = 'sleep\u000060\0', uid = 0, tty = 34_816 } = {}): void {
  const { tree } = engine.machine;
  tree.set(
    `/proc/${pid}/stat`,
    `${pid} (${name}) S 1 ${pid} ${pid} ${tty} ${pid} 4194560 100 0 0 0 250 50 0 0 20 0 1 0 99000 4710400 175 4294967295\n`,
  );
  tree.set(`/proc/${pid}/status`, `Name:\t${name}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t0\t0\t0\t0\n`);
  tree.set(`/proc/${pid}/cmdline`, args);
}

describe('top', () => {
  beforeEach(() => {
    const { tree } = engine.machine;
    tree.set('/proc/uptime', '1000.00 900.00\n');
    tree.set('/proc/meminfo', 'MemTotal:         70000 kB\n');
    tree.set('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n');
    tree.set(`/sys/fs/cgroup/docker/${id}/cgroup.procs`, '101\n102\n103\n');
    putProcess(101);
    putProcess(102, { name: 'a (b) c', args: '', uid: 1000, tty: 0 });
  });

  it('shows ps -ef of the container, without those that are gone meanwhile', async () => {
    expect(await topContainer(engine.context, 'web', '')).toEqual({
      Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
      Processes: [
        ['root', '101', '1', '30', '11:59', 'pts/0', '00:00:03', 'sleep 60'],
        ['me', '102', '1', '30', '11:59', '?', '00:00:03', '[a (b) c]'],
      ],
    });
    expect(engine.events().at(-1)).toBe('top');
  });

  it('shows ps aux', async () => {
    const { Titles, Processes } = await topContainer(engine.context, 'web', 'aux');
    expect(Titles).toEqual(['USER', 'PID', '%CPU', '%MEM', 'VSZ', 'RSS', 'TTY', 'STAT', 'START', 'TIME', 'COMMAND']);
    expect(Processes[0]).toEqual(['root', '101', '30.0', '1.0', '4600', '700', 'pts/0', 'Ss+', '11:59', '0:03', 'sleep 60']);
  });

  it.each([
    ['-o pid,comm', ['PID', 'COMMAND'], ['101', 'sleep']],
    ['-eo pid,etime,user=WHO', ['PID', 'ELAPSED', 'WHO'], ['101', '00:10', 'root']],
    ['-o ppid:20,pid:10', ['PPID', 'PID'], ['1', '101']],
    [
      '-o pid,etimes,sz,cls,group,wchan,label',
      ['PID', 'ELAPSED', 'SZ', 'CLS', 'GROUP', 'WCHAN', 'LABEL'],
      ['101', '10', '1150', 'TS', '0', '-', '-'],
    ],
    ['-o pid,lstart', ['PID', 'STARTED'], ['101', expect.stringMatching(/^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ 11:59:\d\d \d{4}$/)]],
    ['-j', ['PID', 'PGID', 'SID', 'TTY', 'TIME', 'CMD'], ['101', '101', '101', 'pts/0', '00:00:03', 'sleep']],
    ['o pid', ['PID'], ['101']],
    ['-e', ['PID', 'TTY', 'TIME', 'CMD'], ['101', 'pts/0', '00:00:03', 'sleep']],
  ])('shows ps %s', async (args, titles, first) => {
    const { Titles, Processes } = await topContainer(engine.context, 'web', args);
    expect(Titles).toEqual(titles);
    expect(Processes[0]).toEqual(first);
  });

  it('refuses what has blanks before the PID: dockerd looks for it by the number of words', async () => {
    await expect(topContainer(engine.context, 'web', '-o lstart,pid')).rejects.toThrow(
      /^Unexpected pid '[A-Z][a-z]{2}': strconv\.Atoi: parsing/,
    );
    await expect(topContainer(engine.context, 'web', '-o comm:20,pid:10')).rejects.toThrow("Unexpected pid '(b)'");
  });

  it('refuses a format without PID, an unknown column, and a container that does not run', async () => {
    await expect(topContainer(engine.context, 'web', '-o comm')).rejects.toThrow("Couldn't find PID field in ps output");
    await expect(topContainer(engine.context, 'web', '-o pid=')).rejects.toThrow("Couldn't find PID field in ps output");
    await expect(topContainer(engine.context, 'web', '-o pid=PP,comm')).rejects.toThrow("Couldn't find PID field in ps output");
    await expect(topContainer(engine.context, 'web', '-o')).rejects.toThrow('ps: error: format specification must follow -o');
    await expect(topContainer(engine.context, 'web', '-o pid,luck')).rejects.toThrow('unknown user-defined format specifier "luck"');
    const stopped = engine.create({});
    await expect(topContainer(engine.context, stopped, '')).rejects.toMatchObject({
      kind: 'conflict',
      message: `container ${stopped} is not running`,
    });
  });
});

describe('stats', () => {
  const put = (usage: number, uptime: number): void => {
    const { tree } = engine.machine;
    const folder = `/sys/fs/cgroup/docker/${id}`;
    tree.set(`${folder}/memory.current`, '1048576\n');
    tree.set(`${folder}/memory.max`, '50000000\n');
    tree.set(`${folder}/memory.stat`, 'anon 500\ninactive_file 100\n');
    tree.set(`${folder}/memory.events`, 'low 0\nmax 3\noom 0\n');
    tree.set(`${folder}/cpu.stat`, `usage_usec ${usage}\nuser_usec 400\nsystem_usec 100\nnr_periods 5\nnr_throttled 1\nthrottled_usec 7\n`);
    tree.set(`${folder}/pids.current`, '2\n');
    tree.set(`${folder}/pids.max`, 'max\n');
    tree.set(`${folder}/io.stat`, '8:0 rbytes=10 wbytes=20 rios=1 wios=2\n');
    tree.set('/proc/uptime', `${uptime}.00 1.00\n`);
    tree.set('/proc/stat', 'cpu  1 2 3 4\ncpu0 1 2 3 4\n');
    tree.set('/proc/meminfo', 'MemTotal: 200000 kB\n');
    tree.set(
      `/proc/${engine.machine.processOf(id).pid}/net/dev`,
      'Inter-|\n face |\n    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  eth0: 100 2 0 0 0 0 0 0 300 4 0 0 0 0 0 0\n',
    );
  };

  it('reads cgroup, CPU, network and block figures once', async () => {
    put(500, 10);
    const source = containerStats(engine.context, 'web', { stream: false, oneShot: true });
    expect(await source.read()).toMatchObject({
      id,
      name: '/web',
      memory_stats: { usage: 1_048_576, limit: 50_000_000, failcnt: 3, stats: { inactive_file: 100 } },
      cpu_stats: {
        cpu_usage: { total_usage: 500_000, usage_in_usermode: 400_000 },
        system_cpu_usage: 10e9,
        online_cpus: 1,
        throttling_data: { periods: 5, throttled_periods: 1, throttled_time: 7000 },
      },
      precpu_stats: { cpu_usage: { total_usage: 0 } },
      pids_stats: { current: 2 },
      networks: { eth0: { rx_bytes: 100, rx_packets: 2, tx_bytes: 300, tx_packets: 4 } },
      blkio_stats: {
        io_service_bytes_recursive: [
          { major: 8, minor: 0, op: 'read', value: 10 },
          { op: 'write', value: 20 },
        ],
      },
    });
    expect(await source.read()).toBeNull();
  });

  it('without one-shot compares with a reading a second before', async () => {
    put(500, 10);
    const reading = containerStats(engine.context, 'web', { stream: false, oneShot: false }).read();
    await settle();
    put(900, 11);
    await engine.clock.advance(1000);
    expect(await reading).toMatchObject({
      cpu_stats: { cpu_usage: { total_usage: 900_000 } },
      precpu_stats: { cpu_usage: { total_usage: 500_000 }, system_cpu_usage: 10e9 },
    });
  });

  it('streams a reading a second until it is cancelled, zeros once the container stopped', async () => {
    put(500, 10);
    const source = containerStats(engine.context, 'web', { stream: true, oneShot: false });
    expect((await source.read())?.pids_stats.current).toBe(2);
    engine.machine.processOf(id).exit(0);
    const second = source.read();
    await engine.clock.advance(1000);
    expect(await second).toMatchObject({ pids_stats: {}, memory_stats: {} });
    const third = source.read();
    await settle();
    source.cancel();
    expect(await third).toBeNull();
    expect(engine.clock.next).toBeNull();
  });
});

describe('update', () => {
  const update = (body: Readonly<Record<string, unknown>>) => updateContainer(engine.context, 'web', updateContainerSchema.parse(body));

  it('writes what changed and keeps the rest', async () => {
    await update({ CpuShares: 1024, PidsLimit: 7 });
    expect([...(engine.machine.containers.get(id)?.cgroup ?? [])]).toEqual([
      ['memory.max', '50000000'],
      ['memory.swap.max', '50000000'],
      ['cpu.weight', '39'],
      ['pids.max', '7'],
    ]);
    await update({ PidsLimit: 0 });
    expect(engine.machine.containers.get(id)?.cgroup.get('pids.max')).toBe('max');
    await update({ PidsLimit: 7 });
    expect((await inspectContainer(engine.context, 'web', { size: false })).HostConfig).toMatchObject({
      CpuShares: 1024,
      PidsLimit: 7,
      Memory: 50_000_000,
    });
    expect(engine.events().at(-1)).toBe('update');
  });

  it('takes a restart policy', async () => {
    await update({ RestartPolicy: { Name: 'always' } });
    engine.machine.processOf(id).exit(1);
    await settle();
    expect(engine.context.store.find(id).state.status).toBe('restarting');
  });

  it('may take a limit of processes away, which 0 does', async () => {
    await update({ PidsLimit: 7 });
    await update({ PidsLimit: 0 });
    expect(engine.machine.containers.get(id)?.cgroup.get('pids.max')).toBe('max');
  });

  it('says what it cannot do', async () => {
    expect(await update({ OomKillDisable: true })).toEqual({
      Warnings: ['Your kernel does not support OomKillDisable. OomKillDisable discarded.'],
    });
    await expect(update({ BlkioWeight: 9 })).rejects.toThrow('Range of blkio weight is from 10 to 1000');
    await expect(update({ IOMaximumIOps: 9 })).rejects.toThrow(
      'Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps',
    );
    expect(await update({ BlkioWeight: 100, CpuRealtimeRuntime: 950_000 })).toEqual({ Warnings: [] });
    expect(engine.context.store.find(id).hostConfig).toMatchObject({ BlkioWeight: 100, CpuRealtimeRuntime: 950_000 });
    await update({ NanoCpus: 1e9 });
    await expect(update({ CpuQuota: 5000 })).rejects.toThrow(
      'Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set',
    );
  });

  it('refuses what cannot be', async () => {
    await expect(update({ Memory: 1000 })).rejects.toMatchObject({ kind: 'invalid' });
    engine.create({}, 'unlimited');
    const unlimited = updateContainerSchema.parse({ Memory: 200_000_000 });
    await expect(updateContainer(engine.context, 'unlimited', unlimited)).rejects.toThrow(
      'Memory limit should be smaller than already set',
    );
    await expect(update({ Memory: 200_000_000 })).rejects.toThrow('Memory limit should be smaller than already set memoryswap limit');
    await expect(update({ RestartPolicy: { Name: 'maybe' } })).rejects.toThrow("invalid restart policy: unknown policy 'maybe'");
  });
});

describe('resize', () => {
  it('reaches the pty and is an event', () => {
    resizeContainer(engine.context, 'web', 40, 120);
    expect(engine.machine.processOf(id).size).toEqual({ rows: 40, columns: 120 });
    expect(engine.log.since(0).at(-1)).toMatchObject({ action: 'resize', actor: { attributes: { height: '40', width: '120' } } });
  });

  it('of a stopped container is a conflict', () => {
    const stopped = engine.create({});
    expect(() => resizeContainer(engine.context, stopped, 1, 1)).toThrow(`container ${stopped} is not running`);
  });
});
