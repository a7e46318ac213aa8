import type { SystemInfo } from '../../protocol/engine-api.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import type { Needs } from '../containers/context.ts';
import { readHostFacts, type HostFacts } from './host-facts.ts';
import { engineVersion } from './version.ts';

export interface InfoSource {
  /** Made once, for the engine's life. */
  readonly id: string;
  readonly images: number;
}

/** GET /info: counts of this engine, facts of the guest. */
export async function systemInfo(context: Needs<'store' | 'runtime' | 'clock' | 'host'>, { id, images }: InfoSource): Promise<SystemInfo> {
  const host = await readHostFacts(context.runtime.facts);
  const all = context.store.all();
  const count = (...statuses: string[]): number => all.filter(({ state }) => statuses.includes(state.status)).length;
  const has = (controller: string): boolean => host.controllers.has(controller);
  return {
    ID: id,
    Containers: all.length,
    ContainersRunning: count('running', 'restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('created', 'exited', 'dead', 'removing'),
    Images: images,
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', 'extfs'],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    Plugins: {
      Volume: ['local'],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null'],
      Authorization: null,
      Log: ['json-file', 'local'],
    },
    MemoryLimit: has('memory'),
    SwapLimit: has('memory'),
    CpuCfsPeriod: has('cpu'),
    CpuCfsQuota: has('cpu'),
    CPUShares: has('cpu'),
    CPUSet: has('cpuset'),
    PidsLimit: has('pids'),
    IPv4Forwarding: host.ipForward,
    Debug: false,
    NFd: 0,
    OomKillDisable: false,
    NGoroutines: 0,
    SystemTime: rfc3339Nano(context.clock.now()),
    LoggingDriver: 'json-file',
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '2',
    NEventsListener: 0,
    KernelVersion: host.kernelVersion,
    OperatingSystem: host.operatingSystem,
    OSVersion: host.osVersion,
    OSType: 'linux',
    Architecture: 'i686',
    // Names without a registry are docker.io's, as everywhere; what answers to them comes with us.
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: {
      InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
      IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: [], Secure: true, Official: true } },
      Mirrors: null,
    },
    NCPU: host.cpus,
    MemTotal: host.memory,
    GenericResources: null,
    DockerRootDir: context.host.dataRoot,
    HttpProxy: '',
    HttpsProxy: '',
    NoProxy: '',
    Name: host.hostname,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: engineVersion,
    Runtimes: { runc: { path: 'runc' } },
    DefaultRuntime: 'runc',
    Swarm: { NodeID: '', NodeAddr: '', LocalNodeState: 'inactive', ControlAvailable: false, Error: '', RemoteManagers: null },
    LiveRestoreEnabled: false,
    Isolation: '',
    InitBinary: 'docker-init',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: '' },
    SecurityOptions: ['name=seccomp,profile=builtin', 'name=cgroupns'],
    CDISpecDirs: [],
    FirewallBackend: { Driver: 'iptables' },
    Warnings: missing(host),
  };
}

/** What the kernel of the guest has not, and limits that are therefore discarded (daemon/info_unix.go, fillPlatformInfo). */
function missing({ controllers, ipForward }: HostFacts): readonly string[] | null {
  const rows: readonly (readonly [controller: string, ...what: readonly string[]])[] = [
    ['memory', 'memory limit', 'swap limit'],
    ['cpu', 'cpu cfs quota', 'cpu cfs period', 'cpu shares'],
    ['cpuset', 'cpuset'],
    ['io', 'io.weight'],
    // The kernel has weights of a disk once its io.cost.qos is on, and nobody turns it on.
    ['', 'io.weight (per device)'],
    ['io', 'io.max (rbps)', 'io.max (wbps)', 'io.max (riops)', 'io.max (wiops)'],
  ];
  const absent = rows.filter(([controller]) => !controllers.has(controller)).flatMap(([, ...what]) => what);
  const warnings = absent.map((what) => `WARNING: No ${what} support`);
  if (!ipForward) warnings.push('WARNING: IPv4 forwarding is disabled');
  return warnings.length === 0 ? null : warnings;
}
