import { AppError } from '../../../base/errors.ts';
import { fromUtf8 } from '../../../base/bytes.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import { errno, type CgroupFile, type ContainerSpec, type ProcessRuntime, type ProcessSpec, type RunningProcess } from '../../runtime.ts';
import type { TestProcess } from '../process.ts';
import type { TestCalls } from './calls.ts';
import { goneContainer, type SavedContainer, type TestContainers } from './containers.ts';
import type { TestFiles } from './files.ts';
import type { TestNetworks } from './networks.ts';
import type { TestOverlays } from './overlays.ts';
import type { TestProcessTable } from './process-table.ts';

/** What the processes of a container stand on. */
interface Ground {
  readonly calls: TestCalls;
  readonly containers: TestContainers;
  readonly table: TestProcessTable;
  readonly files: TestFiles;
  readonly overlays: TestOverlays;
  readonly networks: TestNetworks;
  readonly releaseRestored: () => void;
}

export interface SavedProcesses {
  readonly containers: readonly SavedContainer[];
  readonly cgroups: ReadonlySet<string>;
  readonly count: number;
}

/**
 * Containers' processes and cgroups. What an end of a process takes along in Linux, it takes along here: an init its execs and its interfaces; what it leaves
 * (cgroup, overlay) stays until `remove`.
 */
export class TestProcesses implements ProcessRuntime {
  /** Every container that was ever started, newest last. */
  readonly started: ContainerSpec[] = [];
  /** Containers whose files were removed. */
  readonly removed: string[] = [];
  /** Below /sys/fs/cgroup. */
  readonly cgroups = new Set<string>();
  /** Handles of processes whose streams were given up after a restore. */
  readonly released: number[] = [];
  /** Started last by exec. */
  lastExec: TestProcess | null = null;
  readonly #ground: Ground;
  readonly #adopted = new Set<number>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  async start(spec: ContainerSpec): Promise<RunningProcess> {
    const { calls, containers, networks } = this.#ground;
    await calls.gate;
    await calls.call('start');
    const { id = '', cgroup: path = '', endpoints = [] } = spec;
    if (containers.byId.has(id)) throw new AppError('internal', `${id} is there already`, { detail: { errno: errno.EEXIST } });
    if (spec.joinNetwork !== undefined && spec.joinNetwork !== '') containers.running(spec.joinNetwork);
    for (const { bridge = '' } of endpoints) networks.checkBridge(bridge);
    const files = this.#ground.files.upper(spec.upper ?? '');
    // As the agent: a start that fails from here on leaves it for `remove` to take away.
    this.cgroups.add(path);
    const cgroup = new Map((spec.cgroupFiles ?? []).map(({ name = '', value = '' }) => [name, value]));
    const process = this.#ground.table.spawn(spec.process ?? {}, { files, cgroup });
    const routeOf = (key: 'gateway' | 'gateway6'): string => endpoints.find((endpoint) => (endpoint[key] ?? '') !== '')?.[key] ?? '';
    containers.byId.set(id, {
      spec,
      process,
      cgroup,
      execs: new Set(),
      plugged: new Map(endpoints.map(({ hostName = '', name = '' }) => [hostName, name])),
      gateway: routeOf('gateway'),
      gateway6: routeOf('gateway6'),
    });
    this.#arrive(spec);
    this.#watchEnd(id, process);
    return process;
  }

  async exec(container: string, spec: ProcessSpec): Promise<RunningProcess> {
    const { calls, containers, table } = this.#ground;
    await calls.call('exec');
    containers.running(container);
    const { process: init, cgroup, execs } = containers.find(container);
    const process = table.spawn(spec, { files: init.files, cgroup });
    if (init.frozen) process.freeze(true);
    execs.add(process);
    this.lastExec = process;
    return process;
  }

  adopt(handle: number): RunningProcess | null {
    const { table } = this.#ground;
    const ended = table.endedBefore(handle);
    if (ended !== null) return ended;
    const found = table.alive.find((process) => process.handle === handle) ?? null;
    found?.plugAnew();
    this.#adopted.add(handle);
    return found;
  }

  releaseRestored(): void {
    this.released.push(...this.#ground.table.alive.map(({ handle }) => handle).filter((handle) => !this.#adopted.has(handle)));
    this.#adopted.clear();
    this.#ground.releaseRestored();
  }

  async signal(container: string, signal: number, pid = 0): Promise<void> {
    const { calls, containers } = this.#ground;
    await calls.call('signal');
    const exec = [...containers.find(container).execs].find((process) => process.pid === pid && process.running);
    if (pid !== 0 && exec === undefined) throw goneContainer(container);
    (exec ?? containers.running(container)).signal(signal);
  }

  async freeze(container: string, frozen: boolean): Promise<void> {
    const { calls, containers } = this.#ground;
    await calls.call('freeze');
    containers.running(container).freeze(frozen);
    for (const exec of containers.find(container).execs) exec.freeze(frozen);
  }

  async update(container: string, files: readonly CgroupFile[]): Promise<void> {
    const { calls, containers } = this.#ground;
    await calls.call('update');
    for (const { name = '', value = '' } of files) containers.byId.get(container)?.cgroup.set(name, value);
  }

  async remove(spec: AgentRecordInput<'deleteSpec'>): Promise<void> {
    const { calls, containers, files, overlays } = this.#ground;
    await calls.call('remove');
    const { container = '', removeFiles = 0, upper = '', merged = '', cgroup = '' } = spec;
    containers.byId.get(container)?.process.exit(0, { signal: 9 });
    containers.byId.delete(container);
    overlays.shown.delete(merged);
    overlays.mounted.delete(merged);
    this.cgroups.delete(cgroup);
    if (removeFiles !== 1) return;
    files.uppers.delete(upper);
    for (const name of ['hosts', 'hostname', 'resolv.conf']) files.tree.delete(`/run/drydock/containers/${container}/${name}`);
    this.removed.push(container);
  }

  save(): SavedProcesses {
    const { containers, table } = this.#ground;
    return { containers: containers.save(), cgroups: new Set(this.cgroups), count: table.count };
  }

  restore({ containers, cgroups, count }: SavedProcesses): void {
    const { table, files } = this.#ground;
    for (const path of cgroups) this.cgroups.add(path);
    table.count = count;
    for (const saved of containers) {
      const { id = '', upper = '' } = saved.spec;
      const place = { files: files.uppers.get(upper) ?? new Map<string, string>(), cgroup: new Map(saved.cgroup) };
      const process = table.resume(saved.process, place);
      const execs = new Set(saved.execs.map((exec) => table.resume(exec, place)));
      this.#ground.containers.byId.set(id, { ...saved, process, cgroup: place.cgroup, execs, plugged: new Map(saved.plugged) });
      this.#watchEnd(id, process);
    }
  }

  /** What is there of a container besides its process. */
  #arrive(spec: ContainerSpec): void {
    const { files, overlays, networks } = this.#ground;
    this.started.push(spec);
    for (const file of spec.files ?? [])
      files.tree.set(
        `/run/drydock/containers/${spec.id ?? ''}/${file.path?.split('/').at(-1) ?? ''}`,
        fromUtf8(file.contents ?? new Uint8Array()),
      );
    overlays.shown.add(spec.merged ?? '');
    for (const { hostName = '', bridge = '' } of spec.endpoints ?? []) networks.interfaces.set(hostName, bridge);
  }

  #watchEnd(id: string, process: TestProcess): void {
    const end = (): void => this.#endNamespaces(id, process);
    void process.exited.then(end, end);
  }

  #endNamespaces(id: string, process: TestProcess): void {
    const { containers, networks } = this.#ground;
    const container = containers.byId.get(id);
    for (const exec of container?.execs ?? []) exec.exit(0, { signal: 9 });
    if (container?.process !== process) return;
    for (const hostName of container.plugged.keys()) networks.interfaces.delete(hostName);
  }
}
