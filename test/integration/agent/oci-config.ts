import { seccompFilter } from '../../../src/engine/containers/seccomp/filter.ts';
import type { Profile } from '../../../src/engine/containers/seccomp/profile.ts';
import { capabilityBits } from '../../../src/engine/containers/spec/capabilities.ts';
import { standardDevices } from '../../../src/engine/containers/spec/devices.ts';
import { cgroupFiles } from '../../../src/engine/containers/spec/resources.ts';
import type { Resources } from '../../../src/protocol/engine-api.ts';
import { namespace, type ContainerSpec } from './containers.ts';

/** The part of the OCI runtime configuration (config.md, config-linux.md) that the comparison uses; limits and profile as Docker has them. */
export interface OciConfig {
  readonly ociVersion: string;
  readonly hostname: string;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly process: {
    readonly terminal: boolean;
    readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids: readonly number[] };
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
    readonly capabilities: Readonly<Record<'bounding' | 'effective' | 'permitted', readonly string[]>>;
    readonly noNewPrivileges: boolean;
    readonly oomScoreAdj?: number;
    readonly rlimits: readonly { readonly type: string; readonly soft: number; readonly hard: number }[];
  };
  readonly mounts: readonly {
    readonly destination: string;
    readonly type: string;
    readonly source: string;
    readonly options: readonly string[];
  }[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[];
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
    readonly sysctl: Readonly<Record<string, string>>;
    readonly seccomp?: Profile;
    readonly devices: readonly { readonly allow: boolean; readonly type?: string; readonly access: string }[];
    readonly resources: Resources;
  };
}

/** config.json. @param cgroupsPath from the root of the hierarchy */
export function ociJson({ linux, ...config }: OciConfig, cgroupsPath: string): string {
  const { seccomp, devices, resources, ...rest } = linux;
  const held = new Set(config.process.capabilities.bounding);
  return JSON.stringify({
    ...config,
    linux: {
      ...rest,
      // What libnetwork does for ::1, and a runtime does not.
      sysctl: { ...rest.sysctl, 'net.ipv6.conf.lo.disable_ipv6': '0' },
      cgroupsPath,
      ...(seccomp === undefined ? {} : { seccomp: ociSeccomp(seccomp, held) }),
      resources: { devices, ...ociResources(resources) },
    },
  });
}

/** daemon/seccomp_linux.go: what the conditions choose. */
function ociSeccomp(profile: Profile, held: ReadonlySet<string>): object {
  const { syscalls, ...rest } = profile;
  const has = (name: string): boolean => held.has(name);
  return {
    ...rest,
    architectures: ['SCMP_ARCH_X86'],
    syscalls: syscalls
      .filter(({ includes, excludes }) => (includes.caps ?? []).every(has) && !(excludes.caps ?? []).some(has))
      .map(({ names, action, errnoRet, args }) => ({ names, action, errnoRet, args })),
  };
}

/** daemon/oci_linux.go, WithResources; zero is absence. */
function ociResources(resources: Resources): object {
  const { Memory: limit, MemorySwap: swap, MemoryReservation: reservation, CpuShares: shares, NanoCpus: nano } = resources;
  const period = nano > 0 ? 100_000 : resources.CpuPeriod;
  const quota = nano > 0 ? (Number(nano) * Number(period)) / 1e9 : resources.CpuQuota;
  const given = (values: Readonly<Record<string, number | bigint | null>>): object =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== 0));
  return {
    memory: given({ limit, swap, reservation }),
    cpu: given({ shares, period, quota }),
    ...(resources.PidsLimit === null ? {} : { pids: { limit: resources.PidsLimit } }),
  };
}

/** MS_* of mount(2) by the option's name. */
const mountFlags = new Map([
  ['ro', 1],
  ['nosuid', 2],
  ['nodev', 4],
  ['noexec', 8],
  ['bind', 4096],
  ['rbind', 4096 | 16384],
  ['strictatime', 1 << 24],
]);
const rlimitNumbers = new Map([['RLIMIT_NOFILE', 7]]);
function known<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error(`no number for ${String(key)}`);
  return value;
}

function mountOf({ destination, type, source, options }: OciConfig['mounts'][number]): NonNullable<ContainerSpec['mounts']>[number] {
  const flags = options.reduce((all, option) => all | (mountFlags.get(option) ?? 0), 0);
  const data = options.filter((option) => !mountFlags.has(option)).join(',');
  return { source, target: destination, type: type === 'cgroup' ? 'cgroup2' : type, flags, data };
}

/** The same container for the agent; limits and filter as the engine makes them. */
export function agentSpec({ hostname, root, process, mounts, linux }: OciConfig): ContainerSpec {
  const { user } = process;
  const { bounding } = process.capabilities;
  return {
    hostname,
    readonlyRoot: root.readonly ? 1 : 0,
    mounts: mounts.map(mountOf),
    devices: standardDevices,
    maskedPaths: linux.maskedPaths,
    readonlyPaths: linux.readonlyPaths,
    namespaces: linux.namespaces.reduce((all, { type }) => all | known(new Map(Object.entries(namespace)), type), 0),
    sysctls: Object.entries(linux.sysctl).map(([name, value]) => ({ name, value })),
    cgroupFiles: cgroupFiles(linux.resources),
    process: {
      args: process.args,
      env: process.env,
      cwd: process.cwd,
      user: `${user.uid}:${user.gid}`,
      groups: user.additionalGids.map(String),
      tty: process.terminal ? 1 : 0,
      capabilities: capabilityBits(bounding),
      noNewPrivileges: process.noNewPrivileges ? 1 : 0,
      ...(linux.seccomp === undefined ? {} : { seccomp: seccompFilter(linux.seccomp, bounding) }),
      oomScoreAdj: (process.oomScoreAdj ?? 0) >>> 0,
      rlimits: process.rlimits.map(({ type, soft, hard }) => ({
        resource: known(rlimitNumbers, type),
        soft: BigInt(soft),
        hard: BigInt(hard),
      })),
    },
  };
}
