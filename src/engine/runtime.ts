/**
 * What the engine needs of the Docker host under it, split by noun. `guest/` satisfies these over the agent's channel,
 * `engine/testing/` with a small machine of its own. Failures are AppErrors; those of the kernel or the agent carry
 * `detail.errno` (Linux numbers) and `detail.stage` (what was being done, `startStages` for a start or an exec).
 */
import type { Event } from '../base/events.ts';
import type { ByteSink, ByteSource, Duplex } from '../base/streams.ts';
import type { AgentRecordInput } from '../protocol/agent.ts';
import type { Fact, FactResult } from '../protocol/facts.ts';
import type { FirewallChange, FirewallFamily, FirewallRule } from '../protocol/firewall.ts';

export type ContainerSpec = AgentRecordInput<'containerSpec'>;
export type ProcessSpec = AgentRecordInput<'process'>;
export type CgroupFile = AgentRecordInput<'cgroupFile'>;
export type BridgeSpec = AgentRecordInput<'networkSpec'>;

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

export interface ProcessExit {
  /** 128 + signal when a signal ended it, as the shell and Docker count. */
  readonly code: number;
  /** 0: it exited. */
  readonly signal: number;
  /** The kernel's OOM killer struck in its cgroup. */
  readonly oomKilled: boolean;
}

/** A container's first process, or an exec in one. */
export interface RunningProcess {
  /** Names the process's streams in a saved machine; `adopt` takes it. */
  readonly handle: number;
  /** In the guest's own PID namespace. */
  readonly pid: number;
  /** null: started with stdin closed (/dev/null). */
  readonly stdin: ByteSink | null;
  /** What a pty shows, where there is one. What is not read holds the process back. */
  readonly stdout: ByteSource;
  /** null: there is a pty. */
  readonly stderr: ByteSource | null;
  /** Does nothing without a pty or after the exit. */
  resize(size: TerminalSize): void;
  /** Resolves as soon as the process is gone; output may still be unread. Rejects `unavailable` when the link is lost. */
  readonly exited: Promise<ProcessExit>;
  readonly oom: Event<void>;
}

export interface ProcessRuntime {
  /** Rejects with `stage` of startStages. What a failed start has made is for `remove` to take away. */
  start(spec: ContainerSpec): Promise<RunningProcess>;
  exec(container: string, process: ProcessSpec): Promise<RunningProcess>;
  /** After a restore: the streams of a process that ran when the machine was saved; null if it is not there. */
  adopt(handle: number, pid: number, process: { readonly tty: boolean; readonly openStdin: boolean }): RunningProcess | null;
  /** After a restore, when all that is known was adopted: the streams of what nobody knows are given up. */
  releaseRestored(): void;
  /** kill(2) on the container's first process, or that of an exec. @param pid the exec's, in the guest's PID name space @throws errno ESRCH when it is gone */
  signal(container: string, signal: number, pid?: number): Promise<void>;
  freeze(container: string, frozen: boolean): Promise<void>;
  update(container: string, files: readonly CgroupFile[]): Promise<void>;
  /** Unmounts, removes the cgroup with what is left in it and, if told, the files. Idempotent. */
  remove(spec: AgentRecordInput<'deleteSpec'>): Promise<void>;
}

export type EndpointSpec = AgentRecordInput<'endpoint'>;

/** Where a container's default routes go from then on; '' leaves one as it is. */
export interface Gateways {
  readonly v4: string;
  readonly v6: string;
  /** The interface in the container that they go out of; needed where one is no gateway but "0.0.0.0" or "::". */
  readonly device?: string;
  readonly device6?: string;
}

export interface NetworkRuntime {
  /** Makes a bridge with its address, or another interface of the guest that networks stand upon; one that exists already is no error. */
  createBridge(spec: BridgeSpec): Promise<void>;
  removeBridge(bridge: string): Promise<void>;
  /** Makes an interface in the network name space of a container that runs. */
  addEndpoint(container: string, endpoint: EndpointSpec, routes: Gateways): Promise<void>;
  /** Takes it away with its addresses and routes; one that is gone is no error. */
  removeEndpoint(container: string, endpoint: EndpointSpec, routes: Gateways): Promise<void>;
}

/** The guest's nf_tables. */
export interface GuestFirewall {
  /** All of them or none; chains that are there are no error. @returns the rules, in order @throws AppError not_found where a chain is not there */
  add(changes: readonly FirewallChange[]): Promise<readonly FirewallRule[]>;
  /** Those that are still there. */
  remove(rules: readonly FirewallRule[]): Promise<void>;
  /** Flows of UDP to these ports are led anew by the rules that there are now (conntrack). Never more than some thousand at once. */
  forgetUdp(family: FirewallFamily, ports: readonly number[]): Promise<void>;
}

export interface Datagram {
  /** Of the other side. */
  readonly address: string;
  readonly port: number;
  readonly data: Uint8Array;
}

export interface ResolverConnection extends Duplex {
  /** Ends it after what was written. Idempotent. */
  end(): void;
  reset(): void;
}

/** What a container sends to 127.0.0.11:53. */
export interface ResolverSockets {
  /** Names them in a saved machine; `adopt` takes it. */
  readonly handle: number;
  /** The next UDP datagram; null once they are closed. One reader at a time. */
  receive(): Promise<Datagram | null>;
  send(datagram: Datagram): Promise<void>;
  readonly connected: Event<ResolverConnection>;
  close(): void;
}

/** Docker's DNS in network name spaces of containers. */
export interface ResolverRuntime {
  /**
   * @param request.ahead the container will be started next; its name space is made now
   * @throws errno EADDRINUSE where a port is taken
   */
  listen(request: {
    readonly container: string;
    readonly ahead: boolean;
    readonly udpPort: number;
    readonly tcpPort: number;
  }): Promise<ResolverSockets>;
  /** After a restore: those that were open when the machine was saved; null if they are not there. */
  adopt(handle: number): ResolverSockets | null;
}

/** A TCP connection that leaves the guest. */
export interface OutsideConnection extends Duplex {
  /** Where it was to go. Dotted. */
  readonly address: string;
  readonly port: number;
  /** Who made it: a container's address on one of its networks, or the guest's own; null where nobody knows any more. Dotted. Never rejects. */
  madeBy(): Promise<string | null>;
  /** Ends it after what was written. Idempotent. */
  end(): void;
  reset(): void;
}

/** What leaves the guest: questions for names as datagrams, and connections. */
export interface OutsideSockets {
  /** Names them in a saved machine; `adopt` takes it. */
  readonly handle: number;
  /** The next UDP datagram; null once they are closed. One reader at a time. */
  receive(): Promise<Datagram | null>;
  send(datagram: Datagram): Promise<void>;
  readonly connected: Event<OutsideConnection>;
  close(): void;
}

/** The network that the guest's default route leads to. */
export interface OutsideRuntime {
  /** Makes it, with the guest's interface and its default route. */
  open(): Promise<OutsideSockets>;
  /** After a restore: the one that was there when the machine was saved; null if it is not. Its connections are given up with what nobody knows. */
  adopt(handle: number): OutsideSockets | null;
}

/** Reads of the guest's files, many in one round trip, answered in order. */
export interface GuestFacts {
  inspect(facts: readonly Fact[]): Promise<readonly FactResult[]>;
}

export interface GuestFiles {
  /** Directories first, then files, then removals. */
  write(changes: {
    readonly directories?: readonly string[];
    readonly files?: readonly AgentRecordInput<'file'>[];
    readonly remove?: readonly string[];
  }): Promise<void>;
}

/** Folders of the guest and of containers as tar archives. */
export interface GuestArchives {
  /** A file or a folder with all below it. Nothing is read ahead of who reads the source, by more than a window; `cancel` ends it. */
  read(tree: AgentRecordInput<'archiveSpec'>): Promise<ByteSource>;
  /** Resolves when all of it is there; rejects with the first entry that could not be made. */
  extract(folder: AgentRecordInput<'extractSpec'>, archive: ByteSource): Promise<void>;
}

export interface GuestOverlays {
  /** Shows directories as one tree; nothing can be written unless there is an upper one. What is missing of upper, work and target is made. */
  mount(spec: AgentRecordInput<'overlaySpec'>): Promise<void>;
  /** One that is gone is no error. */
  unmount(target: string): Promise<void>;
}

/** Layers on the guest's own disk. */
export interface GuestLayers {
  /** Makes one of an upper directory: a copy of it, or itself under another name, where its container is gone. @throws errno ENOSPC, EBUSY, EEXIST: nothing is left */
  keep(layer: AgentRecordInput<'layerSpec'>): Promise<void>;
}

export interface VolumeMountSpec {
  /** As mount(8) has them: "tmpfs", "" for a bind. */
  readonly type: string;
  readonly device: string;
  readonly options: string;
  readonly target: string;
}

/** Folders of the guest that outlive containers. */
export interface VolumeRuntime {
  /** Makes a folder, with those above it; one that is there is no error. */
  make(folder: string): Promise<void>;
  /**
   * Fills `folder`, if it is empty, with what an image has at `path`, owner, mode and time of the folder included. Does nothing where the image has no
   * folder there. @param view where the guest may show the image meanwhile @param subpath the folder in `folder` that is meant; one that is not there is
   * not filled
   */
  fill(copy: {
    readonly layers: readonly string[];
    readonly view: string;
    readonly path: string;
    readonly folder: string;
    readonly subpath: string;
  }): Promise<void>;
  /** null, or why it could not be mounted, in the kernel's words ("no such device"). */
  mount(spec: VolumeMountSpec): Promise<string | null>;
  unmount(target: string): Promise<void>;
  /** A folder with all that is in it. */
  remove(folder: string): Promise<void>;
}

export interface Runtime {
  readonly archives: GuestArchives;
  readonly overlayMounts: GuestOverlays;
  readonly layers: GuestLayers;
  readonly volumes: VolumeRuntime;
  readonly processes: ProcessRuntime;
  readonly networks: NetworkRuntime;
  readonly firewall: GuestFirewall;
  readonly resolvers: ResolverRuntime;
  readonly outside: OutsideRuntime;
  readonly facts: GuestFacts;
  readonly files: GuestFiles;
}

/** errno(3) on Linux/i386, as far as the engine looks at it. */
export const errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EACCES: 13,
  EEXIST: 17,
  EXDEV: 18,
  ENOTDIR: 20,
  EINVAL: 22,
  ENOSPC: 28,
  EROFS: 30,
  ENAMETOOLONG: 36,
  ELOOP: 40,
  EADDRINUSE: 98,
} as const;
