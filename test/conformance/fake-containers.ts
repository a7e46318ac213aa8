/**
 * Containers without a guest, so that the API can be tested for itself: three programs (`echo`, `cat`, `sleep`) in memory, everything else
 * answers as an engine would.
 */
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { AppError } from '../../src/base/errors.ts';
import { createPipe, iterate, type ByteSink, type Duplex } from '../../src/base/streams.ts';
import type {
  AttachOptions,
  AttachSession,
  ContainersBackend,
  ExecBackend,
  LifecycleBackend,
  LogRecord,
  OutputChunk,
  Source,
  StreamsBackend,
} from '../../src/api/backend.ts';
import type { ImageStore } from '../../src/engine/images/store.ts';
import {
  containerConfigSchema,
  type ContainerInspect,
  type ContainerStats,
  type CreateContainerBody,
  type ExecConfig,
} from '../../src/protocol/engine-api.ts';
import type { EventLog } from '../../src/protocol/log.ts';

/** Values to one reader, in order. */
class Queue<T> implements Source<T> {
  readonly #items: T[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async read(): Promise<T | null> {
    while (this.#items.length === 0 && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#items.shift() ?? null;
  }

  cancel(): void {
    this.end();
  }
}

interface Program {
  readonly stdin: ByteSink;
  readonly exited: Promise<number>;
  kill(code: number): void;
}

function run(command: readonly string[], write: (chunk: OutputChunk) => void, stdin: Duplex = createPipe()): Program {
  let kill: (code: number) => void = () => undefined;
  const killed = new Promise<number>((resolve) => (kill = resolve));
  const main = async (): Promise<number> => {
    const [name, ...rest] = command;
    if (name === 'echo')
      write({ stream: rest[0] === '-e' ? 'stderr' : 'stdout', data: utf8(`${rest.filter((word) => word !== '-e').join(' ')}\n`) });
    else if (name === 'cat') for await (const chunk of iterate(stdin.source)) write({ stream: 'stdout', data: chunk });
    else if (name === 'sleep') return killed;
    else return 127;
    return 0;
  };
  return { stdin: stdin.sink, exited: Promise.race([main(), killed]), kill };
}

interface FakeContainer {
  readonly id: string;
  name: string;
  readonly body: CreateContainerBody;
  readonly image: string;
  status: 'created' | 'running' | 'paused' | 'exited';
  exitCode: number;
  program: Program | null;
  /** Of this run or the next: a client attaches and writes before it starts the container. */
  stdin: Duplex;
  readonly log: LogRecord[];
  readonly attached: Set<Queue<OutputChunk>>;
  readonly followers: Set<Queue<LogRecord>>;
  readonly waiters: Set<{ readonly removed: boolean; readonly done: (code: number) => void }>;
}

interface FakeExec {
  readonly id: string;
  readonly container: FakeContainer;
  readonly config: ExecConfig;
  exitCode: number | null;
  running: boolean;
}

export interface FakeContainers {
  readonly containers: ContainersBackend;
  readonly lifecycle: LifecycleBackend;
  readonly streams: StreamsBackend;
  readonly exec: ExecBackend;
  /** Resizes, detaches: what leaves no other trace. */
  readonly seen: string[];
}

export function fakeContainers(images: ImageStore, log: EventLog): FakeContainers {
  const all = new Map<string, FakeContainer>();
  const execs = new Map<string, FakeExec>();
  const seen: string[] = [];
  let count = 0;
  const newId = (): string => (++count).toString(16).padStart(12, 'c').padEnd(64, 'a');

  const find = (id: string): FakeContainer => {
    const name = id.replace(/^\//, '');
    for (const each of all.values()) if (each.id.startsWith(name) || each.name === name) return each;
    throw new AppError('not_found', `No such container: ${id}`);
  };
  const event = (action: string, container: FakeContainer): void => {
    const attributes = { ...(container.body.Labels ?? {}), image: container.body.Image, name: container.name };
    log.append({ kind: 'event', type: 'container', action, actor: { id: container.id, attributes }, facts: {} });
  };
  const write = (container: FakeContainer, chunk: OutputChunk): void => {
    const data = container.body.Tty ? utf8(fromUtf8(chunk.data).replaceAll('\n', '\r\n')) : chunk.data;
    const record: LogRecord = {
      stream: container.body.Tty ? 'stdout' : chunk.stream,
      data,
      time: BigInt(Date.now()) * 1_000_000n + BigInt(container.log.length),
    };
    container.log.push(record);
    for (const queue of container.attached) queue.push(record);
    for (const queue of container.followers) queue.push(record);
  };
  const exit = (container: FakeContainer, code: number): void => {
    container.status = 'exited';
    container.exitCode = code;
    container.program = null;
    container.stdin = createPipe();
    for (const queue of [...container.attached, ...container.followers]) queue.end();
    event('die', container);
    for (const waiter of container.waiters) if (!waiter.removed) waiter.done(code);
    if (container.body.HostConfig.AutoRemove) remove(container);
  };
  const remove = (container: FakeContainer): void => {
    all.delete(container.id);
    event('destroy', container);
    for (const waiter of container.waiters) waiter.done(container.exitCode);
  };
  const stop = async (container: FakeContainer, code: number): Promise<void> => {
    if (container.program === null) throw new AppError('not_modified', 'container already stopped');
    const { exited } = container.program;
    container.program.kill(code);
    await exited;
  };
  const start = (container: FakeContainer): void => {
    if (container.program !== null) throw new AppError('not_modified', 'container already started');
    container.status = 'running';
    const command = [...(container.body.Entrypoint ?? []), ...(container.body.Cmd ?? [])];
    container.program = run(command, (chunk) => write(container, chunk), container.stdin);
    event('start', container);
    void container.program.exited.then((code) => exit(container, code));
  };

  const containers: ContainersBackend = {
    list: async ({ all: every, limit, filters }) =>
      [...all.values()]
        .reverse()
        .filter((each) => every || each.status === 'running' || each.status === 'paused')
        .filter((each) => (filters['name'] ?? []).every((name) => each.name.includes(name)))
        .slice(0, limit === 0 ? undefined : limit)
        .map((each) => ({
          Id: each.id,
          Names: [`/${each.name}`],
          Image: each.body.Image,
          ImageID: each.image,
          Command: (each.body.Cmd ?? []).join(' '),
          Created: 1_700_000_000,
          Ports: [],
          Labels: each.body.Labels ?? {},
          State: each.status,
          Status: each.status === 'running' ? 'Up 1 second' : 'Exited (0) 1 second ago',
          HostConfig: { NetworkMode: 'bridge' },
          NetworkSettings: { Networks: {} },
          Mounts: [],
        })),
    create: async ({ name, body }) => {
      const image = images.resolve(body.Image);
      const id = newId();
      if ([...all.values()].some((each) => each.name === name)) {
        throw new AppError(
          'conflict',
          `Conflict. The container name "/${name}" is already in use. You have to remove (or rename) that container to be able to reuse that name.`,
        );
      }
      const container: FakeContainer = {
        id,
        name: name === '' ? `nice_${count}` : name,
        body: withDefaults(body),
        image: image.id,
        status: 'created',
        exitCode: 0,
        program: null,
        stdin: createPipe(),
        log: [],
        attached: new Set(),
        followers: new Set(),
        waiters: new Set(),
      };
      all.set(id, container);
      event('create', container);
      return { Id: id, Warnings: [] };
    },
    inspect: async (id) => inspect(find(id)),
    remove: async (id, { force }) => {
      const container = find(id);
      if (container.program !== null && !force) {
        throw new AppError(
          'conflict',
          `cannot remove container "${container.name}": container is running: stop the container before removing or force remove`,
        );
      }
      if (container.program !== null) await stop(container, 137);
      if (all.has(container.id)) remove(container);
    },
    rename: async (id, name) => {
      find(id).name = name;
    },
    update: async (id) => (find(id), { Warnings: [] }),
    prune: async () => {
      const gone = [...all.values()].filter((each) => each.program === null);
      for (const each of gone) remove(each);
      return { ContainersDeleted: gone.map((each) => each.id), SpaceReclaimed: 0 };
    },
    top: async (id) => (find(id), { Titles: ['PID', 'CMD'], Processes: [['1', 'sleep']] }),
    changes: async (id) => (find(id), [{ Path: '/etc', Kind: 0 }]),
  };

  const lifecycle: LifecycleBackend = {
    start: async (id) => start(find(id)),
    stop: async (id) => stop(find(id), 143),
    restart: async (id) => {
      const container = find(id);
      if (container.program !== null) await stop(container, 143);
      start(container);
    },
    kill: async (id, signal) => {
      const container = find(id);
      if (container.program === null)
        throw new AppError('conflict', `cannot kill container: ${id}: container ${container.id} is not running`);
      seen.push(`kill ${signal}`);
      await stop(container, 137);
    },
    pause: async (id) => {
      find(id).status = 'paused';
    },
    unpause: async (id) => {
      find(id).status = 'running';
    },
    wait: async (id, condition, signal) => {
      const container = find(id);
      if (condition === 'not-running' && container.program === null) return { exit: Promise.resolve({ StatusCode: container.exitCode }) };
      const exit = new Promise<{ StatusCode: number }>((resolve, reject) => {
        container.waiters.add({ removed: condition === 'removed', done: (code) => resolve({ StatusCode: code }) });
        signal.addEventListener('abort', () => reject(new AppError('cancelled', 'the wait was cancelled')), { once: true });
      });
      return { exit };
    },
    resize: async (id, rows, columns) => {
      find(id);
      seen.push(`resize ${rows}x${columns}`);
    },
  };

  const streams: StreamsBackend = {
    attach: async (id, options) => attach(find(id), options),
    logs: async (id, { follow, tail, since, until, stdout, stderr }) => {
      const container = find(id);
      const wanted = container.log.filter(
        ({ time, stream }) =>
          (since === undefined || time >= since) && (until === undefined || time <= until) && (stream === 'stdout' ? stdout : stderr),
      );
      const records = new Queue<LogRecord>();
      for (const record of tail === undefined ? wanted : wanted.slice(wanted.length - Math.min(tail, wanted.length))) records.push(record);
      if (follow && container.program !== null) container.followers.add(records);
      else records.end();
      return { tty: container.body.Tty, records };
    },
    stats: async (id, { stream }) => {
      const container = find(id);
      const readings = new Queue<ContainerStats>();
      readings.push(stats(container));
      if (stream) readings.push(stats(container));
      else readings.end();
      return readings;
    },
  };

  function attach(container: FakeContainer, { stdin, logs, stream, stdout, stderr }: AttachOptions): AttachSession {
    const output = new Queue<OutputChunk>();
    if (logs) for (const record of container.log) output.push(record);
    if (stream && (stdout || stderr)) container.attached.add(output);
    if (!stream) output.end();
    const { sink } = container.stdin;
    const input: ByteSink = {
      write: (chunk) => sink.write(chunk),
      close: async () => {
        if (container.body.StdinOnce) await sink.close();
      },
      abort: () => undefined,
    };
    return {
      tty: container.body.Tty,
      output,
      input: stdin && container.body.OpenStdin ? input : null,
      detach: () => {
        if (!container.attached.delete(output)) return;
        event('detach', container);
        output.end();
      },
    };
  }

  const findExec = (id: string): FakeExec => {
    const found = execs.get(id);
    if (found === undefined) throw new AppError('not_found', `No such exec instance: ${id}`);
    return found;
  };

  const exec: ExecBackend = {
    create: async (id, config) => {
      const container = find(id);
      if (container.program === null) throw new AppError('conflict', `container ${container.id} is not running`);
      const made: FakeExec = { id: newId(), container, config, exitCode: null, running: false };
      execs.set(made.id, made);
      return { Id: made.id };
    },
    start: async (id, { detach }) => {
      const made = findExec(id);
      if (made.exitCode !== null) throw new AppError('conflict', `exec ${id} has already run`);
      made.running = true;
      const output = new Queue<OutputChunk>();
      const program = run(made.config.Cmd ?? [], (chunk) => output.push(chunk));
      void program.exited.then((code) => {
        made.exitCode = code;
        made.running = false;
        output.end();
      });
      if (detach) return null;
      return { tty: made.config.Tty, output, input: made.config.AttachStdin ? program.stdin : null, detach: () => output.end() };
    },
    resize: async (id, rows, columns) => {
      findExec(id);
      seen.push(`exec resize ${rows}x${columns}`);
    },
    inspect: async (id) => {
      const { container, config, exitCode, running } = findExec(id);
      const [entrypoint = '', ...rest] = config.Cmd ?? [];
      return {
        ID: id,
        Running: running,
        ExitCode: exitCode,
        ProcessConfig: { tty: config.Tty, entrypoint, arguments: rest, privileged: config.Privileged },
        OpenStdin: config.AttachStdin,
        OpenStderr: config.AttachStderr,
        OpenStdout: config.AttachStdout,
        CanRemove: false,
        ContainerID: container.id,
        DetachKeys: config.DetachKeys,
        Pid: running ? 2 : 0,
      };
    },
  };

  return { containers, lifecycle, streams, exec, seen };
}

/** What an engine fills in where the client left it open. */
function withDefaults(body: CreateContainerBody): CreateContainerBody {
  const { LogConfig, CgroupnsMode } = body.HostConfig;
  return {
    ...body,
    HostConfig: {
      ...body.HostConfig,
      LogConfig: { ...LogConfig, Type: LogConfig.Type || 'json-file' },
      CgroupnsMode: CgroupnsMode || 'private',
    },
  };
}

function inspect(container: FakeContainer): ContainerInspect {
  const { HostConfig, NetworkingConfig: _, ...config } = container.body;
  const [path = '', ...args] = config.Cmd ?? [];
  return {
    Id: container.id,
    Created: '2024-01-01T00:00:00.123456789Z',
    Path: path,
    Args: args,
    State: {
      Status: container.status,
      Running: container.program !== null,
      Paused: container.status === 'paused',
      Restarting: false,
      OOMKilled: false,
      Dead: false,
      Pid: container.program === null ? 0 : 42,
      ExitCode: container.exitCode,
      Error: '',
      StartedAt: '2024-01-01T00:00:00Z',
      FinishedAt: '0001-01-01T00:00:00Z',
    },
    Image: container.image,
    ResolvConfPath: '',
    HostnamePath: '',
    HostsPath: '',
    LogPath: '',
    Name: `/${container.name}`,
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig,
    GraphDriver: { Name: 'overlay2', Data: null },
    Mounts: [],
    Config: containerConfigSchema.parse(config),
    NetworkSettings: {
      Bridge: '',
      SandboxID: '',
      SandboxKey: '',
      Ports: { '80/tcp': null },
      HairpinMode: false,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      EndpointID: '',
      Gateway: '172.17.0.1',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      IPAddress: '172.17.0.2',
      IPPrefixLen: 16,
      IPv6Gateway: '',
      MacAddress: '02:42:ac:11:00:02',
      Networks: {},
    },
  };
}

function stats({ id, name }: FakeContainer): ContainerStats {
  const cpu = {
    cpu_usage: { total_usage: 5, usage_in_kernelmode: 2, usage_in_usermode: 3 },
    system_cpu_usage: 100,
    online_cpus: 1,
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  };
  return {
    name: `/${name}`,
    id,
    read: '2024-01-01T00:00:01Z',
    preread: '2024-01-01T00:00:00Z',
    pids_stats: { current: 1, limit: 100 },
    blkio_stats: {
      io_service_bytes_recursive: [{ major: 8, minor: 0, op: 'read', value: 4096 }],
      io_serviced_recursive: null,
      io_queue_recursive: null,
      io_service_time_recursive: null,
      io_wait_time_recursive: null,
      io_merged_recursive: null,
      io_time_recursive: null,
      sectors_recursive: null,
    },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu,
    precpu_stats: cpu,
    memory_stats: { usage: 1000, limit: 2000, stats: { anon: 10 } },
    networks: {
      eth0: { rx_bytes: 1, rx_packets: 1, rx_errors: 0, rx_dropped: 0, tx_bytes: 1, tx_packets: 1, tx_errors: 0, tx_dropped: 0 },
    },
  };
}
