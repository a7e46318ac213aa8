/**
 * The contract between TypeScript and the agent in the guest. `protocol.h`, `spec.h` and `spec.c` of `kernel/agent/wire` are generated
 * from the tables of this file (`npx tsx scripts/agent-header.ts`); a test keeps them equal. All integers are little-endian.
 *
 * Link. The agent opens `/run/drydock/host/channel` (9p) O_RDWR|O_DIRECT.
 * - guest to host: each write(2) at any offset carries a segment of one byte stream of frames.
 * - host to guest: each read(2) at offset 0 of `n` bytes is held until there is something to say and is then answered with exactly `n`
 *   bytes: u32 `used`, u32 `more`, `used` bytes of the byte stream of frames, zero padding. `more` is how many bytes wait behind this
 *   answer: the agent reads 1024 bytes when it is 0 and up to 131072 otherwise. (A full answer spares the kernel's follow-up read.)
 *
 * Frame: u32 payload length (at most 65536), u32 stream, u8 type, u8 lane, u16 zero, payload.
 * Stream 0 is control. The host opens odd streams, the agent even ones. A stream is: OPEN (u16 kind, record), then from the other side
 * REPLY (record) or RESET, then DATA / END / NOTE in both directions as the kind allows, then CLOSE from the side that was opened
 * (agent for odd, host for even), after which the id is free. RESET from either side ends the stream at once.
 * A record of more than 65536 bytes is split: PART frames on its stream, then the OPEN, REPLY, NOTE or CLOSE with what is left; the payload is
 * all of them joined, at most 8388608 bytes. Frames of other streams may come between them; a RESET of the stream drops them.
 * DATA is flow controlled per stream, direction: a sender may have at most `window` unacknowledged bytes in flight (all lanes together);
 * the receiver gives back what it consumed with CREDIT (u32 bytes). END half-closes one lane of the sender.
 *
 * Record: sequence of fields, each u16 tag, u16 zero, u32 length, bytes. Repeated tags are lists. u32/u64 fields are 4/8 bytes; strings are
 * UTF-8 without NUL; nested records are bytes. Unknown tags are skipped.
 */
export const frameHeaderBytes = 12;
export const maxPayloadBytes = 65_536;
/** Of a split payload. What execve(2) takes is at most a quarter of the stack's limit (2 MiB unless raised), each word with 8 bytes before it here. */
export const maxRecordBytes = 8_388_608;
export const streamWindowBytes = 262_144;
/** Raised when the agent comes to mean something else by the same tables. */
const revision = 4;

export const frameType = { open: 1, reply: 2, data: 3, end: 4, credit: 5, note: 6, close: 7, reset: 8, part: 9 } as const;

/** Lanes of DATA and END. A pty or a socket uses lane 0 towards the host as well (`stdout`=1 only for pipes). */
export const lane = { main: 0, stdout: 1, stderr: 2 } as const;

/** Kinds of streams the host opens (requests to the agent). */
export const hostKind = {
  /** Container init: ContainerSpec -> Started; DATA lane 0 to it = stdin; lanes 1, 2 (or 0 if tty) from it; NOTE resize; NOTE exited. */
  start: 1,
  /** A process in a running container, or in the guest itself when `container` is empty: ExecSpec -> Started; as `start`. */
  exec: 2,
  /** SignalSpec -> Empty */
  signal: 3,
  /** FreezeSpec -> Empty: cgroup.freeze, answered when cgroup.events says so. */
  freeze: 4,
  /** DeleteSpec -> Empty: unmounts, removes the cgroup (killing what is left), optionally the upper and work directories. Idempotent. */
  delete: 5,
  /** CgroupSpec -> Empty: writes cgroup files of a container. */
  update: 6,
  /** InspectSpec -> InspectReply: many reads, readlinks, stats, directory lists in one round trip. */
  inspect: 7,
  /**
   * NetworkSpec -> Empty: kind 0: a bridge with its addresses, from which 127.0.0.0/8 is routed as well, and for IPv6 the guest becomes a router.
   * 1: a dummy, 2: `vlan` of `parent`, for macvlan and ipvlan, both up. One that is there already is no error.
   */
  networkCreate: 8,
  /** NetworkSpec (bridge) -> Empty */
  networkDelete: 9,
  /** OverlaySpec -> Empty: an overlay of a stopped container, at a path (for cp, facts of stopped containers). */
  mount: 10,
  /** OverlaySpec (target) -> Empty */
  unmount: 11,
  /** ClockSpec -> Empty: settimeofday, RNDADDENTROPY and reseed. */
  clock: 12,
  /** WriteSpec -> Empty: files made in the guest (tutorial seeds, checkpoints). */
  write: 13,
  /** Empty -> Empty, then a NOTE ExecEvent for every exec in the guest until RESET by the host (proc connector). */
  watchExecs: 14,
  /** Echo: DATA sent back on the same lane until END; for tests and the round-trip figure. */
  echo: 15,
  /** Empty -> Empty; after the reply the agent has no 9p request pending and waits for one byte on /dev/ttyS1 before it reads again. */
  quiesce: 16,
  /** EndpointChange -> Empty: gives a running container an endpoint, as a start does. */
  endpointAdd: 17,
  /** EndpointChange -> Empty: takes it away, by `hostName`, or inside by `name` where it has no end in the guest; fine with finding nothing. */
  endpointRemove: 18,
  /**
   * LayerSpec -> Empty: an upper directory becomes a layer. By renaming, where its container is gone: no bytes move, and it has no files any more.
   * As a copy (of what `archive` has of a layer), where it goes on.
   */
  layerKeep: 19,
  /** ConnectSpec -> Empty once connected; then DATA and END both ways on lane 0, CLOSE when both sides have ended. */
  connect: 20,
  /** TreeSpec -> Empty, then DATA lane 0: the names in a folder, each ended by NUL, in no order; END, CLOSE. */
  list: 21,
  /**
   * ArchiveSpec -> Empty, then DATA lane 0: a file or a folder with all below it as a tar archive (POSIX.1-2001 pax where ustar has no room),
   * the same bytes for the same tree; END, CLOSE. A file that shrinks meanwhile is filled with zeros, one that grows is cut (as moby's archive does).
   */
  archive: 22,
  /**
   * ExtractSpec -> Empty; then a tar archive (ustar, pax, GNU long names) comes as DATA lane 0, and END; CLOSE once all of it is there. Names are
   * resolved below the container's root, links included, and may have no "..". What stands in the way is replaced.
   */
  extract: 23,
  /**
   * DatagramsSpec -> DatagramsBound: a UDP socket. DATA lane 0 both ways is datagrams: address[4] and port u16 of the peer (network order), u16 size,
   * bytes. What there is no room for is lost, as datagrams are. Until RESET, or END by the host and CLOSE.
   */
  datagrams: 24,
  /**
   * ResolverSpec -> Empty: sockets on 127.0.0.11 for Docker's DNS in a network name space. DATA lane 0 both ways is datagrams: address[4] and port u16
   * of the peer (network order), u16 size, bytes; what there is no room for is lost, as datagrams are. Connections come as streams of
   * `resolverConnection`. Until RESET.
   */
  resolver: 26,
  /**
   * NetlinkSpec -> NetlinkAnswer: messages of netlink(7) sent as they are in the guest's own network, and all that the kernel said at once.
   * EMSGSIZE where that is more than a frame holds; what was asked for has happened then.
   */
  netlink: 25,
  /**
   * OutsideSpec -> Empty: the network that the guest's default route leads to: a new name space, which `setup` furnishes, with a UDP and a TCP socket on
   * all of its addresses. DATA lane 0 both ways is datagrams, as of `resolver`; connections come as streams of `outsideConnection`. Until RESET: the
   * name space goes with it.
   */
  outside: 27,
} as const;

/** Kinds of streams the agent opens. */
export const agentKind = {
  /** `docker` was executed in the guest: CliSpec. Notes to the agent: tty mode, file requests go by `inspect`/`write`. CLOSE carries CliExit. */
  cli: 1,
  /** A connection to /var/run/docker.sock: SocketSpec; DATA and END both ways on lane 0. */
  socket: 2,
  /** The agent is up (first frame after boot and after a thaw): HelloSpec; host answers REPLY Empty and CLOSE. */
  hello: 3,
  /** What was put off failed, or went well after it had failed: TroubleSpec; host answers REPLY Empty and CLOSE. */
  trouble: 4,
  /** A TCP connection to a resolver: ResolverConnectionSpec; DATA and END both ways on lane 0. */
  resolverConnection: 5,
  /** A TCP connection to `outside`: OutsideConnectionSpec; DATA and END both ways on lane 0. A RESET by the host resets the connection. */
  outsideConnection: 6,
} as const;

/** Kinds of NOTE payload: u16 kind, record. */
export const noteKind = {
  /** host -> agent: WindowSize of a process's pty. agent -> host on a cli stream: the terminal's new size. */
  resize: 1,
  /** agent -> host: Exited, the last note of a process stream; CLOSE follows when its output is drained. */
  exited: 2,
  /** agent -> host on a cli stream: SignalNote, a signal that the docker process got. */
  signal: 3,
  /** host -> agent on a cli stream: TtyMode. */
  ttyMode: 4,
  /** host -> agent on a cli stream: wanted = 1 starts, 0 stops reading the caller's stdin (nothing is read before it is asked for). */
  stdin: 5,
  /** agent -> host on watchExecs. */
  execEvent: 6,
  /** agent -> host on a container's start stream: the kernel's OOM killer struck in its cgroup. */
  oom: 7,
  /** agent -> host on a cli stream: Written, for the DATA of a lane whose writes are told of (CliSpec `told`). */
  written: 8,
} as const;

type FieldType = 'u32' | 'u64' | 'string' | 'bytes' | 'strings' | 'records' | 'record';
interface Field {
  readonly tag: number;
  readonly type: FieldType;
  readonly of?: string;
}
export type RecordTable = Readonly<Record<string, Field>>;

const u32 = <T extends number>(tag: T) => ({ tag, type: 'u32' }) as const;
const u64 = <T extends number>(tag: T) => ({ tag, type: 'u64' }) as const;
const string = <T extends number>(tag: T) => ({ tag, type: 'string' }) as const;
const bytes = <T extends number>(tag: T) => ({ tag, type: 'bytes' }) as const;
const strings = <T extends number>(tag: T) => ({ tag, type: 'strings' }) as const;
const records = <T extends number, N extends string>(tag: T, of: N) => ({ tag, type: 'records', of }) as const;
const record = <T extends number, N extends string>(tag: T, of: N) => ({ tag, type: 'record', of }) as const;

/** BPF_DEVCG_ACC_* of linux/bpf.h. */
export const deviceAccess = { mknod: 1, read: 2, write: 4 } as const;
/** In a deviceRule: every major or minor number. */
export const anyDevice = 0xffff_ffff;

/** Every record of the protocol. Absent u32/u64 decode to 0, strings to '', lists to []. */
export const recordTables = {
  empty: {},
  windowSize: { rows: u32(1), columns: u32(2) },
  rlimit: { resource: u32(1), soft: u64(2), hard: u64(3) },
  cgroupFile: { name: string(1), value: string(2) },
  /** flags: MS_* of mount(2). `data` as mount(2). A `bind` source that does not exist is an error; a missing target is created like runc does. */
  /**
   * Of a bind: subpath: a file or folder below the source, found without leaving it. recursiveReadOnly: MS_RDONLY goes for the mounts below, too.
   * checkPropagation: the mount that the source is on must be shared, or shared or a slave, where `propagation` is to be. Stage `source` for both.
   */
  mount: {
    source: string(1),
    target: string(2),
    type: string(3),
    flags: u32(4),
    data: string(5),
    propagation: u32(6),
    subpath: string(7),
    recursiveReadOnly: u32(8),
    checkPropagation: u32(9),
  },
  /** type 'c' or 'b'; mode as chmod(2). */
  device: { path: string(1), type: string(2), major: u32(3), minor: u32(4), mode: u32(5), uid: u32(6), gid: u32(7) },
  /** What a container may do with a device beyond Docker's defaults. type 'c', 'b' or 'a' (both); 0xffffffff = any number; access: a sum of `deviceAccess`. */
  deviceRule: { type: string(1), major: u32(2), minor: u32(3), access: u32(4) },
  file: { path: string(1), mode: u32(2), contents: bytes(3), uid: u32(4), gid: u32(5) },
  /**
   * kind 0: a veth pair, host end `hostName` in `bridge`, guest end `name` in the container. 1 macvlan, 2 ipvlan: `name` in the container, `bridge` is what
   * it is made of, `mode` and `flags` are the kernel's numbers. Addresses as text, prefix bits. mac 'aa:bb:..'
   */
  endpoint: {
    bridge: string(1),
    hostName: string(2),
    name: string(3),
    address: string(4),
    prefix: u32(5),
    gateway: string(6),
    mac: string(7),
    mtu: u32(8),
    hairpin: u32(9), // what comes from the container may go back to it through its bridge
    address6: string(10), // '' = IPv6 stays off on it
    prefix6: u32(11),
    gateway6: string(12),
    kind: u32(13),
    mode: u32(14),
    flags: u32(15),
  },
  /** user: as Docker's User ("", "uid", "name", "uid:gid", "name:group"), looked up by the agent in the container's /etc/passwd and group. */
  process: {
    args: strings(1),
    env: strings(2),
    cwd: string(3),
    user: string(4),
    groups: strings(5),
    tty: u32(6),
    openStdin: u32(7),
    rows: u32(8),
    columns: u32(9),
    capabilities: u64(10), // bounding, permitted, effective set (bit n = CAP n); ambient and inheritable empty; non-root users lose permitted and effective
    noNewPrivileges: u32(11),
    seccomp: bytes(12), // an array of struct sock_filter; empty = none
    rlimits: records(13, 'rlimit'),
    oomScoreAdj: u32(14), // two's complement
    privileged: u32(15),
  },
  containerSpec: {
    id: string(1),
    hostname: string(2),
    domainname: string(3),
    /** Lower directories, topmost first; upper, work and merged are created when missing. */
    lowers: strings(4),
    upper: string(5),
    work: string(6),
    merged: string(7),
    readonlyRoot: u32(8),
    mounts: records(9, 'mount'),
    devices: records(10, 'device'),
    maskedPaths: strings(11),
    readonlyPaths: strings(12),
    /** Written on the guest's tmpfs below /run/drydock/containers/ID and bind-mounted over `path` (hostname, hosts, resolv.conf). Goes with the container's files. */
    files: records(13, 'file'),
    cgroup: string(14), // relative to /sys/fs/cgroup, e.g. "docker/<id>"
    cgroupFiles: records(15, 'cgroupFile'),
    /** CLONE_NEW* flags to unshare; netns of another container by id in `joinNetwork` */
    namespaces: u32(16),
    joinNetwork: string(17),
    joinPid: string(18),
    joinIpc: string(19),
    endpoints: records(20, 'endpoint'),
    sysctls: records(21, 'cgroupFile'),
    init: u32(22), // --init: PID 1 is our reaper, which forwards signals
    process: record(23, 'process'),
    /** Made where they are missing, below the container's own root, before anything is mounted there (the places of VOLUME). */
    folders: strings(24),
    /** Options of a tmpfs at /run/drydock/containers/ID/shm, from which this and other containers may bind; '' = none. Goes with `delete`. */
    sharedMemory: string(25),
    /** The ID of the container that will probably come next, of the same layers: its overlay is mounted while nobody waits. '' = none. */
    next: string(26),
    /** Which devices may be used; `devices` are made only. Nothing is refused to a privileged process. */
    deviceRules: records(30, 'deviceRule'),
  },
  execSpec: { container: string(1), process: record(2, 'process') },
  started: { pid: u32(1), uid: u32(2), gid: u32(3) },
  /** signal > 0 if killed by it. Times in microseconds, maxRss in KiB (getrusage(2)). */
  exited: { code: u32(1), signal: u32(2), oomKilled: u32(3), userMicros: u64(4), systemMicros: u64(5), maxRss: u64(6) },
  /** container: its init; or pid > 0. all = every process of the container's cgroup. */
  signalSpec: { container: string(1), pid: u32(2), signal: u32(3), all: u32(4) },
  signalNote: { signal: u32(1) },
  freezeSpec: { container: string(1), frozen: u32(2) },
  deleteSpec: { container: string(1), removeFiles: u32(2), upper: string(3), work: string(4), merged: string(5), cgroup: string(6) },
  cgroupSpec: { container: string(1), files: records(2, 'cgroupFile') },
  /** op: 1 read, 2 readlink, 3 stat (lstat), 4 list names, 5 stat following links. `pid` > 0 resolves path below /proc/PID/root, `root` below that folder (RESOLVE_IN_ROOT); only regular files are read there. max bytes. */
  inspectItem: { op: u32(1), path: string(2), pid: u32(3), max: u32(4), offset: u64(5), root: string(6) },
  inspectSpec: { items: records(1, 'inspectItem') },
  /** error: errno, 0 = ok; EMSGSIZE for what had no room in this answer. data: contents, link, or names joined with NUL. */
  inspectResult: { error: u32(1), data: bytes(2), stat: record(3, 'stat') },
  inspectReply: { results: records(1, 'inspectResult') },
  stat: {
    dev: u64(1),
    ino: u64(2),
    mode: u32(3),
    nlink: u32(4),
    uid: u32(5),
    gid: u32(6),
    rdev: u64(7),
    size: u64(8),
    mtime: u64(9),
    link: string(10),
  },
  /** `gateway`, `gateway6`: where the container's default routes go from then on; '' leaves one (a route of the endpoint that goes is gone with it). */
  endpointChange: {
    container: string(1),
    endpoint: record(2, 'endpoint'),
    gateway: string(3),
    gateway6: string(4),
    device: string(5), // the container's interface that `gateway` leads out of; '' = the kernel knows by its address
    device6: string(6),
  },
  /**
   * What is above `target` is made. EEXIST where `target` is there; of a failed copy nothing is left. Renamed: both on one file system, EBUSY while the
   * container runs.
   */
  layerSpec: { container: string(1), upper: string(2), target: string(3), copy: u32(4) },
  /** `pid` and `root` as in inspectItem. */
  treeSpec: { pid: u32(1), root: string(2), path: string(3) },
  /**
   * name: what the tree is called in the archive; '' for the contents of a folder, as they are seen from it. A `path` that is a symbolic link
   * is archived as one, unless `follow`. layer: an overlay's upper directory; what it hides becomes OCI's whiteouts (.wh.NAME, .wh..wh..opq).
   * Extended attributes: security.capability. bare: files without their contents.
   */
  archiveSpec: { pid: u32(1), root: string(2), path: string(3), name: string(4), follow: u32(5), layer: u32(6), bare: u32(7) },
  /**
   * path: a folder that is there. keep: a folder and what is none do not replace each other (EEXIST), as `noOverwriteDirNonDir`. chown: all
   * belongs to `uid` and `gid`. rename: what takes the place of the first part of every name, and of what hard links name; '' = nothing.
   */
  extractSpec: { pid: u32(1), root: string(2), path: string(3), keep: u32(4), chown: u32(5), uid: u32(6), gid: u32(7), rename: string(8) },
  /** Bound inside the network name space of a running container; in the guest's own when `container` is empty. port 0: any. */
  datagramsSpec: { container: string(1), address: string(2), port: u32(3) },
  datagramsBound: { port: u32(1) },
  /**
   * ahead: for a container that will be started next; its name space is made now. `rules` is one batch of nfnetlink(7) messages, the last but one with
   * NLM_F_ACK, which leads what goes to port 53 to the two ports.
   */
  resolverSpec: { container: string(1), ahead: u32(2), udpPort: u32(3), tcpPort: u32(4), rules: bytes(5) },
  /** `resolver`: its stream. */
  resolverConnectionSpec: { resolver: u32(1) },
  /** setup: batches of netlink(7) messages, sent in order inside. */
  outsideSpec: { udpPort: u32(1), tcpPort: u32(2), setup: records(3, 'netlinkSpec') },
  /** `outside`: its stream. Dotted addresses: where the connection was meant to go before rules led it here, and who made it. */
  outsideConnectionSpec: { outside: u32(1), address: string(2), port: u32(3), from: string(4), fromPort: u32(5) },
  /** TCP from inside the network name space of a running container; from the guest's own when `container` is empty. Dotted address. */
  connectSpec: { container: string(1), address: string(2), port: u32(3) },
  networkSpec: {
    bridge: string(1),
    address: string(2),
    prefix: u32(3),
    mtu: u32(5),
    mac: string(6),
    address6: string(7),
    prefix6: u32(8),
    kind: u32(9),
    parent: string(10),
    vlan: u32(11),
  },
  /** family: of socket(2), NETLINK_ROUTE = 0, NETLINK_NETFILTER = 12. The answer to one dump is cut where it is longer than a frame. */
  netlinkSpec: { family: u32(1), messages: bytes(2) },
  netlinkAnswer: { messages: bytes(1) },
  /** binds: mounted below `target`, each found without leaving it; one whose source is not there or whose place cannot be made is left out. */
  overlaySpec: { lowers: strings(1), upper: string(2), work: string(3), target: string(4), binds: records(5, 'mount') },
  clockSpec: { seconds: u64(1), nanoseconds: u32(2), seed: bytes(3) },
  writeSpec: { files: records(1, 'file'), remove: strings(2), makeDirectories: strings(3) },
  execEvent: { pid: u32(1), parent: u32(2), argv: strings(3), tty: u32(4), namespaces: strings(5), uid: u32(6) },
  /**
   * tty: bit 0 stdin, bit 1 stdout, bit 2 stderr is a terminal. told: bit 1 stdout, bit 2 stderr is a file or a device that may refuse what is
   * written, and a NOTE Written tells of each write.
   */
  cliSpec: {
    argv: strings(1),
    env: strings(2),
    cwd: string(3),
    tty: u32(4),
    rows: u32(5),
    columns: u32(6),
    uid: u32(7),
    gid: u32(8),
    pid: u32(9),
    told: u32(10),
  },
  /** error: errno of what could not be written, 0 = it was; size: bytes of DATA that it is about. */
  written: { lane: u32(1), size: u32(2), error: u32(3) },
  cliExit: { code: u32(1) },
  ttyMode: { raw: u32(1) },
  stdinNote: { wanted: u32(1) },
  socketSpec: { path: string(1), pid: u32(2), uid: u32(3), gid: u32(4) },
  /** A container's files could not be removed; over: they are by now. The agent tries again whenever the guest is at rest. */
  troubleSpec: { container: string(1), message: string(2), error: u32(3), over: u32(4) },
  helloSpec: { version: u32(1), pid: u32(2), kernel: string(3) },
  /** RESET payload. errno as Linux; message names the operand. */
  failure: { errno: u32(1), message: string(2), stage: string(3) },
} as const satisfies Readonly<Record<string, RecordTable>>;

/**
 * u32, FNV-1a over the tables and the revision: an agent of other tables, in a saved machine or in kernel/dist, is told apart without anybody
 * having to remember to count.
 */
export const protocolVersion = fingerprint(JSON.stringify({ revision, frameType, lane, hostKind, agentKind, noteKind, recordTables }));

function fingerprint(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}

export type RecordName = keyof typeof recordTables;

/** What the agent decodes: C structures are made of these, and of the records in them. */
export const readByAgent = [
  'containerSpec',
  'execSpec',
  'signalSpec',
  'freezeSpec',
  'deleteSpec',
  'cgroupSpec',
  'inspectSpec',
  'endpointChange',
  'layerSpec',
  'connectSpec',
  'datagramsSpec',
  'resolverSpec',
  'outsideSpec',
  'treeSpec',
  'archiveSpec',
  'extractSpec',
  'networkSpec',
  'netlinkSpec',
  'overlaySpec',
  'clockSpec',
  'writeSpec',
  'windowSize',
  'ttyMode',
  'stdinNote',
  'cliExit',
] as const satisfies readonly RecordName[];

type FieldValue<F> = F extends { type: 'u32' }
  ? number
  : F extends { type: 'u64' }
    ? bigint
    : F extends { type: 'string' }
      ? string
      : F extends { type: 'bytes' }
        ? Uint8Array
        : F extends { type: 'strings' }
          ? readonly string[]
          : F extends { type: 'records'; of: infer N extends RecordName }
            ? readonly AgentRecord<N>[]
            : F extends { type: 'record'; of: infer N extends RecordName }
              ? AgentRecord<N>
              : never;

/** A decoded record: every field present. */
export type AgentRecord<N extends RecordName> = { readonly [K in keyof (typeof recordTables)[N]]: FieldValue<(typeof recordTables)[N][K]> };
/** What an encoder takes: absent fields are zero. */
export type AgentRecordInput<N extends RecordName> = {
  readonly [K in keyof (typeof recordTables)[N]]?: (typeof recordTables)[N][K] extends { type: 'records'; of: infer R extends RecordName }
    ? readonly AgentRecordInput<R>[]
    : (typeof recordTables)[N][K] extends { type: 'record'; of: infer R extends RecordName }
      ? AgentRecordInput<R>
      : FieldValue<(typeof recordTables)[N][K]>;
};
