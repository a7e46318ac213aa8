import { fromUtf8 } from '../../../src/base/bytes.ts';
import type { Disposable } from '../../../src/base/disposable.ts';
import { createApi } from '../../../src/api/api.ts';
import type { RestorableEventLog } from '../../../src/engine/events/log.ts';
import { testLayout } from '../../../src/engine/images/testing/layout.ts';
import { forever } from '../../../src/engine/testing/programs.ts';
import type { TestProcess } from '../../../src/engine/testing/process.ts';
import { guestOf } from '../../../src/tutorial/testing/facts.ts';
import { createManualClock } from '../../../src/tutorial/testing/manual-clock.ts';
import type { EngineSnapshot } from '../../../src/tutorial/facts.ts';
import { testEngine } from '../../conformance/test-engine.ts';
import type { Lab } from '../lab.ts';
import { MemoryTerminal, runDocker } from './memory-terminal.ts';

const image = (name: string, command: string) => ({
  name: `docker.io/library/${name}:latest`,
  layers: [[{ path: `bin/${command}`, mode: 0o755, data: name }]],
  command: [command],
});
const images = testLayout([image('hello-world', 'hello'), image('busybox', 'sh'), image('nginx', 'nginx')]);

/** A server beside its worker. */
function nginx(process: TestProcess): Promise<never> {
  process.handlers.set(2, () => process.exit(0));
  return forever();
}

function host(log?: RestorableEventLog) {
  const { engine, runtime } = testEngine({ images, ...(log === undefined ? {} : { log }) });
  runtime.programs.set('hello', (process) => process.print('Hello from Docker!\n').then(() => 0));
  runtime.programs.set('nginx', nginx);
  return {
    engine,
    runtime,
    api: createApi(engine, 'test'),
    files: new Map<string, string>(),
    terminals: new Map<number, MemoryTerminal>(),
  };
}

/** A lab without a guest: engine, API and command line are the real ones over a machine in memory. It proves the harness. */
export function openMemoryLab(): Promise<Lab> {
  let current = host();
  const clock = createManualClock();
  const subscriptions = new Map<number, Disposable>();
  const { log } = current.engine;

  const snapshot = async (): Promise<EngineSnapshot> => {
    const { containers, images: store, networks, volumes } = current.engine;
    const sequence = log.last;
    const summaries = await containers.list({ all: true, limit: 0, size: false, filters: {} });
    return {
      sequence,
      containers: await Promise.all(summaries.map(({ Id }) => containers.inspect(Id, { size: false }))),
      images: await store.list({ all: false, filters: {}, sharedSize: false }),
      networks: await networks.list({}),
      volumes: await volumes.list({}),
    };
  };
  /** What the host and the containers show of themselves, by `guest:/path` and `container:ID:/path`. */
  const everything = (): Record<string, string> => {
    const { files, runtime } = current;
    const found: Record<string, string> = Object.fromEntries([...files].map(([path, text]) => [`guest:${path}`, text]));
    for (const [upper, written] of runtime.uppers) {
      const id = upper.split('/').at(-2) ?? '';
      for (const [path, text] of written) found[`container:${id}:${path}`] = text;
    }
    for (const [id, { process, spec }] of runtime.containers) {
      if (!process.running) continue;
      found[`container:${id}:/proc/self/cgroup`] = `0::/${spec.cgroup ?? ''}\n`;
      found[`guest:/sys/fs/cgroup/${spec.cgroup ?? ''}/pids.current`] = '2\n';
    }
    return found;
  };

  return Promise.resolve({
    facts: {
      snapshot,
      sync: snapshot,
      logSince: async (after) => log.since(after),
      async subscribeLog(_after, listener) {
        const id = subscriptions.size + 1;
        subscriptions.set(
          id,
          log.onAppend((entry) => listener([entry])),
        );
        return id;
      },
      unsubscribeLog: async (subscription) => subscriptions.get(subscription)?.dispose(),
      inspectGuest: (queries) => guestOf(everything()).inspectGuest(queries),
      probe: ({ port }) => Promise.resolve({ ok: false, message: `localhost:${port}: connection refused` }),
      watchExecs: () => Promise.resolve(),
    },
    guest: {
      exec: (command) => runDocker(current.api, command),
      async reset() {
        current = host(log);
        return log.last;
      },
      async writeFiles(written) {
        for (const { path, bytes } of written) current.files.set(path, fromUtf8(bytes));
      },
    },
    clock,
    terminal(index) {
      const { terminals, api, files } = current;
      const known = terminals.get(index) ?? new MemoryTerminal(api, files);
      terminals.set(index, known);
      return known;
    },
    letPass: (milliseconds) => clock.pass(milliseconds),
    onStir: (listener) => log.onAppend(() => listener()),
    patience: 500,
    dispose: async () => subscriptions.forEach((subscription) => subscription.dispose()),
  });
}
