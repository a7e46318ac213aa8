import { isHardwareAddress, isLoopback } from '../../grammar/address.ts';
import type { CliContext } from '../context.ts';
import { effectiveCapabilities, lastUlimits, parseDevice, parseRestartPolicy, type RestartPolicy } from '../flags/container-values.ts';
import { readEnvironment, readLabels } from '../flags/environment.ts';
import { resolveSource, splitVolumes } from '../flags/mounts.ts';
import { parsePorts, type PublishedPorts } from '../flags/ports.ts';
import { StatusError, messageOf } from '../errors.ts';
import type { ContainerFlags } from './container-flags.ts';
import { endpointsOf, networkModeOf } from './container-network.ts';
import { securityOf } from './container-security.ts';

/** What is to be made, as the API takes it, and what the client itself must know of it. */
export interface ContainerBody {
  readonly config: ContainerConfigBody;
  readonly hostConfig: Readonly<Record<string, unknown>>;
  readonly networkingConfig: Readonly<Record<string, unknown>>;
  readonly autoRemove: boolean;
}

export interface ContainerConfigBody {
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly Tty: boolean;
  readonly OpenStdin: boolean;
  readonly StdinOnce: boolean;
  readonly Image: string;
  readonly [field: string]: unknown;
}

/** From flags to the body of POST /containers/create (docker/cli's container.parse). Throws StatusError with what is wrong. */
export async function containerBody(
  context: CliContext,
  flags: ContainerFlags,
  image: string,
  command: readonly string[],
): Promise<ContainerBody> {
  checkRanges(flags);
  const ports = parsePorts(flags.publish.value, flags.expose.value);
  const volumes = splitVolumes(flags.volume.value, context.session.cwd);
  const env = await readEnvironment(context, flags.envFile.value, lastOfEach(flags.env.value));
  const labels = await readLabels(context, flags.labelFile.value, flags.label.value);
  checkModes(flags);
  const restart = parseRestartPolicy(flags.restart.value);
  if (flags.rm.value && !['', 'no'].includes(restart.Name))
    throw new StatusError(1, 'conflicting options: cannot specify both --restart and --rm');
  const hostConfig = await hostConfigOf(context, flags, { ports, binds: volumes.binds, restart });
  for (const server of flags.dns.value.filter(isLoopback).slice(0, 1))
    await context.err(`WARNING: Localhost DNS (${server}) may fail in containers.\n`);
  const config = configOf(flags, { image, command, env, labels, ports, volumes: volumes.anonymous });
  return { config, hostConfig, networkingConfig: { EndpointsConfig: endpointsOf(flags) }, autoRemove: flags.rm.value };
}

/** Whatever a parser refused, as an error of the command. */
export async function asCommandError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StatusError ? error : new StatusError(125, messageOf(error));
  }
}

function checkRanges(flags: ContainerFlags): void {
  const swappiness = flags.memorySwappiness.value;
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw new StatusError(1, `invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  const mac = flags.macAddress.value;
  if (mac !== '' && !isHardwareAddress(mac)) throw new StatusError(1, `${mac} is not a valid mac address`);
}

function checkModes(flags: ContainerFlags): void {
  checkMode('--pid', 'PID', flags.pid.value, ['', 'host']);
  checkMode('--uts', 'UTS', flags.uts.value, ['', 'host']);
  checkMode('--userns', 'USER', flags.userns.value, ['', 'host']);
  checkMode('--cgroupns', 'CGROUP', flags.cgroupns.value, ['', 'host', 'private']);
}

function checkMode(flag: string, word: string, value: string, known: readonly string[]): void {
  const joinsContainer = flag === '--pid' && /^container:.+$/.test(value);
  if (!known.includes(value) && !joinsContainer) throw new StatusError(1, `${flag}: invalid ${word} mode`);
}

interface ConfigParts {
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly labels: readonly string[];
  readonly ports: PublishedPorts;
  readonly volumes: Record<string, object>;
}

function configOf(flags: ContainerFlags, parts: ConfigParts): ContainerConfigBody {
  const attached = flags.attach.value;
  const attachStdin = flags.interactive.value || attached.includes('stdin');
  const health = healthOf(flags);
  return {
    Hostname: flags.hostname.value,
    Domainname: flags.domainname.value,
    User: flags.user.value,
    AttachStdin: attachStdin,
    AttachStdout: attached.length === 0 || attached.includes('stdout'),
    AttachStderr: attached.length === 0 || attached.includes('stderr'),
    ...(Object.keys(parts.ports.exposed).length === 0 ? {} : { ExposedPorts: parts.ports.exposed }),
    Tty: flags.tty.value,
    OpenStdin: flags.interactive.value,
    StdinOnce: flags.interactive.value && attachStdin,
    Env: orNull(parts.env),
    Cmd: parts.command.length === 0 ? null : parts.command,
    ...(health === null ? {} : { Healthcheck: health }),
    Image: parts.image,
    Volumes: parts.volumes,
    WorkingDir: flags.workdir.value,
    Entrypoint: flags.entrypoint.changed ? [flags.entrypoint.value] : null,
    OnBuild: null,
    Labels: mapOf(parts.labels),
    ...(flags.stopSignal.value === '' ? {} : { StopSignal: flags.stopSignal.value }),
    ...(flags.stopTimeout.changed ? { StopTimeout: flags.stopTimeout.value } : {}),
  };
}

function healthOf(flags: ContainerFlags): object | null {
  const settings = {
    Interval: flags.healthInterval.value,
    Timeout: flags.healthTimeout.value,
    StartPeriod: flags.healthStartPeriod.value,
    StartInterval: flags.healthStartInterval.value,
    Retries: flags.healthRetries.value,
  };
  const given = Object.entries(settings).filter(([, value]) => value !== 0);
  const command = flags.healthCmd.value;
  const any = given.length > 0 || command !== '';
  if (flags.noHealthcheck.value) {
    if (any) throw new StatusError(1, '--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  for (const [name, value] of given) {
    if (value < 0)
      throw new StatusError(1, `--health-${name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()} cannot be negative`);
  }
  return any ? { ...(command === '' ? {} : { Test: ['CMD-SHELL', command] }), ...Object.fromEntries(given) } : null;
}

interface HostParts {
  readonly ports: PublishedPorts;
  readonly binds: readonly string[];
  readonly restart: RestartPolicy;
}

async function hostConfigOf(context: CliContext, flags: ContainerFlags, parts: HostParts): Promise<Readonly<Record<string, unknown>>> {
  const logOptions = mapOf(flags.logOpt.value);
  if (flags.logDriver.value === 'none' && flags.logOpt.value.length > 0) throw new StatusError(1, 'invalid logging opts for driver none');
  const security = await securityOf(context, flags.securityOpt.value);
  const capabilities = effectiveCapabilities(flags.capAdd.value, flags.capDrop.value);
  const tmpfs = Object.fromEntries(flags.tmpfs.value.map((spec) => splitOnce(spec, ':')));
  return {
    Binds: orNull(parts.binds),
    ContainerIDFile: '',
    LogConfig: { Type: flags.logDriver.value, Config: logOptions },
    NetworkMode: networkModeOf(flags),
    PortBindings: parts.ports.bindings,
    RestartPolicy: parts.restart,
    AutoRemove: flags.rm.value,
    VolumeDriver: flags.volumeDriver.value,
    VolumesFrom: orNull(flags.volumesFrom.value),
    ConsoleSize: [0, 0],
    ...(Object.keys(flags.annotation.value).length === 0 ? {} : { Annotations: flags.annotation.value }),
    CapAdd: orNull(capabilities.add),
    CapDrop: orNull(capabilities.drop),
    CgroupnsMode: flags.cgroupns.value,
    Dns: flags.dns.value,
    DnsOptions: flags.dnsOption.value,
    DnsSearch: flags.dnsSearch.value,
    ExtraHosts: orNull(flags.addHost.value),
    GroupAdd: orNull(flags.groupAdd.value),
    IpcMode: flags.ipc.value,
    Cgroup: '',
    Links: flags.link.value.length === 0 ? null : flags.link.value,
    OomScoreAdj: flags.oomScoreAdj.value,
    PidMode: flags.pid.value,
    Privileged: flags.privileged.value,
    PublishAllPorts: flags.publishAll.value,
    ReadonlyRootfs: flags.readOnly.value,
    SecurityOpt: flags.securityOpt.value.length === 0 ? null : security.options,
    ...(Object.keys(tmpfs).length === 0 ? {} : { Tmpfs: tmpfs }),
    UTSMode: flags.uts.value,
    UsernsMode: flags.userns.value,
    ShmSize: flags.shmSize.value,
    ...(flags.sysctl.value.length === 0 ? {} : { Sysctls: mapOf(flags.sysctl.value) }),
    ...(flags.runtime.value === '' ? {} : { Runtime: flags.runtime.value }),
    Isolation: flags.isolation.value,
    ...storageOptionsOf(flags.storageOpt.value),
    ...resourcesOf(flags),
    ...mountsOf(flags, context.session.cwd),
    MaskedPaths: security.maskedPaths,
    ReadonlyPaths: security.readonlyPaths,
    ...(flags.init.changed ? { Init: flags.init.value } : {}),
  };
}

/** `--use-api-socket` comes last, as docker's client has it. */
function mountsOf(flags: ContainerFlags, cwd: string): { readonly Mounts?: readonly object[] } {
  const apiSocket = { Type: 'bind', Source: '/var/run/docker.sock', Target: '/var/run/docker.sock', BindOptions: {} };
  const mounts = [...flags.mount.value.map((mount) => resolveSource(mount, cwd)), ...(flags.useApiSocket.value ? [apiSocket] : [])];
  return mounts.length === 0 ? {} : { Mounts: mounts };
}

function resourcesOf(flags: ContainerFlags): Readonly<Record<string, unknown>> {
  return {
    CpuShares: flags.cpuShares.value,
    Memory: flags.memory.value,
    NanoCpus: flags.cpus.value,
    CgroupParent: flags.cgroupParent.value,
    BlkioWeight: flags.blkioWeight.value,
    BlkioWeightDevice: flags.blkioWeightDevice.value,
    BlkioDeviceReadBps: flags.deviceReadBps.value,
    BlkioDeviceWriteBps: flags.deviceWriteBps.value,
    BlkioDeviceReadIOps: flags.deviceReadIops.value,
    BlkioDeviceWriteIOps: flags.deviceWriteIops.value,
    CpuPeriod: flags.cpuPeriod.value,
    CpuQuota: flags.cpuQuota.value,
    CpuRealtimePeriod: flags.cpuRtPeriod.value,
    CpuRealtimeRuntime: flags.cpuRtRuntime.value,
    CpusetCpus: flags.cpusetCpus.value,
    CpusetMems: flags.cpusetMems.value,
    Devices: flags.device.value.map(parseDevice),
    DeviceCgroupRules: orNull(flags.deviceCgroupRule.value),
    DeviceRequests: orNull(flags.gpus.value),
    MemoryReservation: flags.memoryReservation.value,
    MemorySwap: flags.memorySwap.value,
    MemorySwappiness: flags.memorySwappiness.value,
    OomKillDisable: flags.oomKillDisable.value,
    PidsLimit: flags.pidsLimit.value,
    Ulimits: lastUlimits(flags.ulimit.value),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  };
}

/** A Go slice that nobody appended to is null. */
function orNull<T>(items: readonly T[]): readonly T[] | null {
  return items.length === 0 ? null : items;
}

/** Of several settings of one variable the last. */
function lastOfEach(env: readonly string[]): readonly string[] {
  return [...new Map(env.map((entry) => [splitOnce(entry, '=')[0], entry])).values()];
}

function storageOptionsOf(options: readonly string[]): { readonly StorageOpt?: Record<string, string> } {
  if (options.some((option) => !option.includes('='))) throw new StatusError(125, 'invalid storage option');
  return options.length === 0 ? {} : { StorageOpt: mapOf(options) };
}

function mapOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => splitOnce(pair, '=')));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
