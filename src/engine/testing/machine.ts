import { AppError } from '../../base/errors.ts';
import { Emitter } from '../../base/events.ts';
import { utf8 } from '../../base/bytes.ts';
import type { Fact, FactResult } from '../../protocol/facts.ts';
import { createPipe, type ByteSink, type ByteSource, type Duplex } from '../../base/streams.ts';
import {
  errno,
  type BridgeSpec,
  type CgroupFile,
  type ContainerSpec,
  type ProcessExit,
  type ProcessSpec,
  type RunningProcess,
  type Runtime,
  type TerminalSize,
} from '../runtime.ts';

/** What a program does with its process; returning is exit 0, a number is the status. */
export type Program = (process: TestProcess) => Promise<number | void> | number | void;

/** Signals whose default action is not to end the process. */
const harmless = new Set([17, 18, 28]);

/** A process of the test machine: real pipes, real signals as far as the engine can tell. */
export class TestProcess implements RunningProcess {
  readonly #stdin: Duplex | null;
  readonly #stdout = createPipe();
  readonly #stderr: Duplex | null;
  readonly #oom = new Emitter<void>();
  readonly #exit: Promise<ProcessExit>;
  #settle: (exit: ProcessExit) => void = () => undefined;
  #fail: (reason: unknown) => void = () => undefined;
  #gone = false;
  #oomKilled = false;
  readonly #held: number[] = [];
  frozen = false;
  size: TerminalSize;
  /** Signals it got, in order. */
  readonly signals: number[] = [];
  /** Signals it catches instead of ending. */
  readonly handlers = new Map<number, () => void>();

  constructor(
    readonly handle: number,
    readonly pid: number,
    readonly spec: ProcessSpec,
  ) {
    this.#stdin = spec.openStdin === 1 ? createPipe() : null;
    this.#stderr = spec.tty === 1 ? null : createPipe();
    this.size = { rows: spec.rows ?? 0, columns: spec.columns ?? 0 };
    this.#exit = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
    });
    this.#exit.catch(() => undefined);
  }

  get stdin(): ByteSink | null {
    return this.#stdin?.sink ?? null;
  }
  get stdout(): ByteSource {
    return this.#stdout.source;
  }
  get stderr(): ByteSource | null {
    return this.#stderr?.source ?? null;
  }
  get exited(): Promise<ProcessExit> {
    return this.#exit;
  }
  get oom() {
    return this.#oom.event;
  }
  get running(): boolean {
    return !this.#gone;
  }

  resize(size: TerminalSize): void {
    this.size = size;
  }

  /** What the process reads. */
  get input(): ByteSource {
    return this.#stdin?.source ?? { read: () => Promise.resolve(null), cancel: () => undefined };
  }

  print(text: string | Uint8Array): Promise<void> {
    return this.#stdout.sink.write(typeof text === 'string' ? utf8(text) : text);
  }

  complain(text: string): Promise<void> {
    return (this.#stderr ?? this.#stdout).sink.write(utf8(text));
  }

  exit(code: number, { signal = 0, keepOutput = false }: { readonly signal?: number; readonly keepOutput?: boolean } = {}): void {
    if (this.#gone) return;
    this.#gone = true;
    if (!keepOutput) {
      void this.#stdout.sink.close();
      void this.#stderr?.sink.close();
    }
    this.#settle({ code: signal > 0 ? 128 + signal : code, signal, oomKilled: this.#oomKilled });
  }

  /** The link to the machine breaks. */
  lose(): void {
    this.#gone = true;
    const reason = new AppError('unavailable', 'the guest is gone');
    this.#stdout.sink.abort(reason);
    this.#stderr?.sink.abort(reason);
    this.#fail(reason);
  }

  /** The kernel's OOM killer strikes. */
  outOfMemory(): void {
    this.#oomKilled = true;
    this.#oom.emit();
    this.exit(0, { signal: 9 });
  }

  signal(number: number): void {
    if (this.frozen && number !== 9) this.#held.push(number);
    else this.#take(number);
  }

  freeze(frozen: boolean): void {
    this.frozen = frozen;
    if (!frozen) for (const number of this.#held.splice(0)) this.#take(number);
  }

  #take(number: number): void {
    this.signals.push(number);
    const handler = number === 9 ? undefined : this.handlers.get(number);
    if (handler !== undefined) handler();
    else if (!harmless.has(number)) this.exit(0, { signal: number });
  }
}

interface TestContainer {
  readonly spec: ContainerSpec;
  readonly process: TestProcess;
  readonly cgroup: Map<string, string>;
}

/** A Docker host of a few lines: programs by name, containers, bridges, cgroup files, a file system of strings. */
export class TestMachine implements Runtime {
  readonly programs = new Map<string, Program>([
    ['true', () => 0],
    ['false', () => 1],
    ['sleep', () => new Promise(() => undefined)],
    ['echo', (process) => process.print(`${(process.spec.args ?? []).slice(1).join(' ')}\n`).then(() => 0)],
    ['cat', copyInput],
    ['exit', (process) => Number(process.spec.args?.[1] ?? 0)],
  ]);
  readonly containers = new Map<string, TestContainer>();
  /** Every container that was ever started, newest last. */
  readonly started: ContainerSpec[] = [];
  readonly bridges = new Map<string, BridgeSpec>();
  /** Contents by path, of the guest's file system. */
  readonly tree = new Map<string, string>();
  /** Device nodes by path. */
  readonly devices = new Map<string, { readonly type: 'b' | 'c'; readonly major: number; readonly minor: number }>();
  /** Folders that were made. */
  readonly folders: string[] = [];
  /** Containers whose files were removed. */
  readonly removed: string[] = [];
  /** Fails the next call of this name once. */
  readonly failures = new Map<string, AppError>();
  /** Held until resolved, to look at what happens meanwhile. */
  gate: Promise<void> | null = null;
  #next = 0;
  readonly #execs = new Map<number, TestProcess>();

  processOf(container: string): TestProcess {
    const found = this.containers.get(container)?.process;
    if (found === undefined) throw new Error(`${container} is not on the test machine`);
    return found;
  }

  /** The process started last by exec. */
  get lastExec(): TestProcess {
    const last = [...this.#execs.values()].at(-1);
    if (last === undefined) throw new Error('nothing was executed');
    return last;
  }

  readonly processes = {
    start: async (spec: ContainerSpec): Promise<RunningProcess> => {
      await this.gate;
      this.#failIfTold('start');
      const process = this.#spawn(spec.process ?? {});
      const cgroup = new Map((spec.cgroupFiles ?? []).map(({ name = '', value = '' }) => [name, value]));
      this.containers.set(spec.id ?? '', { spec, process, cgroup });
      this.started.push(spec);
      return process;
    },
    exec: async (container: string, spec: ProcessSpec): Promise<RunningProcess> => {
      this.#failIfTold('exec');
      this.processOf(container);
      const process = this.#spawn(spec);
      this.#execs.set(process.handle, process);
      return process;
    },
    adopt: (handle: number): RunningProcess | null => {
      const all = [...[...this.containers.values()].map(({ process }) => process), ...this.#execs.values()];
      return all.find((process) => process.handle === handle && process.running) ?? null;
    },
    signal: async (container: string, signal: number): Promise<void> => this.#running(container).signal(signal),
    freeze: async (container: string, frozen: boolean): Promise<void> => this.#running(container).freeze(frozen),
    update: async (container: string, files: readonly CgroupFile[]): Promise<void> => {
      this.#failIfTold('update');
      for (const { name = '', value = '' } of files) this.containers.get(container)?.cgroup.set(name, value);
    },
    remove: async ({ container = '', removeFiles = 0 }: { readonly container?: string; readonly removeFiles?: number }): Promise<void> => {
      this.#failIfTold('remove');
      this.containers.get(container)?.process.exit(0, { signal: 9 });
      this.containers.delete(container);
      if (removeFiles === 1) this.removed.push(container);
    },
  };

  #running(container: string): TestProcess {
    const process = this.containers.get(container)?.process;
    if (process?.running === true) return process;
    throw new AppError('not_found', `container ${container} is not running`, { detail: { errno: errno.ESRCH } });
  }

  readonly networks = {
    createBridge: async (spec: BridgeSpec): Promise<void> => {
      this.#failIfTold('createBridge');
      this.bridges.set(spec.bridge ?? '', spec);
    },
    removeBridge: async (bridge: string): Promise<void> => void this.bridges.delete(bridge),
  };

  readonly facts = {
    inspect: async (facts: readonly Fact[]): Promise<readonly FactResult[]> => facts.map((fact) => this.#answer(fact)),
  };

  readonly files = {
    write: async ({ directories = [] }: { readonly directories?: readonly string[] }): Promise<void> =>
      void this.folders.push(...directories),
  };

  #answer({ op, path }: Fact): FactResult {
    const nothing: FactResult = { errno: 0, text: '', names: [], stat: null };
    const text = this.tree.get(path);
    const device = this.devices.get(path);
    const below = [...this.tree.keys(), ...this.devices.keys()].filter((name) => name.startsWith(`${path}/`));
    if (text === undefined && device === undefined && below.length === 0) return { ...nothing, errno: errno.ENOENT };
    if (op === 'read' || op === 'readlink') return { ...nothing, text: text ?? '' };
    if (op === 'list') return { ...nothing, names: [...new Set(below.map((name) => name.slice(path.length + 1).split('/')[0] ?? ''))] };
    const folder = text === undefined ? 0o040755 : 0o100644;
    const mode = device === undefined ? folder : device.type === 'b' ? 0o060660 : 0o020660;
    return {
      ...nothing,
      stat: {
        mode,
        size: text?.length ?? 4096,
        uid: 0,
        gid: 0,
        mtime: 0,
        rdev: device === undefined ? 0 : (device.major << 8) | device.minor,
        ino: path.length * 1000 + [...this.tree.keys()].indexOf(path),
        dev: 1,
        link: '',
      },
    };
  }

  #spawn(spec: ProcessSpec): TestProcess {
    const name = spec.args?.[0] ?? '';
    const program = this.programs.get(name);
    if (program === undefined) {
      throw new AppError('internal', `exec: "${name}": executable file not found in $PATH`, {
        detail: { errno: errno.ENOENT, stage: 'lookup' },
      });
    }
    this.#next += 1;
    const process = new TestProcess(this.#next * 2 - 1, 100 + this.#next, spec);
    void Promise.resolve()
      .then(() => program(process))
      .then((code) => process.exit(code ?? 0));
    return process;
  }

  #failIfTold(call: string): void {
    const failure = this.failures.get(call);
    if (failure === undefined) return;
    this.failures.delete(call);
    throw failure;
  }
}

async function copyInput(process: TestProcess): Promise<number> {
  for (let chunk = await process.input.read(); chunk !== null; chunk = await process.input.read()) await process.print(chunk);
  return 0;
}
