import { AppError } from '../../../src/base/errors.ts';
import type { SavedHost, ScenarioHost, HostState } from '../../../src/engine/testing/sequences/subject.ts';
import type { Fact, FactResult } from '../../../src/protocol/facts.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';

const megabyte = 2 ** 20;

const programs: ScenarioHost['programs'] = {
  // PID 1 of its PID name space, without a handler: only SIGKILL ends it.
  sleeps: { Cmd: ['sleep', '1000'] },
  heeds: { Cmd: ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'] },
  ends: { Cmd: ['true'] },
  fails: { Cmd: ['sh', '-c', 'exit 3'] },
  reads: { Cmd: ['cat'], OpenStdin: true },
  brief: { Cmd: ['sh', '-c', 'echo a; sleep 0.2; false'] },
  missing: { Cmd: ['nothing'] },
  hungry: { Cmd: ['tail', '/dev/zero'], HostConfig: { Memory: 8 * megabyte } },
  talks: { Cmd: ['sh', '-c', 'yes | head -c 400000; sleep 1000'] },
};

const cgroupRoot = '/sys/fs/cgroup/docker';
const viewRoot = '/run/drydock/views';
const overlayRoot = '/var/lib/drydock/overlay2';
const isId = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);
/** Milliseconds after which something that ends has ended, on a busy machine, too. */
const patience = 60_000;

/** The real guest: its engine, and the hostState from /proc, /sys/fs/cgroup and the mount table. */
export function guestHost(playground: LocalPlayground): ScenarioHost {
  const inspect = (facts: readonly Fact[]): Promise<readonly FactResult[]> => playground.host.guest.facts.inspect(facts);

  const state = async (): Promise<HostState> => {
    const [groups, folders, links, views] = await inspect([
      { op: 'list', path: cgroupRoot },
      { op: 'list', path: overlayRoot },
      { op: 'list', path: '/sys/class/net' },
      { op: 'list', path: viewRoot },
    ]);
    const ids = (groups?.names ?? []).filter(isId);
    const members = await inspect(ids.map((id) => ({ op: 'read', path: `${cgroupRoot}/${id}/cgroup.procs` })));
    const processes = ids.flatMap((id, index) =>
      (members[index]?.text ?? '')
        .split('\n')
        .filter(Boolean)
        .map((pid): [number, string] => [Number(pid), `docker/${id}`]),
    );
    // A container's root is mounted in its own name space only.
    const mounts = await inspect(processes.map(([pid]) => ({ op: 'read', path: `/proc/${pid}/mountinfo`, max: 64 * 1024 })));
    const roots = mounts.flatMap(({ text }) => /^.* \/ \/ .*upperdir=\S*\/overlay2\/([0-9a-f]{64})\/diff/m.exec(text)?.[1] ?? []);
    return {
      processes: new Map(processes),
      cgroups: new Set(ids.map((id) => `docker/${id}`)),
      overlays: new Set(roots),
      folders: new Set((folders?.names ?? []).filter(isId)),
      interfaces: (links?.names ?? []).filter((name) => name.startsWith('veth')).length,
      bridges: new Set((links?.names ?? []).filter((name) => name === 'docker0' || name.startsWith('br-'))),
      // In name spaces of containers.
      resolvers: null,
      views: new Set((views?.names ?? []).map((name) => `${viewRoot}/${name}`)),
    };
  };

  const save = async (): Promise<SavedHost> => {
    const checkpoint = await playground.lifecycle.checkpoint();
    return {
      entries: checkpoint.engine.log.entries,
      async restore() {
        await playground.lifecycle.restore(checkpoint);
      },
      dispose: () => checkpoint.dispose(),
    };
  };

  return {
    get subject() {
      const { backend, log } = playground.host;
      return { ...backend, log };
    },
    save,
    programs,
    execs: { sleeps: ['sleep', '1000'], ends: ['true'], talks: ['echo', 'x'] },
    steady: false,
    agreesWithin: 30_000,
    state,
    settle: () => Promise.resolve(),
    async done(promise) {
      const late = new AbortController();
      const tooLate = new Promise<never>((_, reject) => {
        const timer = setTimeout(() => reject(new AppError('internal', `nothing came of it in ${patience / 1000} seconds`)), patience);
        late.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
      });
      return Promise.race([promise, tooLate]).finally(() => late.abort());
    },
    pass: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}
