/**
 * The bodies of the Docker Engine API 1.50, with Docker's field names (github.com/moby/moby api/types; Swagger in test/conformance).
 * Request bodies are schemas: they are parsed at the edge as Go's encoding/json does it (names matched in any case, null means the
 * zero value, unknown names skipped). Response bodies are types. A Go nil slice or map is `null`; "omitempty" is optional here.
 */
import { z } from 'zod';

export const apiVersion = '1.50';
export const minApiVersion = '1.24';

/** An object as Go decodes it into a struct. */
function struct<S extends z.ZodRawShape>(shape: S) {
  const byFolded = new Map(Object.keys(shape).map((key) => [key.toLowerCase(), key]));
  const fold = (value: unknown): unknown => {
    if (value === null || value === undefined) return {};
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    const out: Record<string, unknown> = {};
    for (const [key, field] of Object.entries(value)) {
      const known = key in shape ? key : byFolded.get(key.toLowerCase());
      if (known !== undefined) out[known] = field;
    }
    return out;
  };
  return z.preprocess(fold, z.object(shape));
}

const text = z.string().nullish().transform((value) => value ?? '');
const int = z.number().int().nullish().transform((value) => value ?? 0);
const flag = z.boolean().nullish().transform((value) => value ?? false);
const pointer = <T extends z.ZodType>(of: T) => of.nullish().transform((value) => value ?? null);
const omitempty = <T extends z.ZodType>(of: T) => of.nullish().transform((value) => value ?? undefined).optional();
const list = <T extends z.ZodType>(of: T) => pointer(z.array(of));
const map = <T extends z.ZodType>(of: T) => pointer(z.record(z.string(), of));
const texts = list(z.string());
const labels = map(z.string());
/** Go's strslice: one string is a list of one. */
const words = pointer(z.union([z.array(z.string()), z.string().transform((word) => [word])]));
const emptyObject = z.unknown().transform((): Record<string, never> => ({}));

export const healthConfigSchema = struct({
  Test: omitempty(z.array(z.string())),
  /** Nanoseconds, as every duration here. */
  Interval: omitempty(z.number().int()),
  Timeout: omitempty(z.number().int()),
  StartPeriod: omitempty(z.number().int()),
  StartInterval: omitempty(z.number().int()),
  Retries: omitempty(z.number().int()),
});

const containerConfigShape = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: omitempty(z.record(z.string(), emptyObject)),
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: words,
  Healthcheck: omitempty(healthConfigSchema),
  ArgsEscaped: omitempty(z.boolean()),
  Image: text,
  Volumes: map(emptyObject),
  WorkingDir: text,
  Entrypoint: words,
  NetworkDisabled: omitempty(z.boolean()),
  MacAddress: omitempty(z.string()),
  OnBuild: texts,
  Labels: labels,
  StopSignal: omitempty(z.string()),
  /** Seconds. */
  StopTimeout: omitempty(z.number().int()),
  Shell: omitempty(z.array(z.string())),
};
export const containerConfigSchema = struct(containerConfigShape);

/** The `config` of an OCI image is the same with fewer members. */
export const imageConfigSchema = struct({
  User: containerConfigShape.User,
  ExposedPorts: containerConfigShape.ExposedPorts,
  Env: containerConfigShape.Env,
  Cmd: containerConfigShape.Cmd,
  Healthcheck: containerConfigShape.Healthcheck,
  ArgsEscaped: containerConfigShape.ArgsEscaped,
  Volumes: containerConfigShape.Volumes,
  WorkingDir: containerConfigShape.WorkingDir,
  Entrypoint: containerConfigShape.Entrypoint,
  OnBuild: containerConfigShape.OnBuild,
  Labels: containerConfigShape.Labels,
  StopSignal: containerConfigShape.StopSignal,
  Shell: containerConfigShape.Shell,
});
export type ContainerConfig = z.output<typeof containerConfigSchema>;

const throttleDevice = struct({ Path: text, Rate: int });
const deviceMapping = struct({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text });
const deviceRequest = struct({
  Driver: text,
  Count: int,
  DeviceIDs: texts,
  Capabilities: list(z.array(z.string())),
  Options: labels,
});
const ulimit = struct({ Name: text, Hard: int, Soft: int });
const restartPolicy = struct({ Name: text, MaximumRetryCount: int });
const portBinding = struct({ HostIp: text, HostPort: text });
const mount = struct({
  Type: text,
  Source: omitempty(z.string()),
  Target: text,
  ReadOnly: omitempty(z.boolean()),
  Consistency: omitempty(z.string()),
  BindOptions: omitempty(struct({ Propagation: omitempty(z.string()), NonRecursive: omitempty(z.boolean()), CreateMountpoint: omitempty(z.boolean()) })),
  VolumeOptions: omitempty(struct({
    NoCopy: omitempty(z.boolean()),
    Labels: omitempty(z.record(z.string(), z.string())),
    Subpath: omitempty(z.string()),
    DriverConfig: omitempty(struct({ Name: omitempty(z.string()), Options: omitempty(z.record(z.string(), z.string())) })),
  })),
  ImageOptions: omitempty(struct({ Subpath: omitempty(z.string()) })),
  TmpfsOptions: omitempty(struct({ SizeBytes: omitempty(z.number().int()), Mode: omitempty(z.number().int()), Options: omitempty(z.array(z.array(z.string()))) })),
});

/** Limits; the whole of it is also the body of `update`. Memory in bytes, CpuPeriod and CpuQuota in microseconds, NanoCpus in 1e-9 CPU. */
const resourcesShape = {
  CpuShares: int,
  Memory: int,
  NanoCpus: int,
  CgroupParent: text,
  BlkioWeight: int,
  BlkioWeightDevice: list(struct({ Path: text, Weight: int })),
  BlkioDeviceReadBps: list(throttleDevice),
  BlkioDeviceWriteBps: list(throttleDevice),
  BlkioDeviceReadIOps: list(throttleDevice),
  BlkioDeviceWriteIOps: list(throttleDevice),
  CpuPeriod: int,
  CpuQuota: int,
  CpuRealtimePeriod: int,
  CpuRealtimeRuntime: int,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: list(deviceMapping),
  DeviceCgroupRules: texts,
  DeviceRequests: list(deviceRequest),
  MemoryReservation: int,
  MemorySwap: int,
  MemorySwappiness: pointer(z.number().int()),
  OomKillDisable: pointer(z.boolean()),
  PidsLimit: pointer(z.number().int()),
  Ulimits: list(ulimit),
  CpuCount: int,
  CpuPercent: int,
  IOMaximumIOps: int,
  IOMaximumBandwidth: int,
};
export const resourcesSchema = struct(resourcesShape);
export type Resources = z.output<typeof resourcesSchema>;

export const hostConfigSchema = struct({
  Binds: texts,
  ContainerIDFile: text,
  LogConfig: struct({ Type: text, Config: labels }),
  NetworkMode: text,
  /** Keys as "80/tcp". */
  PortBindings: map(z.array(portBinding).nullable()),
  RestartPolicy: restartPolicy,
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: texts,
  /** Rows, columns. */
  ConsoleSize: z.array(z.number().int()).length(2).nullish().transform((size) => size ?? [0, 0]),
  Annotations: omitempty(z.record(z.string(), z.string())),
  CapAdd: texts,
  CapDrop: texts,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text,
  Cgroup: text,
  Links: texts,
  OomScoreAdj: int,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: omitempty(z.record(z.string(), z.string())),
  Tmpfs: omitempty(z.record(z.string(), z.string())),
  UTSMode: text,
  UsernsMode: text,
  ShmSize: int,
  Sysctls: omitempty(z.record(z.string(), z.string())),
  Runtime: text,
  Isolation: text,
  ...resourcesShape,
  Mounts: omitempty(z.array(mount)),
  MaskedPaths: texts,
  ReadonlyPaths: texts,
  Init: omitempty(z.boolean()),
});
export type HostConfig = z.output<typeof hostConfigSchema>;

const endpointSettings = struct({
  IPAMConfig: omitempty(struct({ IPv4Address: omitempty(z.string()), IPv6Address: omitempty(z.string()), LinkLocalIPs: omitempty(z.array(z.string())) })),
  Links: texts,
  Aliases: texts,
  MacAddress: text,
  DriverOpts: labels,
  GwPriority: int,
  NetworkID: text,
  EndpointID: text,
  Gateway: text,
  IPAddress: text,
  IPPrefixLen: int,
  IPv6Gateway: text,
  GlobalIPv6Address: text,
  GlobalIPv6PrefixLen: int,
  DNSNames: texts,
});
export const networkingConfigSchema = struct({ EndpointsConfig: map(endpointSettings) });
export type NetworkingConfig = z.output<typeof networkingConfigSchema>;
/** Also a response: what a container has on a network. */
export type EndpointSettings = z.output<typeof endpointSettings>;

/** Body of POST /containers/create: the ContainerConfig with two more members. */
export const createContainerSchema = struct({ ...containerConfigShape, HostConfig: hostConfigSchema, NetworkingConfig: networkingConfigSchema });
export type CreateContainerBody = z.output<typeof createContainerSchema>;

/** Body of POST /containers/{id}/update. Zero and null mean "as it is". */
export const updateContainerSchema = struct({ ...resourcesShape, RestartPolicy: restartPolicy });
export type UpdateContainerBody = z.output<typeof updateContainerSchema>;

/** Body of POST /containers/{id}/exec. */
export const execConfigSchema = struct({
  User: text,
  Privileged: flag,
  Tty: flag,
  /** Rows, columns. */
  ConsoleSize: pointer(z.array(z.number().int()).length(2)),
  AttachStdin: flag,
  AttachStderr: flag,
  AttachStdout: flag,
  DetachKeys: text,
  Env: texts,
  WorkingDir: text,
  Cmd: words,
});
export type ExecConfig = z.output<typeof execConfigSchema>;

/** Body of POST /exec/{id}/start. */
export const execStartSchema = struct({ Detach: flag, Tty: flag, ConsoleSize: pointer(z.array(z.number().int()).length(2)) });
export type ExecStartBody = z.output<typeof execStartSchema>;

export const authConfigSchema = struct({ username: text, password: text, serveraddress: text });

// Responses.

type Labels = Readonly<Record<string, string>>;

export interface ErrorResponse {
  readonly message: string;
}

export interface Port {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

export interface MountPoint {
  readonly Type: string;
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode: string;
  readonly RW: boolean;
  readonly Propagation: string;
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** GET /containers/json */
export interface ContainerSummary {
  readonly Id: string;
  /** With a leading slash. */
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  /** Unix seconds. */
  readonly Created: number;
  readonly Ports: readonly Port[];
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Labels: Labels;
  readonly State: ContainerStatus;
  /** "Up 3 minutes", "Exited (0) 2 seconds ago" */
  readonly Status: string;
  readonly HostConfig: { readonly NetworkMode: string; readonly Annotations?: Labels };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, EndpointSettings>> };
  readonly Mounts: readonly MountPoint[];
}

export interface Health {
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string }[];
}

export interface ContainerState {
  readonly Status: ContainerStatus;
  readonly Running: boolean;
  readonly Paused: boolean;
  readonly Restarting: boolean;
  readonly OOMKilled: boolean;
  readonly Dead: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
  readonly Error: string;
  /** RFC 3339 with nanoseconds; "0001-01-01T00:00:00Z" for never. */
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: Health;
}

export interface NetworkSettings {
  readonly Bridge: string;
  readonly SandboxID: string;
  readonly SandboxKey: string;
  readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>>;
  readonly HairpinMode: boolean;
  readonly LinkLocalIPv6Address: string;
  readonly LinkLocalIPv6PrefixLen: number;
  readonly SecondaryIPAddresses: null;
  readonly SecondaryIPv6Addresses: null;
  readonly EndpointID: string;
  readonly Gateway: string;
  readonly GlobalIPv6Address: string;
  readonly GlobalIPv6PrefixLen: number;
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly IPv6Gateway: string;
  readonly MacAddress: string;
  readonly Networks: Readonly<Record<string, EndpointSettings>>;
}

export interface GraphDriver {
  readonly Name: string;
  readonly Data: Labels | null;
}

/** GET /containers/{id}/json */
export interface ContainerInspect {
  readonly Id: string;
  readonly Created: string;
  readonly Path: string;
  readonly Args: readonly string[];
  readonly State: ContainerState;
  readonly Image: string;
  readonly ResolvConfPath: string;
  readonly HostnamePath: string;
  readonly HostsPath: string;
  readonly LogPath: string;
  readonly Name: string;
  readonly RestartCount: number;
  readonly Driver: string;
  readonly Platform: string;
  readonly MountLabel: string;
  readonly ProcessLabel: string;
  readonly AppArmorProfile: string;
  readonly ExecIDs: readonly string[] | null;
  readonly HostConfig: HostConfig;
  readonly GraphDriver: GraphDriver;
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Mounts: readonly MountPoint[];
  readonly Config: ContainerConfig;
  readonly NetworkSettings: NetworkSettings;
}

export interface ContainerCreateResponse {
  readonly Id: string;
  readonly Warnings: readonly string[];
}

export interface ContainerWaitResponse {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string };
}

export interface ContainerTopResponse {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

export interface ContainerUpdateResponse {
  readonly Warnings: readonly string[];
}

export interface ContainersPruneResponse {
  readonly ContainersDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}

/** Change kinds: 0 modified, 1 added, 2 deleted. */
export interface FilesystemChange {
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}

export interface BlkioStatEntry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

export interface CpuStats {
  /** Nanoseconds. */
  readonly cpu_usage: {
    readonly total_usage: number;
    readonly percpu_usage?: readonly number[];
    readonly usage_in_kernelmode: number;
    readonly usage_in_usermode: number;
  };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
  readonly throttling_data: { readonly periods: number; readonly throttled_periods: number; readonly throttled_time: number };
}

export interface NetworkStats {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
}

/** GET /containers/{id}/stats, on Linux with cgroup v2. `precpu_stats` is the reading before. */
export interface ContainerStats {
  readonly name: string;
  readonly id: string;
  readonly read: string;
  readonly preread: string;
  readonly pids_stats: { readonly current?: number; readonly limit?: number };
  readonly blkio_stats: {
    readonly io_service_bytes_recursive: readonly BlkioStatEntry[] | null;
    readonly io_serviced_recursive: readonly BlkioStatEntry[] | null;
    readonly io_queue_recursive: readonly BlkioStatEntry[] | null;
    readonly io_service_time_recursive: readonly BlkioStatEntry[] | null;
    readonly io_wait_time_recursive: readonly BlkioStatEntry[] | null;
    readonly io_merged_recursive: readonly BlkioStatEntry[] | null;
    readonly io_time_recursive: readonly BlkioStatEntry[] | null;
    readonly sectors_recursive: readonly BlkioStatEntry[] | null;
  };
  readonly num_procs: number;
  readonly storage_stats: Readonly<Record<string, never>>;
  readonly cpu_stats: CpuStats;
  readonly precpu_stats: CpuStats;
  readonly memory_stats: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>>; readonly limit?: number; readonly failcnt?: number };
  readonly networks?: Readonly<Record<string, NetworkStats>>;
}

/** GET /exec/{id}/json */
export interface ExecInspect {
  readonly ID: string;
  readonly Running: boolean;
  readonly ExitCode: number | null;
  readonly ProcessConfig: {
    readonly tty: boolean;
    readonly entrypoint: string;
    readonly arguments: readonly string[];
    readonly privileged: boolean;
    readonly user?: string;
  };
  readonly OpenStdin: boolean;
  readonly OpenStderr: boolean;
  readonly OpenStdout: boolean;
  readonly CanRemove: boolean;
  readonly ContainerID: string;
  readonly DetachKeys: string;
  readonly Pid: number;
}

export interface IdResponse {
  readonly Id: string;
}

export interface OciPlatform {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
}

export interface OciDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Labels;
  readonly platform?: OciPlatform;
}

/** GET /images/json */
export interface ImageSummary {
  readonly Id: string;
  readonly ParentId: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  /** Unix seconds. */
  readonly Created: number;
  readonly Size: number;
  readonly SharedSize: number;
  readonly Labels: Labels | null;
  readonly Containers: number;
}

/** What an image says about the processes made from it. */
export type ImageConfig = z.output<typeof imageConfigSchema>;

/** GET /images/{name}/json */
export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Parent: string;
  readonly Comment: string;
  readonly Created: string;
  readonly DockerVersion: string;
  readonly Author: string;
  readonly Config: ImageConfig;
  readonly Architecture: string;
  readonly Variant?: string;
  readonly Os: string;
  readonly Size: number;
  readonly GraphDriver: GraphDriver;
  readonly RootFS: { readonly Type: string; readonly Layers: readonly string[] };
  readonly Metadata: { readonly LastTagTime: string };
}

/** GET /images/{name}/history, newest first */
export interface ImageHistoryItem {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Tags: readonly string[] | null;
  readonly Size: number;
  readonly Comment: string;
}

export interface ImageDeleteItem {
  readonly Untagged?: string;
  readonly Deleted?: string;
}

export interface ImagesPruneResponse {
  readonly ImagesDeleted: readonly ImageDeleteItem[] | null;
  readonly SpaceReclaimed: number;
}

/** One line of the JSON stream of pull, push, load, build (github.com/moby/moby pkg/jsonmessage). */
export interface JsonMessage {
  readonly status?: string;
  readonly id?: string;
  readonly progress?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly stream?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly code?: number; readonly message: string };
}

export interface NetworkContainer {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

/** GET /networks, GET /networks/{id}; `Containers` is filled in the latter only. */
export interface Network {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Scope: string;
  readonly Driver: string;
  readonly EnableIPv4: boolean;
  readonly EnableIPv6: boolean;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Labels | null;
    readonly Config: readonly { readonly Subnet?: string; readonly IPRange?: string; readonly Gateway?: string }[];
  };
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly ConfigFrom: { readonly Network: string };
  readonly ConfigOnly: boolean;
  readonly Containers: Readonly<Record<string, NetworkContainer>>;
  readonly Options: Labels;
  readonly Labels: Labels;
}

export interface Volume {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly CreatedAt: string;
  readonly Labels: Labels | null;
  readonly Scope: 'local' | 'global';
  readonly Options: Labels | null;
}

/** GET /version */
export interface SystemVersion {
  readonly Platform: { readonly Name: string };
  readonly Components: readonly { readonly Name: string; readonly Version: string; readonly Details: Labels }[];
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
  readonly GitCommit: string;
  readonly GoVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly KernelVersion: string;
  readonly BuildTime: string;
}

/** GET /info */
export interface SystemInfo {
  readonly ID: string;
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersPaused: number;
  readonly ContainersStopped: number;
  readonly Images: number;
  readonly Driver: string;
  readonly DriverStatus: readonly (readonly string[])[];
  readonly Plugins: { readonly Volume: readonly string[]; readonly Network: readonly string[]; readonly Authorization: readonly string[] | null; readonly Log: readonly string[] };
  readonly MemoryLimit: boolean;
  readonly SwapLimit: boolean;
  readonly CpuCfsPeriod: boolean;
  readonly CpuCfsQuota: boolean;
  readonly CPUShares: boolean;
  readonly CPUSet: boolean;
  readonly PidsLimit: boolean;
  readonly IPv4Forwarding: boolean;
  readonly Debug: boolean;
  readonly NFd: number;
  readonly OomKillDisable: boolean;
  readonly NGoroutines: number;
  readonly SystemTime: string;
  readonly LoggingDriver: string;
  readonly CgroupDriver: 'cgroupfs' | 'systemd' | 'none';
  readonly CgroupVersion: '1' | '2';
  readonly NEventsListener: number;
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly OSVersion: string;
  readonly OSType: string;
  readonly Architecture: string;
  readonly IndexServerAddress: string;
  readonly RegistryConfig: {
    readonly InsecureRegistryCIDRs: readonly string[];
    readonly IndexConfigs: Readonly<Record<string, { readonly Name: string; readonly Mirrors: readonly string[]; readonly Secure: boolean; readonly Official: boolean }>>;
    readonly Mirrors: readonly string[] | null;
  };
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly GenericResources: null;
  readonly DockerRootDir: string;
  readonly HttpProxy: string;
  readonly HttpsProxy: string;
  readonly NoProxy: string;
  readonly Name: string;
  readonly Labels: readonly string[];
  readonly ExperimentalBuild: boolean;
  readonly ServerVersion: string;
  readonly Runtimes: Readonly<Record<string, { readonly path: string }>>;
  readonly DefaultRuntime: string;
  readonly Swarm: {
    readonly NodeID: string;
    readonly NodeAddr: string;
    readonly LocalNodeState: 'inactive';
    readonly ControlAvailable: boolean;
    readonly Error: string;
    readonly RemoteManagers: null;
  };
  readonly LiveRestoreEnabled: boolean;
  readonly Isolation: '';
  readonly InitBinary: string;
  readonly ContainerdCommit: { readonly ID: string };
  readonly RuncCommit: { readonly ID: string };
  readonly InitCommit: { readonly ID: string };
  readonly SecurityOptions: readonly string[];
  readonly CDISpecDirs: readonly string[];
  readonly Warnings: readonly string[] | null;
}

/** GET /system/df */
export interface DiskUsage {
  readonly LayersSize: number;
  readonly Images: readonly ImageSummary[];
  readonly Containers: readonly ContainerSummary[];
  readonly Volumes: readonly Volume[];
  readonly BuildCache: readonly never[];
}

/** One line of GET /events. */
export interface EventMessage {
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Labels };
  readonly scope: 'local';
  readonly time: number;
  readonly timeNano: number;
}
