/**
 * What the API needs of the engine. Every method rejects with an AppError whose message is Docker's own; `id` is what the client wrote
 * (ID, prefix of an ID, or name with or without the leading slash) and the backend resolves it ("No such container: x", not_found).
 */
import type { ByteSink, ByteSource } from '../base/streams.ts';
import type { BuildMessage, BuildOutput } from '../protocol/build-progress.ts';
import type {
  AuthResponse,
  DistributionInspect,
  PushMessage,
  EndpointSettings,
  ContainerConfig,
  ContainerCreateResponse,
  ContainerInspect,
  ContainerPathStat,
  ContainersPruneResponse,
  ContainerStats,
  ContainerSummary,
  ContainerTopResponse,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  CreateContainerBody,
  CreateNetworkBody,
  CreateVolumeBody,
  DiskUsage,
  ExecConfig,
  ExecInspect,
  FilesystemChange,
  HostConfig,
  IdResponse,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageSearchItem,
  ImageInspect,
  ImagesPruneResponse,
  ImageSummary,
  JsonMessage,
  Network,
  NetworkCreateResponse,
  NetworksPruneResponse,
  SystemInfo,
  SystemVersion,
  UpdateContainerBody,
  Volume,
  VolumesPruneResponse,
} from '../protocol/engine-api.ts';
import type { EventLog } from '../protocol/log.ts';

/** The `filters` parameter, maps of maps and maps of lists alike: name -> values. Names are already checked to be known ones. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export interface ContainersBackend {
  /** Newest first. `all` false: running ones only (unless a status filter says otherwise); `limit` 0: no limit. */
  list(options: {
    readonly all: boolean;
    readonly limit: number;
    readonly size: boolean;
    readonly filters: Filters;
  }): Promise<readonly ContainerSummary[]>;
  /** `name` '' makes one up. not_found "No such image: x:latest", conflict for a name in use. */
  create(options: {
    readonly name: string;
    readonly platform: string;
    readonly body: CreateContainerBody;
  }): Promise<ContainerCreateResponse>;
  inspect(id: string, options: { readonly size: boolean }): Promise<ContainerInspect>;
  remove(id: string, options: { readonly force: boolean; readonly volumes: boolean; readonly link: boolean }): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  update(id: string, body: UpdateContainerBody): Promise<ContainerUpdateResponse>;
  prune(filters: Filters): Promise<ContainersPruneResponse>;
  top(id: string, psArguments: string): Promise<ContainerTopResponse>;
  changes(id: string): Promise<readonly FilesystemChange[]>;
}

/** A container's files as tar archives: streams, as slow as who reads or writes them. */
export interface ArchivesBackend {
  /** not_found "Could not find the file /x in container web". */
  stat(id: string, path: string): Promise<ContainerPathStat>;
  read(id: string, path: string): Promise<{ readonly stat: ContainerPathStat; readonly archive: ByteSource }>;
  /** Into a folder that is there; the archive may be compressed as Docker takes it. */
  extract(
    id: string,
    options: { readonly path: string; readonly noOverwriteDirNonDir: boolean; readonly copyUIDGID: boolean },
    archive: ByteSource,
  ): Promise<void>;
  /** The root file system without what is mounted in it. */
  export(id: string): Promise<ByteSource>;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface LifecycleBackend {
  /** not_modified when it runs already. */
  start(id: string): Promise<void>;
  /** `timeout` seconds, negative waits for ever; absent: the container's own. not_modified when it does not run. */
  stop(id: string, options: { readonly signal?: string; readonly timeout?: number }): Promise<void>;
  restart(id: string, options: { readonly signal?: string; readonly timeout?: number }): Promise<void>;
  /** `signal` '' is SIGKILL; names with or without SIG, or a number. */
  kill(id: string, signal: string): Promise<void>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  /** Resolves as soon as the container is found and watched; `exit` when the condition is met (rejects `cancelled` on abort). */
  wait(id: string, condition: WaitCondition, signal: AbortSignal): Promise<{ readonly exit: Promise<ContainerWaitResponse> }>;
  /** Of the pty, in character cells. */
  resize(id: string, rows: number, columns: number): Promise<void>;
}

/** A piece of what a process wrote; everything of a pty is `stdout`. */
export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Uint8Array;
}

/** A piece of a container's log: a line with its newline, or a part of a long one. */
export interface LogRecord extends OutputChunk {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
}

/** `read` resolves to null at the end. One reader at a time. `cancel` is idempotent. */
export interface Source<T> {
  read(): Promise<T | null>;
  cancel(): void;
}

/** A client at a process's streams. Output that the API does not read holds the process back, as a full pipe does. */
export interface AttachSession {
  readonly tty: boolean;
  /** Ends when the process's output has ended and all was read, or after `detach`. */
  readonly output: Source<OutputChunk>;
  /** null: stdin is not attached. `close` is the client's end of input: the process sees it only if its stdin is to be closed then (StdinOnce, exec). */
  readonly input: ByteSink | null;
  /** The client is gone or typed the detach keys; output ends, the process runs on; the engine emits `detach` (for an attach). Idempotent; nothing after the output ended. */
  detach(): void;
}

/** A client at an exec that is still to run: `begin` starts it, once the client has the header of its answer. Never rejects. */
export interface ExecSession extends AttachSession {
  begin(): Promise<void>;
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** What was logged so far comes first. */
  readonly logs: boolean;
  /** false: only the logs, then the end. */
  readonly stream: boolean;
}

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** Nanoseconds since the epoch; records before `since` and after `until` are left out. */
  readonly since?: bigint;
  readonly until?: bigint;
  /** Lines from the end; absent: all. */
  readonly tail?: number;
}

export interface StreamsBackend {
  attach(id: string, options: AttachOptions): Promise<AttachSession>;
  /** `details` are what the log driver keeps beside each line, as a client reads them. With `follow` the source ends when the container stops for good; `cancel` when the client is gone. */
  logs(
    id: string,
    options: LogOptions,
  ): Promise<{ readonly tty: boolean; readonly details: string; readonly records: Source<readonly LogRecord[]> }>;
  /** One reading a second. `stream` false: one reading with the one before it in `precpu_stats`, unless `oneShot`. */
  stats(id: string, options: { readonly stream: boolean; readonly oneShot: boolean }): Promise<Source<ContainerStats>>;
}

export interface ExecBackend {
  /** @throws AppError also what `check` throws, once the container is one that an exec can be made in. */
  create(container: string, config: ExecConfig, check?: () => void): Promise<IdResponse>;
  /** null when detached: it runs then. */
  start(
    id: string,
    options: {
      readonly detach: boolean;
      readonly tty: boolean;
      readonly consoleSize: { readonly rows: number; readonly columns: number } | null;
    },
  ): Promise<ExecSession | null>;
  /** Of one that is not started yet it waits for the start. */
  resize(id: string, rows: number, columns: number): Promise<void>;
  inspect(id: string): Promise<ExecInspect>;
}

export interface ImportOptions {
  /** A name with or without a tag; '' = none. */
  readonly repository: string;
  readonly tag: string;
  readonly message: string;
  readonly changes: readonly string[];
  readonly platform: string;
  readonly signal: AbortSignal;
}

export interface CommitOptions {
  /** '' = no name. */
  readonly repository: string;
  readonly tag: string;
  readonly author: string;
  readonly comment: string;
  readonly pause: boolean;
  /** Instructions of a Dockerfile. */
  readonly changes: readonly string[];
  /** In place of the container's own. */
  readonly config: ContainerConfig | null;
  readonly signal: AbortSignal;
}

export interface ImagesBackend {
  list(options: { readonly all: boolean; readonly filters: Filters; readonly sharedSize: boolean }): Promise<readonly ImageSummary[]>;
  /** `platform` as "os/architecture"; '' is any. not_found where the image has another. */
  inspect(name: string, options: { readonly platform: string }): Promise<ImageInspect>;
  history(name: string, options: { readonly platform: string }): Promise<readonly ImageHistoryItem[]>;
  /** @param options.limit 0 for as many as is usual */
  search(options: {
    readonly term: string;
    readonly limit: number;
    readonly filters: Filters;
    readonly signal: AbortSignal;
  }): Promise<readonly ImageSearchItem[]>;
  /** Rejects for a bad reference or an unknown image; once messages flow, failures are messages. @param tag a tag, a digest, or '' for latest */
  pull(options: {
    readonly image: string;
    readonly tag: string;
    readonly platform: string;
    /** Who asks; nobody in particular unless given. */
    readonly auth?: RegistryAuth;
    readonly signal: AbortSignal;
  }): Promise<Source<JsonMessage>>;
  /** Messages of docker's progress stream, also for what is wrong with the archive, which is read to its end before. */
  load(
    archive: ByteSource,
    options: { readonly quiet: boolean; readonly platform: string; readonly signal: AbortSignal },
  ): Promise<Source<JsonMessage>>;
  /** @returns the ID of the image */
  import(archive: ByteSource, options: ImportOptions): Promise<string>;
  /** @returns the ID of the image */
  commit(container: string, options: CommitOptions): Promise<string>;
  /** An archive, made as it is read. */
  save(names: readonly string[], options: { readonly platform: string }): Promise<ByteSource>;
  tag(name: string, repository: string, tag: string): Promise<void>;
  remove(
    name: string,
    options: { readonly force: boolean; readonly noprune: boolean; readonly platforms?: readonly string[] },
  ): Promise<readonly ImageDeleteItem[]>;
  prune(filters: Filters): Promise<ImagesPruneResponse>;
}

export interface NetworksBackend {
  /** Resolves once its bridge is there. */
  create(body: CreateNetworkBody): Promise<NetworkCreateResponse>;
  remove(id: string): Promise<void>;
  prune(filters: Filters): Promise<NetworksPruneResponse>;
  list(filters: Filters): Promise<readonly Network[]>;
  inspect(id: string): Promise<Network>;
  connect(id: string, options: { readonly container: string; readonly settings: EndpointSettings }): Promise<void>;
  /** @param options.force the container may be gone */
  disconnect(id: string, options: { readonly container: string; readonly force: boolean }): Promise<void>;
}

export interface VolumesBackend {
  list(filters: Filters): Promise<readonly Volume[]>;
  /** One of that name that is there already is the answer. */
  create(body: CreateVolumeBody): Promise<Volume>;
  inspect(name: string): Promise<Volume>;
  /** conflict where a container has it */
  remove(name: string): Promise<void>;
  prune(filters: Filters): Promise<VolumesPruneResponse>;
}

/** POST /build */
export interface BuildOptions {
  /** As typed: "web", "web:1.0". */
  readonly names: readonly string[];
  /** Its path in the context. */
  readonly dockerfile: string;
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  /** '' is the last stage. */
  readonly target: string;
  readonly uncached: 'all' | readonly string[];
  /** Base images are looked for anew. */
  readonly pulls: boolean;
  readonly platform: string;
  /** Of RUN: '', "default", "host", "none". */
  readonly network: string;
  /** Of RUN. */
  readonly host: Partial<HostConfig>;
  /** Who asks for base images, by the registry's host. */
  readonly auths: ReadonlyMap<string, RegistryAuth>;
  /** By ID. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
  /** What is wanted: an image, or what there is to say of the Dockerfile. */
  readonly call: 'build' | 'check' | 'targets';
  /** One after the other. */
  readonly outputs: readonly BuildOutput[];
  /** One stage after the other: they are told of line by line. */
  readonly isSerial: boolean;
  readonly signal: AbortSignal;
}

export interface PruneCacheOptions {
  /** Also what images share. */
  readonly all: boolean;
  /** Bytes that may stay; 0: none. */
  readonly keeps: number;
  readonly filters: Filters;
}

/** Who asks a registry: what a client sent. */
export interface RegistryAuth {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly identityToken?: string | undefined;
  readonly registryToken?: string | undefined;
}

export interface PushOptions {
  readonly name: string;
  /** '' with a name without one: all tags. */
  readonly tag: string;
  /** '' = whatever the image is of. */
  readonly platform: string;
  readonly auth: RegistryAuth;
  readonly signal: AbortSignal;
}

export interface DistributionBackend {
  /** invalid for a bad name, not_found for another platform; what goes wrong from there on is the last message. */
  push(options: PushOptions): Promise<Source<PushMessage>>;
  /** `serverAddress` as a client has it: a host, or a URL; '' is the default one. */
  login(serverAddress: string, auth: RegistryAuth, signal: AbortSignal): Promise<AuthResponse>;
  inspect(name: string, auth: RegistryAuth, signal: AbortSignal): Promise<DistributionInspect>;
}

export interface BuildBackend {
  /** `body` is the context, a tar. A failure is the last message. invalid for names that are none. */
  build(options: BuildOptions, body: ByteSource): Source<BuildMessage>;
  prune(options: PruneCacheOptions): Promise<{ readonly CachesDeleted: readonly string[] | null; readonly SpaceReclaimed: number }>;
}

export interface SystemBackend {
  info(): Promise<SystemInfo>;
  version(): Promise<SystemVersion>;
  diskUsage(): Promise<DiskUsage>;
}

export interface Backend {
  readonly containers: ContainersBackend;
  readonly archives: ArchivesBackend;
  readonly lifecycle: LifecycleBackend;
  readonly streams: StreamsBackend;
  readonly exec: ExecBackend;
  readonly images: ImagesBackend;
  readonly distribution: DistributionBackend;
  readonly networks: NetworksBackend;
  readonly volumes: VolumesBackend;
  readonly system: SystemBackend;
  readonly builds: BuildBackend;
  readonly log: EventLog;
}
