/** Request bodies of the Engine API: schemas, and what they parse to. */
import { z } from 'zod';
import { toRecord } from '../../base/record.ts';
import type { Integer } from '../../grammar/strconv.ts';
import { dictionary, goInteger, NumberLiteral } from './go-values.ts';

/** An object as Go decodes it into a struct. */
function struct<S extends z.ZodRawShape>(shape: S) {
  const byFolded = new Map(Object.keys(shape).map((key) => [key.toLowerCase(), key]));
  const fold = (value: unknown): unknown => {
    if (value === null || value === undefined) return {};
    if (typeof value !== 'object' || Array.isArray(value) || value instanceof NumberLiteral) return value;
    // A key may be any: none reaches a prototype, neither that of the shape nor that of what is made.
    return toRecord(
      Object.entries(value).flatMap(([key, field]) => {
        const known = Object.hasOwn(shape, key) ? key : byFolded.get(key.toLowerCase());
        return known === undefined ? [] : [[known, field] as const];
      }),
    );
  };
  return z.preprocess(fold, z.object(shape));
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const integer = (type: 'int' | 'int64' | 'uint64') =>
  goInteger(type)
    .nullish()
    .transform((value) => value ?? 0);
const uint16 = goInteger('uint16')
  .nullish()
  .transform((value) => value ?? 0);
const int64 = integer('int64');
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const pointer = <T extends z.ZodType>(of: T) => of.nullish().transform((value) => value ?? null);
const omitempty = <T extends z.ZodType>(of: T) =>
  of
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
const list = <T extends z.ZodType>(of: T) => pointer(z.array(of));
const map = <T extends z.ZodType>(of: T) => pointer(dictionary(of));
/** Of a list or a map: null is the empty text. */
const word = z
  .string()
  .nullable()
  .transform((value) => value ?? '');
const texts = list(word);
const labels = map(word);
/** Go's strslice: one string is a list of one. */
const words = pointer(z.union([z.array(word), z.string().transform((only) => [only])]));
/** Go's struct{}: an object, or null. */
const emptyObject = z.preprocess((value) => value ?? {}, z.object({})).transform((): Record<string, never> => ({}));
/** Go's [2]uint, rows and columns: what is missing is 0, what is too much is dropped. */
const consoleSize = z.array(goInteger('uint')).transform(([rows = 0, columns = 0]): [Integer, Integer] => [rows, columns]);

const healthConfigSchema = struct({
  Test: omitempty(z.array(z.string())),
  /** Nanoseconds, as every duration here. */
  Interval: omitempty(goInteger('time.Duration')),
  Timeout: omitempty(goInteger('time.Duration')),
  StartPeriod: omitempty(goInteger('time.Duration')),
  StartInterval: omitempty(goInteger('time.Duration')),
  Retries: omitempty(goInteger('int')),
});

const containerConfigShape = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: omitempty(dictionary(emptyObject)),
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
  StopTimeout: omitempty(goInteger('int')),
  Shell: omitempty(z.array(z.string())),
};
export const containerConfigSchema = struct(containerConfigShape);

const containerConfigNames = new Set(Object.keys(containerConfigShape).map((name) => name.toLowerCase()));

/** Whether a body says anything of a container's own configuration; Go finds members whatever their case. */
export function namesContainerConfig(body: object): boolean {
  return Object.keys(body).some((name) => containerConfigNames.has(name.toLowerCase()));
}

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
/** What an image says about the processes made from it. */
export type ImageConfig = z.output<typeof imageConfigSchema>;
export type ContainerConfig = z.output<typeof containerConfigSchema>;

const throttleDevice = struct({ Path: text, Rate: integer('uint64') });
const deviceMapping = struct({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text });
const deviceRequest = struct({
  Driver: text,
  Count: integer('int'),
  DeviceIDs: texts,
  Capabilities: list(z.array(z.string())),
  Options: labels,
});
const ulimit = struct({ Name: text, Hard: int64, Soft: int64 });
const restartPolicy = struct({ Name: text, MaximumRetryCount: integer('int') });
const portBinding = struct({ HostIp: text, HostPort: text });
const mount = struct({
  Type: text,
  Source: omitempty(z.string()),
  Target: text,
  ReadOnly: omitempty(z.boolean()),
  Consistency: omitempty(z.string()),
  BindOptions: omitempty(
    struct({
      Propagation: omitempty(z.string()),
      NonRecursive: omitempty(z.boolean()),
      CreateMountpoint: omitempty(z.boolean()),
      ReadOnlyNonRecursive: omitempty(z.boolean()),
      ReadOnlyForceRecursive: omitempty(z.boolean()),
    }),
  ),
  VolumeOptions: omitempty(
    struct({
      NoCopy: omitempty(z.boolean()),
      Labels: omitempty(dictionary(z.string())),
      Subpath: omitempty(z.string()),
      DriverConfig: omitempty(struct({ Name: omitempty(z.string()), Options: omitempty(dictionary(z.string())) })),
    }),
  ),
  ImageOptions: omitempty(struct({ Subpath: omitempty(z.string()) })),
  TmpfsOptions: omitempty(
    struct({
      SizeBytes: omitempty(goInteger('int64')),
      Mode: omitempty(goInteger('uint32')),
      Options: omitempty(z.array(z.array(z.string()))),
    }),
  ),
});

/** Limits; the whole of it is also the body of `update`. Memory in bytes, CpuPeriod and CpuQuota in microseconds, NanoCpus in 1e-9 CPU. */
const resourcesShape = {
  CpuShares: int64,
  Memory: int64,
  NanoCpus: int64,
  CgroupParent: text,
  BlkioWeight: uint16,
  BlkioWeightDevice: list(struct({ Path: text, Weight: uint16 })),
  BlkioDeviceReadBps: list(throttleDevice),
  BlkioDeviceWriteBps: list(throttleDevice),
  BlkioDeviceReadIOps: list(throttleDevice),
  BlkioDeviceWriteIOps: list(throttleDevice),
  CpuPeriod: int64,
  CpuQuota: int64,
  CpuRealtimePeriod: int64,
  CpuRealtimeRuntime: int64,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: list(deviceMapping),
  DeviceCgroupRules: texts,
  DeviceRequests: list(deviceRequest),
  MemoryReservation: int64,
  MemorySwap: int64,
  MemorySwappiness: pointer(goInteger('int64')),
  OomKillDisable: pointer(z.boolean()),
  PidsLimit: pointer(goInteger('int64')),
  Ulimits: list(ulimit),
  CpuCount: int64,
  CpuPercent: int64,
  IOMaximumIOps: integer('uint64'),
  IOMaximumBandwidth: integer('uint64'),
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
  ConsoleSize: consoleSize.nullish().transform((size): [Integer, Integer] => size ?? [0, 0]),
  Annotations: omitempty(dictionary(word)),
  CapAdd: words,
  CapDrop: words,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text,
  Cgroup: text,
  Links: texts,
  OomScoreAdj: integer('int'),
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: texts,
  StorageOpt: omitempty(dictionary(word)),
  Tmpfs: omitempty(dictionary(word)),
  UTSMode: text,
  UsernsMode: text,
  ShmSize: int64,
  Sysctls: omitempty(dictionary(word)),
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
  IPAMConfig: pointer(
    struct({ IPv4Address: omitempty(z.string()), IPv6Address: omitempty(z.string()), LinkLocalIPs: omitempty(z.array(z.string())) }),
  ),
  Links: texts,
  Aliases: texts,
  MacAddress: text,
  DriverOpts: labels,
  GwPriority: integer('int'),
  NetworkID: text,
  EndpointID: text,
  Gateway: text,
  IPAddress: text,
  IPPrefixLen: integer('int'),
  IPv6Gateway: text,
  GlobalIPv6Address: text,
  GlobalIPv6PrefixLen: integer('int'),
  DNSNames: texts,
});
export const networkingConfigSchema = struct({ EndpointsConfig: map(endpointSettings) });
export type NetworkingConfig = z.output<typeof networkingConfigSchema>;
/** Also a response: what a container has on a network. */
export type EndpointSettings = z.output<typeof endpointSettings>;
/** Of a network that nothing is asked of and that is not joined yet. */
export const emptyEndpoint: EndpointSettings = endpointSettings.parse({});

/** Body of POST /containers/create: the ContainerConfig with two more members. */
export const createContainerSchema = struct({
  ...containerConfigShape,
  HostConfig: hostConfigSchema,
  NetworkingConfig: networkingConfigSchema,
});
export type CreateContainerBody = z.output<typeof createContainerSchema>;

/** Body of POST /containers/{id}/update. Zero and null mean "as it is". */
export const updateContainerSchema = struct({ ...resourcesShape, RestartPolicy: restartPolicy });
export type UpdateContainerBody = z.output<typeof updateContainerSchema>;

export const ipamConfigSchema = struct({
  Subnet: omitempty(z.string()),
  IPRange: omitempty(z.string()),
  Gateway: omitempty(z.string()),
  AuxiliaryAddresses: omitempty(dictionary(word)),
});
export type IpamConfig = z.output<typeof ipamConfigSchema>;
/** Body of POST /networks/create. */
export const createNetworkSchema = struct({
  Name: text,
  Driver: text,
  Scope: text,
  EnableIPv4: pointer(z.boolean()),
  EnableIPv6: pointer(z.boolean()),
  IPAM: pointer(struct({ Driver: text, Options: labels, Config: list(ipamConfigSchema) })),
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  ConfigFrom: pointer(struct({ Network: text })),
  Options: labels,
  Labels: labels,
});
export type CreateNetworkBody = z.output<typeof createNetworkSchema>;
/** Body of POST /volumes/create. */
export const createVolumeSchema = struct({ Name: text, Driver: text, DriverOpts: labels, Labels: labels });
export type CreateVolumeBody = z.output<typeof createVolumeSchema>;

/** Bodies of POST /networks/{id}/connect and disconnect. */
export const networkConnectSchema = struct({ Container: text, EndpointConfig: endpointSettings });
export const networkDisconnectSchema = struct({ Container: text, Force: flag });

/** Body of POST /containers/{id}/exec. */
export const execConfigSchema = struct({
  User: text,
  Privileged: flag,
  Tty: flag,
  /** Rows, columns. */
  ConsoleSize: pointer(consoleSize),
  AttachStdin: flag,
  AttachStderr: flag,
  AttachStdout: flag,
  DetachKeys: text,
  Env: texts,
  WorkingDir: text,
  Cmd: texts,
});
export type ExecConfig = z.output<typeof execConfigSchema>;

/** Body of POST /exec/{id}/start. */
export const execStartSchema = struct({ Detach: flag, Tty: flag, ConsoleSize: pointer(consoleSize) });
