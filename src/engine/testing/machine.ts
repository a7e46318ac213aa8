import { AppError } from '../../base/errors.ts';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { readAll, sourceOf } from '../../base/streams.ts';
import { tarEntries } from '../../base/tar/read.ts';
import { tarOf, type TarInput } from '../../base/tar/write.ts';
import type { AgentRecordInput } from '../../protocol/agent.ts';
import type { Fact, FactResult } from '../../protocol/facts.ts';
import type { FirewallChange, FirewallFamily, FirewallRule } from '../../protocol/firewall.ts';
import {
  errno,
  type BridgeSpec,
  type CgroupFile,
  type ContainerSpec,
  type EndpointSpec,
  type Gateways,
  type NetworkRuntime,
  type GuestArchives,
  type GuestFiles,
  type GuestFirewall,
  type GuestLayers,
  type GuestOverlays,
  type ProcessSpec,
  type RunningProcess,
  type Runtime,
  type VolumeMountSpec,
  type VolumeRuntime,
} from '../runtime.ts';
import { answerFact, type DeviceNode } from './host-files.ts';
import { TestProcess, type SavedProcess } from './process.ts';
import { TestOutside } from './outside.ts';
import { TestResolvers, type SavedResolvers } from './resolvers.ts';
import { standardPrograms, type Program } from './programs.ts';

/** errno(3) of what only the machine knows. */
const EBUSY = 16;
const EEXIST = 17;
const ENODEV = 19;

interface TestContainer {
  readonly spec: ContainerSpec;
  readonly process: TestProcess;
  readonly cgroup: Map<string, string>;
  readonly execs: Set<TestProcess>;
  /** Its interfaces: names in the host and in the container. */
  readonly plugged: Map<string, string>;
  /** Of its default route; '' = none was set. */
  gateway: string;
  gateway6: string;
}

/** A machine at one moment. */
export interface SavedMachine {
  readonly containers: readonly {
    readonly spec: ContainerSpec;
    readonly process: SavedProcess;
    readonly cgroup: ReadonlyMap<string, string>;
    readonly execs: readonly SavedProcess[];
    readonly plugged: ReadonlyMap<string, string>;
    readonly gateway: string;
    readonly gateway6: string;
  }[];
  readonly bridges: ReadonlyMap<string, BridgeSpec>;
  readonly tree: ReadonlyMap<string, string>;
  readonly uppers: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Upper directories by mount point. */
  readonly mounted: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly overlays: ReadonlySet<string>;
  readonly cgroups: ReadonlySet<string>;
  readonly interfaces: ReadonlyMap<string, string>;
  readonly rules: readonly (FirewallRule & { readonly words: string })[];
  readonly chains: ReadonlyMap<string, string>;
  readonly resolvers: SavedResolvers;
  readonly next: number;
}

/**
 * A Docker host in memory: programs by name, containers with processes, cgroups, overlays, interfaces, bridges, and a file system of
 * strings. What an end of a process takes along in Linux, it takes along here: an init its execs and its interfaces; what it leaves (cgroup,
 * overlay) stays until `remove`.
 */
export class TestMachine implements Runtime {
  readonly programs = new Map<string, Program>(Object.entries(standardPrograms));
  readonly containers = new Map<string, TestContainer>();
  /** Every container that was ever started, newest last. */
  readonly started: ContainerSpec[] = [];
  readonly bridges = new Map<string, BridgeSpec>();
  /** Contents by path, of the guest's file system. */
  readonly tree = new Map<string, string>();
  /** Device nodes by path. */
  readonly devices = new Map<string, DeviceNode>();
  /** Folders that were made. */
  readonly folders: string[] = [];
  /** Containers whose files were removed. */
  readonly removed: string[] = [];
  /** What containers wrote: path and text by upper directory. */
  readonly uppers = new Map<string, Map<string, string>>();
  /** What is shown at mount points, outside of containers. */
  readonly mounted = new Map<string, Map<string, string>>();
  /** Mount points of overlays. */
  readonly overlays = new Set<string>();
  /** Folders of volumes, and from where in which layers each was filled. */
  readonly volumeFolders = new Map<string, string | null>();
  /** What was put into them from outside. */
  readonly volumeFiles = new Map<string, Map<string, string>>();
  /** Mounts of volumes by where they are. */
  readonly volumeMounts = new Map<string, VolumeMountSpec>();
  /** Below /sys/fs/cgroup. */
  readonly cgroups = new Set<string>();
  /** The host's ends of the containers' interfaces, and where they are plugged in. */
  readonly interfaces = new Map<string, string>();
  /** Fails the next call of this name once. */
  readonly failures = new Map<string, AppError>();
  /** Held until resolved, to look at what happens meanwhile. */
  gate: Promise<void> | null = null;
  /** How long a round trip takes; none unless a test says so. */
  roundTrip: () => Promise<void> = () => Promise.resolve();
  /** Handles of processes whose streams were given up after a restore. */
  readonly released: number[] = [];
  readonly #adopted = new Set<number>();
  #next = 0;
  readonly #chains = new Map<string, string>();
  #rules: (FirewallRule & { readonly words: string })[] = [];
  readonly #all = new Map<number, TestProcess>();
  #lastExec: TestProcess | null = null;
  readonly #endsAgain = new Set<TestProcess>();

  constructor(tree: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(tree)) this.tree.set(path, text);
  }

  processOf(container: string): TestProcess {
    const found = this.containers.get(container)?.process;
    if (found === undefined) throw new Error(`${container} is not on the test machine`);
    return found;
  }

  /** The process started last by exec. */
  get lastExec(): TestProcess {
    if (this.#lastExec === null) throw new Error('nothing was executed');
    return this.#lastExec;
  }

  save(): SavedMachine {
    const containers = [...this.containers.values()].map(({ spec, process, cgroup, execs, plugged, gateway, gateway6 }) => {
      const members = [...execs].map((exec) => exec.save());
      return { spec, process: process.save(), cgroup: new Map(cgroup), execs: members, plugged: new Map(plugged), gateway, gateway6 };
    });
    return {
      containers,
      bridges: new Map(this.bridges),
      tree: new Map(this.tree),
      uppers: new Map([...this.uppers].map(([path, files]) => [path, new Map(files)])),
      mounted: new Map([...this.mounted].map(([target, files]) => [target, new Map(files)])),
      overlays: new Set(this.overlays),
      cgroups: new Set(this.cgroups),
      interfaces: new Map(this.interfaces),
      rules: [...this.#rules],
      chains: new Map(this.#chains),
      resolvers: this.resolvers.save(),
      next: this.#next,
    };
  }

  /** Of a machine that was just made, with the programs it had. */
  restore(saved: SavedMachine): void {
    fill(this.bridges, saved.bridges);
    fill(this.tree, saved.tree);
    for (const [path, files] of saved.uppers) this.uppers.set(path, new Map(files));
    for (const [target, files] of saved.mounted) this.mounted.set(target, new Map(files));
    for (const path of saved.overlays) this.overlays.add(path);
    for (const path of saved.cgroups) this.cgroups.add(path);
    fill(this.interfaces, saved.interfaces);
    this.#rules = [...saved.rules];
    fill(this.#chains, saved.chains);
    this.resolvers.restore(saved.resolvers);
    this.#next = saved.next;
    for (const { spec, process, cgroup, execs, plugged, gateway, gateway6 } of saved.containers) {
      const { id = '', upper = '' } = spec;
      const place = { files: this.uppers.get(upper) ?? new Map<string, string>(), cgroup: new Map(cgroup) };
      const init = this.#resume(process, place);
      const members = new Set(execs.map((exec) => this.#resume(exec, place)));
      this.containers.set(id, { spec, process: init, cgroup: place.cgroup, execs: members, plugged: new Map(plugged), gateway, gateway6 });
      const end = (): void => this.#endNamespaces(id, init);
      void init.exited.then(end, end);
    }
  }

  /** What only a test looks back at, and a test of what stays must not find: ended processes, and what was started and removed. */
  forgetPast(): void {
    for (const [pid, { running }] of this.#all) if (!running) this.#all.delete(pid);
    for (const [container, { closed }] of this.resolvers.open) if (closed) this.resolvers.open.delete(container);
    this.started.length = 0;
    this.removed.length = 0;
  }

  /** Processes that are there, by PID. */
  get alive(): readonly TestProcess[] {
    return [...this.#all.values()].filter(({ running }) => running);
  }

  readonly processes = {
    start: async (spec: ContainerSpec): Promise<RunningProcess> => {
      await this.gate;
      await this.#call('start');
      const { id = '', upper = '', merged = '', cgroup: path = '' } = spec;
      if (this.containers.has(id)) throw new AppError('internal', `${id} is there already`, { detail: { errno: EEXIST } });
      if (spec.joinNetwork !== undefined && spec.joinNetwork !== '') this.#running(spec.joinNetwork);
      for (const { bridge = '' } of spec.endpoints ?? []) if (!this.bridges.has(bridge)) throw noDevice(bridge);
      const files = this.uppers.get(upper) ?? new Map<string, string>();
      this.uppers.set(upper, files);
      // As the agent: a start that fails from here on leaves it for `remove` to take away.
      this.cgroups.add(path);
      const cgroup = new Map((spec.cgroupFiles ?? []).map(({ name = '', value = '' }) => [name, value]));
      const process = this.#spawn(spec.process ?? {}, files, cgroup);
      const plugged = new Map((spec.endpoints ?? []).map(({ hostName = '', name = '' }) => [hostName, name]));
      this.containers.set(id, {
        spec,
        process,
        cgroup,
        execs: new Set(),
        plugged,
        gateway: spec.endpoints?.find((endpoint) => (endpoint.gateway ?? '') !== '')?.gateway ?? '',
        gateway6: spec.endpoints?.find((endpoint) => (endpoint.gateway6 ?? '') !== '')?.gateway6 ?? '',
      });
      this.started.push(spec);
      for (const file of spec.files ?? [])
        this.tree.set(`/run/drydock/containers/${id}/${file.path?.split('/').at(-1) ?? ''}`, fromUtf8(file.contents ?? new Uint8Array()));
      this.overlays.add(merged);
      for (const { hostName = '', bridge = '' } of spec.endpoints ?? []) this.interfaces.set(hostName, bridge);
      void process.exited.then(
        () => this.#endNamespaces(id, process),
        () => this.#endNamespaces(id, process),
      );
      return process;
    },
    exec: async (container: string, spec: ProcessSpec): Promise<RunningProcess> => {
      await this.#call('exec');
      this.#running(container);
      const { process: init, cgroup, execs } = this.#find(container);
      const process = this.#spawn(spec, init.files, cgroup);
      if (init.frozen) process.freeze(true);
      execs.add(process);
      this.#lastExec = process;
      return process;
    },
    adopt: (handle: number): RunningProcess | null => {
      // What had ended when the machine was saved ends again for who adopts it (`machine.save`).
      const ended = [...this.#endsAgain].find((process) => process.handle === handle) ?? null;
      if (ended !== null) return ended;
      const found = this.alive.find((process) => process.handle === handle) ?? null;
      found?.plugAnew();
      this.#adopted.add(handle);
      return found;
    },
    releaseRestored: (): void => {
      this.released.push(...this.alive.map((process) => process.handle).filter((handle) => !this.#adopted.has(handle)));
      this.#adopted.clear();
      this.resolvers.releaseRestored();
    },
    signal: async (container: string, signal: number, pid = 0): Promise<void> => {
      await this.#call('signal');
      const exec = [...this.#find(container).execs].find((process) => process.pid === pid && process.running);
      if (pid !== 0 && exec === undefined) throw gone(container);
      (exec ?? this.#running(container)).signal(signal);
    },
    freeze: async (container: string, frozen: boolean): Promise<void> => {
      await this.#call('freeze');
      this.#running(container).freeze(frozen);
      for (const exec of this.#find(container).execs) exec.freeze(frozen);
    },
    update: async (container: string, files: readonly CgroupFile[]): Promise<void> => {
      await this.#call('update');
      for (const { name = '', value = '' } of files) this.containers.get(container)?.cgroup.set(name, value);
    },
    remove: async (spec: AgentRecordInput<'deleteSpec'>): Promise<void> => {
      await this.#call('remove');
      const { container = '', removeFiles = 0, upper = '', merged = '', cgroup = '' } = spec;
      this.containers.get(container)?.process.exit(0, { signal: 9 });
      this.containers.delete(container);
      for (const name of ['hosts', 'hostname', 'resolv.conf']) this.tree.delete(`/run/drydock/containers/${container}/${name}`);
      this.overlays.delete(merged);
      this.cgroups.delete(cgroup);
      if (removeFiles !== 1) return;
      this.uppers.delete(upper);
      this.removed.push(container);
    },
  };

  readonly resolvers = new TestResolvers();
  readonly outside = new TestOutside();

  readonly networks: NetworkRuntime = {
    createBridge: async (spec: BridgeSpec): Promise<void> => {
      await this.#call('createBridge');
      this.bridges.set(spec.bridge ?? '', spec);
    },
    removeBridge: async (bridge: string): Promise<void> => {
      await this.#call('removeBridge');
      this.bridges.delete(bridge);
    },
    addEndpoint: async (container: string, { bridge = '', hostName = '', name = '' }: EndpointSpec, routes: Gateways): Promise<void> => {
      await this.#call('addEndpoint');
      this.#running(container);
      if (!this.bridges.has(bridge)) throw noDevice(bridge);
      this.interfaces.set(hostName, bridge);
      const found = this.#find(container);
      found.plugged.set(hostName, name);
      if (routes.v4 !== '') found.gateway = routes.v4;
      if (routes.v6 !== '') found.gateway6 = routes.v6;
    },
    removeEndpoint: async (container: string, { hostName = '' }: EndpointSpec, routes: Gateways): Promise<void> => {
      await this.#call('removeEndpoint');
      this.interfaces.delete(hostName);
      const found = this.containers.get(container);
      found?.plugged.delete(hostName);
      if (found !== undefined && routes.v4 !== '') found.gateway = routes.v4;
      if (found !== undefined && routes.v6 !== '') found.gateway6 = routes.v6;
    },
  };

  readonly firewall: GuestFirewall = {
    add: async (changes: readonly FirewallChange[]) => {
      await this.#call('addRules');
      const made: FirewallRule[] = [];
      const before = [...this.#rules];
      for (const { family, table, words } of changes) {
        const [verb, chain = ''] = words.split(' ');
        if (verb === '-N' || verb === '-P') {
          this.#chains.set(`${family} ${table} ${chain}`, words);
          continue;
        }
        if (!this.#chains.has(`${family} ${table} ${chain}`)) {
          this.#rules = before;
          throw new AppError('not_found', 'nf_tables refused the rules (errno 2)', { detail: { errno: errno.ENOENT } });
        }
        this.#next += 1;
        const rule = { family, table, chain, handle: this.#next };
        const line = { ...rule, words: words.replace(/^-I/, '-A') };
        if (verb === '-I') this.#rules.unshift(line);
        else this.#rules.push(line);
        made.push(rule);
      }
      return made;
    },
    remove: async (rules: readonly FirewallRule[]) => {
      await this.#call('removeRules');
      const gone = new Set(rules.map(({ table, handle }) => `${table} ${handle}`));
      this.#rules = this.#rules.filter(({ table, handle }) => !gone.has(`${table} ${handle}`));
    },
  };

  /** As `iptables -t TABLE -S` shows it: policies, chains, rules, each by chain. */
  iptables(table: string, family: FirewallFamily = 'ip'): string[] {
    const chains = [...this.#chains].filter(([key]) => key.startsWith(`${family} ${table} `));
    const own = chains
      .filter(([, words]) => words.startsWith('-P'))
      .sort((one, other) => hooks.indexOf(hookOf(one)) - hooks.indexOf(hookOf(other)));
    const made = chains.filter(([, words]) => words.startsWith('-N')).sort(([one], [other]) => (one < other ? -1 : 1));
    const sorted = [...own, ...made];
    const rules = sorted.flatMap(([key]) =>
      this.#rules.filter((rule) => `${rule.family} ${rule.table} ${rule.chain}` === key).map(({ words }) => words),
    );
    return [...sorted.map(([, words]) => words), ...rules];
  }

  /** As `iptables -t TABLE -F CHAIN && iptables -t TABLE -X CHAIN`. */
  dropChain(table: string, chain: string): void {
    this.#chains.delete(`ip ${table} ${chain}`);
    this.#rules = this.#rules.filter((rule) => rule.family !== 'ip' || rule.table !== table || rule.chain !== chain);
  }

  readonly facts = {
    inspect: async (facts: readonly Fact[]): Promise<readonly FactResult[]> => {
      await this.#call('inspect');
      return facts.map((fact) => answerFact(fact, this.#treeFor(fact), this.devices));
    },
  };

  readonly volumes: VolumeRuntime = {
    make: async (folder) => {
      await this.#call('makeVolume');
      if (this.volumeFolders.has(folder)) return;
      this.volumeFolders.set(folder, null);
      this.volumeFiles.set(folder, new Map());
    },
    fill: async ({ path, folder }) => {
      await this.#call('fillVolume');
      if (!this.volumeFolders.has(folder)) throw new AppError('internal', `${folder}: no such file or directory`);
      this.volumeFolders.set(folder, this.volumeFolders.get(folder) ?? path);
    },
    mount: async (spec) => {
      await this.#call('mountVolume');
      if (this.volumeMounts.has(spec.target)) throw new AppError('internal', `${spec.target} is mounted twice`);
      this.volumeMounts.set(spec.target, spec);
      return null;
    },
    unmount: async (target) => {
      await this.#call('unmountVolume');
      if (!this.volumeMounts.delete(target)) throw new AppError('internal', `${target}: not mounted`);
    },
    remove: async (folder) => {
      await this.#call('removeVolume');
      for (const path of this.volumeFolders.keys()) if (path.startsWith(`${folder}/`)) this.volumeFolders.delete(path);
    },
  };

  readonly files: GuestFiles = {
    write: async ({ directories = [], files = [], remove = [] }) => {
      await this.#call('write');
      this.folders.push(...directories);
      for (const { path = '', contents = new Uint8Array() } of files) this.tree.set(path, fromUtf8(contents));
      for (const gone of remove)
        for (const path of this.tree.keys()) if (path === gone || path.startsWith(`${gone}/`)) this.tree.delete(path);
      for (const gone of remove) this.uppers.delete(gone);
    },
  };

  readonly archives: GuestArchives = {
    read: async ({ pid = 0, root = '', path = '', name = '' }) => {
      await this.#call('archive');
      const own = this.uppers.get(path);
      if (own !== undefined)
        return tarOf(
          [...own]
            .map(([file, text]) => fileEntry(file.replace(/^\/+/, ''), text))
            .sort((one, other) => (one.header.path < other.header.path ? -1 : 1)),
        );
      const tree = this.#treeAt(pid, root);
      const clean = path.replace(/\/\.?$/, '');
      const text = tree.get(clean);
      const below = [...tree].filter(([file]) => file.startsWith(`${clean}/`)).sort();
      if (text === undefined && below.length === 0 && clean !== '')
        throw new AppError('internal', path, { detail: { errno: errno.ENOENT } });
      const folder = name === '' || name.endsWith('/') ? name : `${name}/`;
      if (text !== undefined) return tarOf([fileEntry(name, text)]);
      const top = folder === '' ? [] : [{ header: { ...plainHeader, path: folder, type: 'directory' as const, mode: 0o755 } }];
      return tarOf([...top, ...below.map(([file, contents]) => fileEntry(folder + file.slice(clean.length + 1), contents))]);
    },
    extract: async ({ pid = 0, root = '', path = '' }, archive) => {
      await this.#call('extract');
      const tree = this.#treeAt(pid, root);
      for await (const { header, contents } of tarEntries(archive))
        if (header.type === 'file') tree.set(`${path.replace(/\/\.?$/, '')}/${header.path}`, fromUtf8(await readAll(contents)));
    },
  };

  readonly layers: GuestLayers = {
    keep: async ({ container = '', upper = '', target = '', copy = 0 }) => {
      await this.#call('keepLayer');
      const files = this.uppers.get(upper) ?? new Map<string, string>();
      if (copy === 0 && this.containers.has(container))
        throw new AppError('internal', `container ${container} runs`, { detail: { errno: EBUSY } });
      if (copy === 0) this.uppers.delete(upper);
      this.uppers.set(target, new Map(files));
    },
  };

  readonly overlayMounts: GuestOverlays = {
    mount: async ({ upper = '', lowers = [], target = '' }) => {
      await this.#call('mount');
      const own = upper === '' ? (lowers[0] ?? '') : upper;
      const files = this.uppers.get(own) ?? new Map<string, string>();
      if (upper !== '') this.uppers.set(upper, files);
      this.mounted.set(target, files);
    },
    unmount: async (target) => {
      await this.#call('unmount');
      this.mounted.delete(target);
    },
  };

  #treeAt(pid: number, root: string): Map<string, string> {
    if (pid > 0) return this.#all.get(pid)?.files ?? new Map<string, string>();
    return root === '' ? this.tree : (this.mounted.get(root) ?? this.volumeFiles.get(root) ?? new Map<string, string>());
  }

  /** What the question is about: a container's own files, its cgroup, or the host's. What a test put into `tree` comes first. */
  #treeFor({ path, pid = 0, root = '' }: Fact): ReadonlyMap<string, string> {
    if (root !== '') return this.#treeAt(0, root);
    if (pid > 0) return this.#all.get(pid)?.files ?? new Map();
    if (this.tree.has(path)) return this.tree;
    for (const { spec, cgroup, process, execs } of this.containers.values()) {
      const folder = `/sys/fs/cgroup/${spec.cgroup ?? ''}`;
      if (!path.startsWith(`${folder}/`)) continue;
      const pids = [process, ...execs].filter(({ running }) => running).map((member) => member.pid);
      const live = { 'cgroup.procs': pids.map((member) => `${member}\n`).join(''), 'pids.current': `${pids.length}\n` };
      return new Map([...cgroup, ...Object.entries(live)].map(([name, text]) => [`${folder}/${name}`, text]));
    }
    return this.tree;
  }

  #endNamespaces(id: string, process: TestProcess): void {
    const container = this.containers.get(id);
    for (const exec of container?.execs ?? []) exec.exit(0, { signal: 9 });
    if (container?.process !== process) return;
    for (const hostName of container.plugged.keys()) this.interfaces.delete(hostName);
  }

  #find(container: string): TestContainer {
    const found = this.containers.get(container);
    if (found === undefined) throw gone(container);
    return found;
  }

  #running(container: string): TestProcess {
    const { process } = this.#find(container);
    if (!process.running) throw gone(container);
    return process;
  }

  #spawn(spec: ProcessSpec, files: Map<string, string>, cgroup: Map<string, string>): TestProcess {
    const name = spec.args?.[0] ?? '';
    const program = this.programs.get(name);
    if (program === undefined) {
      throw new AppError('internal', `exec: "${name}": executable file not found in $PATH`, {
        detail: { errno: errno.ENOENT, stage: 'lookup' },
      });
    }
    this.#next += 1;
    const process = new TestProcess({ handle: this.#next * 2 - 1, pid: 100 + this.#next, files, cgroup }, spec);
    this.#all.set(process.pid, process);
    this.#run(process, program);
    return process;
  }

  #resume(saved: SavedProcess, place: Pick<TestProcess, 'files' | 'cgroup'>): TestProcess {
    const process = new TestProcess({ ...place, handle: saved.handle, pid: saved.pid }, saved.spec);
    process.resume(saved);
    this.#all.set(process.pid, process);
    const program = this.programs.get(saved.spec.args?.[0] ?? '');
    if (saved.exit !== null) this.#endsAgain.add(process);
    else if (program !== undefined) this.#run(process, program);
    return process;
  }

  #run(process: TestProcess, program: Program): void {
    void Promise.resolve()
      .then(() => program(process))
      .then(
        (code) => process.exit(code ?? 0),
        // Nobody reads any more, as SIGPIPE ends it.
        () => process.exit(0, { signal: 13 }),
      );
  }

  async #call(name: string): Promise<void> {
    await this.roundTrip();
    const failure = this.failures.get(name);
    if (failure === undefined) return;
    this.failures.delete(name);
    throw failure;
  }
}

const hooks = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
const hookOf = ([key]: readonly [string, string]): string => key.split(' ')[2] ?? '';

const plainHeader = { mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, xattrs: new Map(), size: 0 };

function fileEntry(path: string, text: string): TarInput {
  const contents = utf8(text);
  return { header: { ...plainHeader, path, type: 'file', size: contents.length }, contents: sourceOf(contents) };
}

function fill<V>(map: Map<string, V>, saved: ReadonlyMap<string, V>): void {
  for (const [key, value] of saved) map.set(key, value);
}

function gone(container: string): AppError {
  return new AppError('not_found', `container ${container} is not running`, { detail: { errno: errno.ESRCH } });
}

function noDevice(bridge: string): AppError {
  return new AppError('internal', `bridge ${bridge}: no such device`, { detail: { errno: ENODEV, stage: 'network' } });
}
