import type { ContainerStats, CpuStats, NetworkStats } from '../../../protocol/engine-api.ts';
import { unlessAborted } from '../../background.ts';
import { rfc3339Nano } from '../../../grammar/time.ts';
import type { FactResult } from '../../../protocol/facts.ts';
import { sourceFrom, type Source } from '../../source.ts';
import type { Container } from '../container.ts';
import { cgroupOf, type Needs } from '../context.ts';
import { never } from '../state.ts';

const interval = 1000;
export interface StatsOptions {
  readonly stream: boolean;
  readonly oneShot: boolean;
}

/** GET /containers/{id}/stats: a reading a second until the client or the container goes; a container that does not run reads as zeros. */
export function containerStats(
  context: Needs<'store' | 'runtime' | 'clock'>,
  reference: string,
  { stream, oneShot }: StatsOptions,
): Source<ContainerStats> {
  const container = context.store.find(reference);
  let finish = (): void => undefined;
  const over = new Promise<void>((resolve) => (finish = resolve));
  const stop = container.background.start('stats', (signal) => unlessAborted(over, signal).then(() => undefined));
  async function* readings(): AsyncGenerator<ContainerStats, void> {
    let previous: ContainerStats | null = null;
    if (!stream && !oneShot && container.run !== null) {
      previous = await read(context, container, null);
      await context.clock.after(interval, stop.signal);
    }
    for (;;) {
      previous = await read(context, container, previous);
      yield previous;
      if (!stream) return;
      await context.clock.after(interval, stop.signal);
    }
  }
  async function* untilStopped(): AsyncGenerator<ContainerStats, void> {
    try {
      yield* readings();
    } catch (thrown) {
      if (!stop.signal.aborted) throw thrown;
    } finally {
      finish();
    }
  }
  return sourceFrom(untilStopped(), () => stop.abort());
}

const noCpu: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

/** Of a container that does not run: nothing was read, at no time. */
const nothingRead = {
  read: never,
  preread: never,
  pids_stats: {},
  blkio_stats: blkio(''),
  cpu_stats: noCpu,
  precpu_stats: noCpu,
  memory_stats: {},
} satisfies Omit<ContainerStats, 'name' | 'id' | 'num_procs' | 'storage_stats'>;

const files = ['memory.current', 'memory.max', 'memory.stat', 'memory.events', 'cpu.stat', 'pids.current', 'pids.max', 'io.stat'] as const;

async function read(context: Needs<'runtime' | 'clock'>, container: Container, previous: ContainerStats | null): Promise<ContainerStats> {
  const { id, name, run } = container;
  const identity = { name: `/${name}`, id, num_procs: 0, storage_stats: {} };
  if (run === null) return { ...identity, ...nothingRead };
  const folder = `/sys/fs/cgroup/${cgroupOf(container)}`;
  const host = ['/proc/uptime', '/proc/stat', '/proc/meminfo', `/proc/${run.process.pid}/net/dev`];
  const results = await context.runtime.facts.inspect(
    [...files.map((file) => `${folder}/${file}`), ...host].map((path) => ({ op: 'read', path })),
  );
  const [current, max, memory, events, cpu, pids, pidsMax, io, uptime, stat, meminfo, net] = results.map(textOf);
  const total = Number(/^MemTotal:\s+(\d+)/m.exec(meminfo ?? '')?.[1] ?? 0) * 1024;
  const limit = number(max);
  return {
    ...identity,
    read: rfc3339Nano(context.clock.now()),
    preread: previous?.read ?? never,
    pids_stats: { current: number(pids) ?? 0, ...(number(pidsMax) === null ? {} : { limit: number(pidsMax) ?? 0 }) },
    blkio_stats: blkio(io ?? ''),
    cpu_stats: cpuStats(pairs(cpu ?? ''), { uptime: uptime ?? '', stat: stat ?? '' }),
    precpu_stats: previous?.cpu_stats ?? noCpu,
    memory_stats: {
      usage: number(current) ?? 0,
      stats: pairs(memory ?? ''),
      limit: limit === null || limit > total ? total : limit,
      ...failures(pairs(events ?? '')),
    },
    ...(isWithoutInterfaces(container) ? {} : { networks: networkStats(net ?? '') }),
  };
}

/** On host or none; who shares another container's network shows that one's. */
function isWithoutInterfaces({ endpoints }: Container): boolean {
  return [...endpoints.values()].some(({ lease }) => lease !== null && lease.link === null);
}

function textOf(result: FactResult): string {
  return result.text;
}

/** null for "max" and for a file that is not there. */
function number(text: string | undefined): number | null {
  return text !== undefined && /^\d+/.test(text) ? Number(text.trim()) : null;
}

/** "name number" lines, as in memory.stat and cpu.stat. */
function pairs(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1] ?? 0)]));
}

function failures({ max = 0 }: Record<string, number>): { readonly failcnt?: number } {
  return max === 0 ? {} : { failcnt: max };
}

/** All CPUs' time is the uptime times their number: /proc/stat counts ticks, of which an emulator loses some while it is idle. */
function cpuStats(cpu: Readonly<Record<string, number>>, { uptime, stat }: { readonly uptime: string; readonly stat: string }): CpuStats {
  const cpus = Math.max(1, (stat.match(/^cpu\d+ /gm) ?? []).length);
  const microseconds = (name: string): number => (cpu[name] ?? 0) * 1000;
  return {
    cpu_usage: {
      total_usage: microseconds('usage_usec'),
      usage_in_kernelmode: microseconds('system_usec'),
      usage_in_usermode: microseconds('user_usec'),
    },
    system_cpu_usage: Math.round(Number(uptime.split(' ')[0]) * 1e9) * cpus,
    online_cpus: cpus,
    throttling_data: {
      periods: cpu['nr_periods'] ?? 0,
      throttled_periods: cpu['nr_throttled'] ?? 0,
      throttled_time: microseconds('throttled_usec'),
    },
  };
}

/** io.stat: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 …" */
function blkio(text: string): ContainerStats['blkio_stats'] {
  const entries = (names: Readonly<Record<string, string>>): ContainerStats['blkio_stats']['io_service_bytes_recursive'] => {
    const list = text.split('\n').flatMap((line) => {
      const device = /^(\d+):(\d+) (.*)$/.exec(line);
      if (device === null) return [];
      return (device[3] ?? '').split(' ').flatMap((pair) => {
        const [name = '', value = '0'] = pair.split('=');
        const op = names[name];
        return op === undefined ? [] : [{ major: Number(device[1]), minor: Number(device[2]), op, value: Number(value) }];
      });
    });
    return list.length === 0 ? null : list;
  };
  return {
    io_service_bytes_recursive: entries({ rbytes: 'read', wbytes: 'write' }),
    io_serviced_recursive: null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  };
}

/** proc_pid_net(5), net/dev; the loopback is left out, as Docker does. */
function networkStats(text: string): Record<string, NetworkStats> {
  const rows = text.split('\n').flatMap((line) => {
    const row = /^([^:\s]+):(.*)$/.exec(line.trim());
    if (row === null || row[1] === 'lo') return [];
    const [
      rx_bytes = 0,
      rx_packets = 0,
      rx_errors = 0,
      rx_dropped = 0,
      ,
      ,
      ,
      ,
      tx_bytes = 0,
      tx_packets = 0,
      tx_errors = 0,
      tx_dropped = 0,
    ] = (row[2] ?? '').trim().split(/\s+/).map(Number);
    return [[row[1] ?? '', { rx_bytes, rx_packets, rx_errors, rx_dropped, tx_bytes, tx_packets, tx_errors, tx_dropped }] as const];
  });
  return Object.fromEntries(rows);
}
