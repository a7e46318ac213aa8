import { AppError } from '../../../base/errors.ts';
import type { Clock } from '../../clock.ts';
import type { RunningProcess, Runtime } from '../../runtime.ts';

/** Between an engine and its machine. Cut, nothing is done for the engine any more: as for the one before a restore, whose machine is gone. */
export interface Link {
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** Changes that were asked for and are not answered yet; not those that take as long as a client likes. */
  readonly changing: readonly string[];
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
      if (cut) throw gone();
      return value;
    } catch (thrown) {
      throw cut ? gone() : thrown;
    }
  };
  const ask = <T>(call: () => Promise<T>): Promise<T> => (cut ? Promise.reject(gone()) : hear(call()));
  const changing: string[] = [];
  const change = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    changing.push(name);
    try {
      return await ask(call);
    } finally {
      changing.splice(changing.indexOf(name), 1);
    }
  };
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
  const { processes, networks, firewall, resolvers, outside, volumes, facts, files, archives, overlayMounts, layers } = machine;
  return {
    runtime: {
      processes: {
        start: (spec) => change('start', async () => heard(await processes.start(spec))),
        exec: (container, spec) => change('exec', async () => heard(await processes.exec(container, spec))),
        adopt: (...of) => {
          const found = processes.adopt(...of);
          return found === null ? null : heard(found);
        },
        releaseRestored: () => processes.releaseRestored(),
        signal: (...of) => change('signal', () => processes.signal(...of)),
        freeze: (...of) => change('freeze', () => processes.freeze(...of)),
        update: (...of) => change('update', () => processes.update(...of)),
        remove: (spec) => change('remove', () => processes.remove(spec)),
      },
      networks: {
        createBridge: (spec) => change('createBridge', () => networks.createBridge(spec)),
        removeBridge: (bridge) => change('removeBridge', () => networks.removeBridge(bridge)),
        addEndpoint: (...of) => change('addEndpoint', () => networks.addEndpoint(...of)),
        removeEndpoint: (...of) => change('removeEndpoint', () => networks.removeEndpoint(...of)),
      },
      volumes: {
        make: (folder) => change('makeVolume', () => volumes.make(folder)),
        fill: (copy) => change('fillVolume', () => volumes.fill(copy)),
        mount: (spec) => change('mountVolume', () => volumes.mount(spec)),
        unmount: (target) => change('unmountVolume', () => volumes.unmount(target)),
        remove: (folder) => change('removeVolume', () => volumes.remove(folder)),
      },
      firewall: {
        add: (changes) => change('addRules', () => firewall.add(changes)),
        remove: (rules) => change('removeRules', () => firewall.remove(rules)),
        forgetUdp: (family, ports) => change('forgetUdp', () => firewall.forgetUdp(family, ports)),
      },
      resolvers: {
        listen: (request) => change('listen', () => resolvers.listen(request)),
        adopt: (handle) => resolvers.adopt(handle),
      },
      outside: {
        open: () => change('openOutside', () => outside.open()),
        adopt: (handle) => outside.adopt(handle),
      },
      facts: { inspect: (questions) => ask(() => facts.inspect(questions)) },
      files: { write: (changes) => ask(() => files.write(changes)) },
      archives: { read: (tree) => ask(() => archives.read(tree)), extract: (...of) => ask(() => archives.extract(...of)) },
      layers: { keep: (layer) => ask(() => layers.keep(layer)) },
      overlayMounts: {
        mount: (spec) => ask(() => overlayMounts.mount(spec)),
        unmount: (target) => ask(() => overlayMounts.unmount(target)),
      },
    },
    clock: { now: () => clock.now(), after },
    changing,
    cut() {
      cut = true;
      for (const timer of timers) timer.abort();
    },
  };
}

function gone(): AppError {
  return new AppError('unavailable', 'the machine is gone');
}
