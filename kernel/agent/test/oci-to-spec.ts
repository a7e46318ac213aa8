import { utf8 } from '../../../src/base/bytes.ts';
import type { AgentRecordInput } from '../../../src/protocol/agent.ts';

/** The part of the OCI runtime configuration (config.md, config-linux.md) that the comparison uses. */
export interface OciConfig {
  readonly ociVersion: string;
  readonly hostname?: string;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly process: {
    readonly terminal: boolean;
    readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] };
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
    readonly capabilities: Readonly<Record<'bounding' | 'effective' | 'permitted', readonly string[]>>;
    readonly noNewPrivileges: boolean;
    readonly oomScoreAdj?: number;
    readonly rlimits: readonly { readonly type: string; readonly soft: number; readonly hard: number }[];
  };
  readonly mounts: readonly { readonly destination: string; readonly type: string; readonly source: string; readonly options: readonly string[] }[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[];
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
    readonly sysctl?: Readonly<Record<string, string>>;
    readonly seccomp?: { readonly defaultAction: string; readonly architectures: readonly string[] };
    readonly resources: {
      readonly unified: Readonly<Record<string, string>>;
      readonly devices: readonly { readonly allow: boolean; readonly type?: string; readonly access: string }[];
    };
  };
}

export const capabilities = [
  'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'LINUX_IMMUTABLE', 'NET_BIND_SERVICE',
  'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN',
  'SYS_BOOT', 'SYS_NICE', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP',
] as const;

/** MS_* of mount(2) by the option's name. */
const mountFlags = new Map([
  ['ro', 1], ['nosuid', 2], ['nodev', 4], ['noexec', 8], ['noatime', 1024], ['bind', 4096], ['rbind', 4096 | 16384], ['strictatime', 1 << 24],
]);
const cloneFlags = new Map([
  ['mount', 0x0002_0000], ['cgroup', 0x0200_0000], ['uts', 0x0400_0000], ['ipc', 0x0800_0000], ['pid', 0x2000_0000], ['network', 0x4000_0000],
]);
const rlimitNumbers = new Map([['RLIMIT_NPROC', 6], ['RLIMIT_NOFILE', 7], ['RLIMIT_CORE', 4]]);
/** oci/defaults.go; crun makes the same ones itself. */
const devices = ([['null', 1, 3], ['zero', 1, 5], ['full', 1, 7], ['random', 1, 8], ['urandom', 1, 9], ['tty', 5, 0]] as const).map(
  ([name, major, minor]) => ({ path: `/dev/${name}`, type: 'c', major, minor, mode: 0o666 }),
);

function mountOf({ destination, type, source, options }: OciConfig['mounts'][number]): AgentRecordInput<'mount'> {
  const flags = options.reduce((all, option) => all | (mountFlags.get(option) ?? 0), 0);
  return { source, target: destination, type: type === 'cgroup' ? 'cgroup2' : type, flags, data: options.filter((option) => !mountFlags.has(option)).join(',') };
}

/** One instruction: allow. */
const allowAll = Uint8Array.of(6, 0, 0, 0, 0, 0, 0xff, 0x7f);

export function containerSpecOf({ hostname = '', root, process, mounts, linux }: OciConfig): AgentRecordInput<'containerSpec'> {
  const { user } = process;
  return {
    hostname,
    readonlyRoot: root.readonly ? 1 : 0,
    mounts: mounts.map(mountOf),
    devices,
    maskedPaths: linux.maskedPaths,
    readonlyPaths: linux.readonlyPaths,
    namespaces: linux.namespaces.reduce((all, { type }) => all | (cloneFlags.get(type) ?? 0), 0),
    sysctls: Object.entries(linux.sysctl ?? {}).map(([name, value]) => ({ name, value })),
    cgroupFiles: Object.entries(linux.resources.unified).map(([name, value]) => ({ name, value })),
    process: {
      args: process.args,
      env: process.env,
      cwd: process.cwd,
      user: `${user.uid}:${user.gid}`,
      groups: (user.additionalGids ?? []).map(String),
      tty: process.terminal ? 1 : 0,
      capabilities: process.capabilities.bounding.reduce((all, name) => all | (1n << BigInt(capabilities.findIndex((known) => `CAP_${known}` === name))), 0n),
      noNewPrivileges: process.noNewPrivileges ? 1 : 0,
      seccomp: linux.seccomp === undefined ? utf8('') : allowAll,
      oomScoreAdj: (process.oomScoreAdj ?? 0) >>> 0,
      rlimits: process.rlimits.map(({ type, soft, hard }) => ({ resource: rlimitNumbers.get(type) ?? 0, soft: BigInt(soft), hard: BigInt(hard) })),
    },
  };
}
