import type { Clock } from '../../clock.ts';
import type { RunningProcess, Runtime } from '../../runtime.ts';
import { forever } from '../programs.ts';

/** Between an engine and its machine. Cut, the engine hears and does nothing any more: as the one before a restore. */
export interface Link {
  readonly runtime: Runtime;
  readonly clock: Clock;
  cut(): void;
}

export function createLink(machine: Runtime, clock: Clock): Link {
  let cut = false;
  const timers = new Set<AbortController>();
  const after: Clock['after'] = async (milliseconds, signal) => {
    const timer = new AbortController();
    const stop = (): void => timer.abort();
    if (cut || signal?.aborted === true) stop();
    timers.add(timer);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await clock.after(milliseconds, timer.signal);
    } finally {
      timers.delete(timer);
      signal?.removeEventListener('abort', stop);
    }
  };
  const hear = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      const value = await answer;
      return cut ? await forever() : value;
    } catch (thrown) {
      if (cut) await forever();
      throw thrown;
    }
  };
  const ask = <T>(call: () => Promise<T>): Promise<T> => (cut ? forever() : hear(call()));
  const heard = (process: RunningProcess): RunningProcess => {
    const exited = hear(process.exited);
    exited.catch(() => undefined);
    return {
      handle: process.handle,
      pid: process.pid,
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      resize: (size) => process.resize(size),
      exited,
      oom: (listener) => process.oom(() => cut || listener()),
    };
  };
  const { processes, networks, firewall, resolvers, volumes, facts, files, archives, overlayMounts } = machine;
  return {
    runtime: {
      processes: {
        start: (spec) => ask(async () => heard(await processes.start(spec))),
        exec: (container, spec) => ask(async () => heard(await processes.exec(container, spec))),
        adopt: (...of) => {
          const found = processes.adopt(...of);
          return found === null ? null : heard(found);
        },
        releaseRestored: () => processes.releaseRestored(),
        signal: (...of) => ask(() => processes.signal(...of)),
        freeze: (...of) => ask(() => processes.freeze(...of)),
        update: (...of) => ask(() => processes.update(...of)),
        remove: (spec) => ask(() => processes.remove(spec)),
      },
      networks: {
        createBridge: (spec) => ask(() => networks.createBridge(spec)),
        removeBridge: (bridge) => ask(() => networks.removeBridge(bridge)),
        addEndpoint: (...of) => ask(() => networks.addEndpoint(...of)),
        removeEndpoint: (...of) => ask(() => networks.removeEndpoint(...of)),
      },
      volumes: {
        make: (folder) => ask(() => volumes.make(folder)),
        fill: (copy) => ask(() => volumes.fill(copy)),
        mount: (spec) => ask(() => volumes.mount(spec)),
        unmount: (target) => ask(() => volumes.unmount(target)),
        remove: (folder) => ask(() => volumes.remove(folder)),
      },
      firewall: { add: (changes) => ask(() => firewall.add(changes)), remove: (rules) => ask(() => firewall.remove(rules)) },
      resolvers: { listen: (request) => ask(() => resolvers.listen(request)), adopt: (handle) => resolvers.adopt(handle) },
      facts: { inspect: (questions) => ask(() => facts.inspect(questions)) },
      files: { write: (changes) => ask(() => files.write(changes)) },
      archives: { read: (tree) => ask(() => archives.read(tree)), extract: (...of) => ask(() => archives.extract(...of)) },
      overlayMounts: {
        mount: (spec) => ask(() => overlayMounts.mount(spec)),
        unmount: (target) => ask(() => overlayMounts.unmount(target)),
      },
    },
    clock: { now: () => clock.now(), after },
    cut() {
      cut = true;
      for (const timer of timers) timer.abort();
    },
  };
}
