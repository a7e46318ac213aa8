import { AppError, type ErrorKind } from '../../../base/errors.ts';
import type { Integer } from '../../../grammar/strconv.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';
import type { CgroupFile, ContainerSpec, ProcessSpec } from '../../runtime.ts';
import type { Container } from '../container.ts';
import type { IpcMode, PidMode } from '../modes.ts';
import { cgroupOf, lowerDirectories, type Needs, overlayDirectories } from '../context.ts';
import { seccompFilter } from '../seccomp/filter.ts';
import { parseProfile } from '../seccomp/profile.ts';
import { capabilityBits, tweakCapabilities } from './capabilities.ts';
import { processEnvironment, withoutEmptyHome } from './environment.ts';
import { hasIpv6, hostAddresses, nameFiles, nameFilesOwner, sharedNameFiles } from './files.ts';
import { linkedTo, linkLine, linkVariables } from './links.ts';
import type { ResolvFacts } from './resolv-conf.ts';
import { containerMounts } from './mounts.ts';
import { cgroupFiles } from './resources.ts';
import { rlimits } from './rlimits.ts';
import { parseSecurityOptions } from './security.ts';
import { sharedMemory } from './shared-memory.ts';
import { containerSysctls } from './sysctls.ts';
import { plainUser } from './user.ts';
import { notRunning } from '../state.ts';

/** CLONE_NEW* of clone(2). */
const namespace = {
  mount: 0x0002_0000,
  cgroup: 0x0200_0000,
  uts: 0x0400_0000,
  ipc: 0x0800_0000,
  pid: 0x2000_0000,
  network: 0x4000_0000,
} as const;

export interface SpecNetwork {
  readonly endpoints: readonly AgentRecordInput<'endpoint'>[];
  /** ID of the container whose network is shared; '' = none. */
  readonly join: string;
  readonly host: boolean;
  /** Gateway of the default bridge, for `--add-host name:host-gateway`. */
  readonly hostGateway: string;
}

export interface SpecParts {
  readonly network: SpecNetwork;
  readonly devices: readonly AgentRecordInput<'device'>[];
  readonly deviceRules: readonly AgentRecordInput<'deviceRule'>[];
  readonly blockLimits: readonly CgroupFile[];
}

/** What the agent needs to run a container: daemon/oci_linux.go over Docker's configuration. */
export function containerSpec(
  context: Needs<'store' | 'networks' | 'host'>,
  container: Container,
  { network, devices, deviceRules, blockLimits }: SpecParts,
): ContainerSpec {
  const { config, hostConfig, id, modes } = container;
  const { host } = context;
  // Nobody looks at them before (daemon/oci_linux.go).
  if (hostConfig.CpuShares < 0)
    throw new AppError('internal', `invalid CPU shares (${hostConfig.CpuShares}): value must be a positive integer`);
  const pid = sharedNamespace(context, modes.pid, 'PID');
  const ipc = sharedNamespace(context, modes.ipc, 'IPC');
  const owner = ipc.join === '' ? container : context.store.find(ipc.join);
  const memory = sharedMemory(id, { id: owner.id, ipc: owner.modes.ipc, size: owner.hostConfig.ShmSize });
  return {
    id,
    hostname: modes.uts === 'host' ? '' : config.Hostname,
    domainname: modes.uts === 'host' ? '' : config.Domainname,
    lowers: lowerDirectories(host, container),
    ...overlayDirectories(host, id),
    readonlyRoot: hostConfig.ReadonlyRootfs ? 1 : 0,
    mounts: [
      ...containerMounts(container.mounts, memory, {
        privileged: hostConfig.Privileged,
        writableCgroups: writableCgroups(hostConfig),
        host,
      }),
      ...(network.join === '' ? [] : sharedNameFiles(nameFilesOwner(context.store, container), { readOnly: hostConfig.ReadonlyRootfs })),
    ],
    sharedMemory: memory.kept,
    devices,
    deviceRules,
    maskedPaths: hostConfig.MaskedPaths ?? [],
    readonlyPaths: hostConfig.ReadonlyPaths ?? [],
    files: network.join === '' ? filesOfNames(context, container, network.hostGateway) : [],
    cgroup: cgroupOf(container),
    cgroupFiles: [...cgroupFiles(hostConfig), ...blockLimits],
    namespaces: namespaces({
      pid: !pid.host,
      ipc: !ipc.host,
      network: !network.host,
      uts: modes.uts !== 'host',
      cgroup: modes.cgroup !== 'host',
    }),
    joinNetwork: network.join,
    joinPid: pid.join,
    joinIpc: ipc.join,
    endpoints: network.endpoints,
    sysctls: containerSysctls(hostConfig, modes),
    init: hostConfig.Init === true ? 1 : 0,
    process: initProcess(context, container),
  };
}

/** The container's own hosts, hostname and resolv.conf. */
function filesOfNames(
  context: Needs<'store' | 'networks' | 'host'>,
  container: Container,
  hostGateway: string,
): AgentRecordInput<'file'>[] {
  const { config, hostConfig, endpoints } = container;
  return nameFiles({
    hostname: config.Hostname,
    domainname: config.Domainname,
    addresses: [...endpoints.values()].flatMap(({ lease }) => hostAddresses(lease?.link ?? null, hostConfig)),
    extraHosts: (hostConfig.ExtraHosts ?? []).map((entry) => entry.replace(/:host-gateway$/, `:${hostGateway}`)),
    links: linkedTo(context, container).map(linkLine),
    ipv6: hasIpv6(hostConfig),
    resolver: resolvFacts(context, container),
  });
}

/** What its resolv.conf says while it runs as it does now. */
export function resolvFacts({ host }: Needs<'host'>, { hostConfig, modes, resolver }: Container): ResolvFacts {
  return {
    host: host.nameservers,
    nameservers: hostConfig.Dns ?? [],
    searches: hostConfig.DnsSearch ?? [],
    options: hostConfig.DnsOptions ?? [],
    network: resolver !== null ? 'internal' : modes.network.kind === 'host' ? 'host' : 'legacy',
  };
}

function namespaces(wanted: Readonly<Record<Exclude<keyof typeof namespace, 'mount'>, boolean>>): number {
  let flags: number = namespace.mount;
  if (wanted.pid) flags |= namespace.pid;
  if (wanted.ipc) flags |= namespace.ipc;
  if (wanted.uts) flags |= namespace.uts;
  if (wanted.cgroup) flags |= namespace.cgroup;
  if (wanted.network) flags |= namespace.network;
  return flags;
}

/** `--security-opt writable-cgroups`, else as privileged as the container is (daemon/oci_linux.go). */
function writableCgroups({ SecurityOpt: options, Privileged: privileged }: HostConfig): boolean {
  return parseSecurityOptions(options ?? [], privileged).writableCgroups ?? privileged;
}

/** getIPCContainer and getPIDContainer of daemon/container_operations_unix.go. */
function sharedNamespace(
  context: Needs<'store'>,
  mode: PidMode | IpcMode,
  kind: 'PID' | 'IPC',
): { readonly host: boolean; readonly join: string } {
  if (mode.kind !== 'container') return { host: mode.kind === 'host', join: '' };
  const other = context.store.find(mode.reference);
  const refused = (errorKind: ErrorKind, why: string): AppError => new AppError(errorKind, `failed to join ${kind} namespace: ${why}`);
  // Docker gives this error of a PID mode no class.
  if (other.run === null) throw refused(kind === 'IPC' ? 'conflict' : 'internal', notRunning(other.id).message);
  if (kind === 'IPC' && other.modes.ipc.kind !== 'shareable' && other.modes.ipc.kind !== 'host')
    throw refused('invalid', `container ${other.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`);
  return { host: false, join: other.id };
}

function initProcess(context: Needs<'store' | 'networks'>, container: Container): ProcessSpec {
  const { config, hostConfig, identity } = container;
  const [rows = 0, columns = 0] = hostConfig.ConsoleSize;
  const linked = linkedTo(context, container).flatMap(linkVariables);
  return {
    args: identity.command,
    env: withoutEmptyHome(processEnvironment({ hostname: config.Hostname, tty: config.Tty, env: config.Env ?? [], linked })),
    cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
    user: plainUser(config.User),
    groups: (hostConfig.GroupAdd ?? []).map((group) => plainUser(group)),
    tty: config.Tty ? 1 : 0,
    openStdin: config.OpenStdin ? 1 : 0,
    rows: windowSide(rows),
    columns: windowSide(columns),
    ...confinement(container, false),
    rlimits: rlimits(hostConfig.Ulimits),
    oomScoreAdj: Number(hostConfig.OomScoreAdj) >>> 0,
  };
}

/** As Go makes a uint32 of a uint. */
export function windowSide(cells: Integer): number {
  return Number(BigInt.asUintN(32, BigInt(cells)));
}

/** Capabilities, seccomp and no_new_privs of a container's processes. @param privilegedExec `docker exec --privileged` */
export function confinement({ hostConfig }: Container, privilegedExec: boolean): ProcessSpec {
  const privileged = hostConfig.Privileged || privilegedExec;
  const names = tweakCapabilities(hostConfig.CapAdd ?? [], hostConfig.CapDrop ?? [], privileged);
  const { noNewPrivileges, seccomp } = parseSecurityOptions(hostConfig.SecurityOpt ?? [], privileged);
  const profile = seccomp === null || seccomp === 'default' ? seccomp : parseProfile(seccomp.profile);
  return {
    capabilities: capabilityBits(names),
    noNewPrivileges: noNewPrivileges ? 1 : 0,
    privileged: privileged ? 1 : 0,
    ...(profile === null ? {} : { seccomp: seccompFilter(profile, names) }),
  };
}
