/**
 * A Docker host small enough for tests of the API: it runs `echo` (with -e on stderr), `cat` and `sleep` in memory, knows no files and
 * has no network. The engine above it is the real one.
 */
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { AppError } from '../../src/base/errors.ts';
import { Emitter } from '../../src/base/events.ts';
import { createPipe, iterate } from '../../src/base/streams.ts';
import { errno, type ProcessExit, type ProcessSpec, type RunningProcess, type Runtime } from '../../src/engine/runtime.ts';
import type { Fact, FactResult } from '../../src/protocol/facts.ts';

interface Program {
  readonly process: RunningProcess;
  kill(signal: number): void;
}

const files: Readonly<Record<string, string>> = {
  '/proc/meminfo': 'MemTotal:         256000 kB\n',
  '/proc/uptime': '100.00 90.00\n',
  '/proc/stat': 'cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\n',
  '/proc/sys/kernel/osrelease': '6.1.0-tiny\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpu io memory pids\n',
};

export interface TinyRuntime extends Runtime {
  /** Sizes that terminals were given. */
  readonly sizes: string[];
}

export function tinyRuntime(): TinyRuntime {
  const running = new Map<string, Program>();
  const sizes: string[] = [];
  let pids = 100;

  const start = (spec: ProcessSpec): Program => {
    pids += 1;
    return startProgram(spec, { pid: pids, onResize: (size) => sizes.push(size) });
  };
  const find = (container: string): Program => {
    const program = running.get(container);
    if (program === undefined) throw new AppError('not_found', `${container}: no such process`, { detail: { errno: errno.ESRCH } });
    return program;
  };

  return {
    sizes,
    processes: {
      start: async (spec) => {
        const id = spec.id ?? '';
        const program = start(spec.process ?? {});
        running.set(id, program);
        void program.process.exited.then(() => running.delete(id));
        return program.process;
      },
      exec: async (_, spec) => start(spec).process,
      adopt: () => null,
      signal: async (container, signal) => find(container).kill(signal),
      freeze: async (container) => void find(container),
      update: async (container) => void find(container),
      remove: async ({ container }) => running.get(container ?? '')?.kill(9),
    },
    networks: { createBridge: () => Promise.resolve(), removeBridge: () => Promise.resolve() },
    facts: { inspect: (facts) => Promise.resolve(facts.map((fact) => answer(fact, [...running.values()]))) },
    files: { write: () => Promise.resolve() },
  };
}

function answer({ op, path }: Fact, running: readonly Program[]): FactResult {
  const text =
    op !== 'read' ? undefined : path.endsWith('/cgroup.procs') ? running.map(({ process }) => `${process.pid}\n`).join('') : files[path];
  return { errno: text === undefined ? errno.ENOENT : 0, text: text ?? '', names: [], stat: null };
}

function startProgram(
  { args = [], tty = 0, openStdin = 0 }: ProcessSpec,
  host: { readonly pid: number; onResize(size: string): void },
): Program {
  const [stdin, stdout, stderr] = [createPipe(), createPipe(), createPipe()];
  let killed: (exit: ProcessExit) => void = () => undefined;
  const signalled = new Promise<ProcessExit>((resolve) => (killed = resolve));
  const write = (stream: typeof stdout, data: Uint8Array): Promise<void> =>
    tty === 1 ? stdout.sink.write(utf8(fromUtf8(data).replaceAll('\n', '\r\n'))) : stream.sink.write(data);

  const main = async (): Promise<ProcessExit> => {
    const [name, ...words] = args;
    if (name === 'sleep') return signalled;
    if (name === 'echo') await write(words[0] === '-e' ? stderr : stdout, utf8(`${words.filter((word) => word !== '-e').join(' ')}\n`));
    if (name === 'cat') for await (const chunk of iterate(stdin.source)) await write(stdout, chunk);
    return { code: name === 'echo' || name === 'cat' ? 0 : 127, signal: 0, oomKilled: false };
  };
  const exited = Promise.race([main(), signalled]).finally(() => Promise.all([stdout.sink.close(), stderr.sink.close()]));

  return {
    process: {
      handle: host.pid,
      pid: host.pid,
      stdin: openStdin === 1 ? stdin.sink : null,
      stdout: stdout.source,
      stderr: tty === 1 ? null : stderr.source,
      resize: ({ rows, columns }) => host.onResize(`${rows}x${columns}`),
      exited,
      oom: new Emitter<void>().event,
    },
    kill: (signal) => killed({ code: 128 + signal, signal, oomKilled: false }),
  };
}
