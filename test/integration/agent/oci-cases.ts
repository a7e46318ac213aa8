import { defaultProfile } from '../../../src/engine/containers/seccomp/default-profile.ts';
import { capabilityNames, defaultCapabilities } from '../../../src/engine/containers/spec/capabilities.ts';
import { resourcesSchema, type Resources } from '../../../src/protocol/engine-api.ts';
import { withDefaultSwap } from '../../../src/engine/containers/spec/resources.ts';
import type { OciConfig } from './oci-config.ts';

/** A difference that is meant: both outputs are rewritten by it before they are compared. */
export interface IntendedDifference {
  readonly pattern: RegExp;
  readonly by: string;
  readonly why: string;
}

export interface Case {
  readonly name: string;
  readonly sentence: string;
  readonly config: OciConfig;
}

/** What a process sees of its container. Lines that name other processes, addresses or times, and statistics, are left out. */
const probe = `
echo == status; grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|NSpid|SigBlk|SigIgn|SigCgt)' /proc/self/status
echo == mountinfo; cut -d' ' -f4- /proc/self/mountinfo | sed 's/ master:[0-9]*//;s/ shared:[0-9]*//' | sort -k2
echo == dev; for f in /dev /dev/* /dev/pts /dev/pts/* /dev/shm /dev/mqueue; do [ -e $f ] || [ -L $f ] && stat -c '%n %A %u:%g %t:%T %N' $f; done
echo == cgroup; cat /proc/self/cgroup; cd /sys/fs/cgroup; for f in *; do case $f in
  *stat* | *events* | *pressure | *current | *procs | *threads | *peak | *reclaim) echo $f;; *) echo "$f $(cat $f 2>&1)";; esac; done
echo == limits; grep -E 'open files|processes|core' /proc/self/limits; cat /proc/self/oom_score_adj
cd /; echo == self; id; hostname; env | sort; umask; ls -l /proc/self/fd | wc -l; cut -d' ' -f5-8 /proc/self/stat
echo == writes; touch /x 2>&1; touch /proc/sys/kernel/hostname 2>&1; echo a 2>&1 >/proc/sys/kernel/hostname; echo 1 2>&1 >/sys/fs/cgroup/pids.max
mknod /tmp/sda b 8 0 2>&1 && head -c1 /tmp/sda 2>&1; head -c3 /dev/zero | wc -c
echo == masked; for f in /proc/kcore /proc/timer_list /proc/keys /sys/firmware /proc/acpi; do [ -e $f ] && ls -ld $f | cut -c1-10 && { ls $f | wc -l; head -c10 $f 2>/dev/null | wc -c; }; done
echo == net; ip addr show lo | sed 's/state [A-Z]*//'; cat /proc/sys/net/ipv4/ip_unprivileged_port_start
echo == end`;

const mounts: OciConfig['mounts'] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=67108864'] },
  { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] },
  { destination: '/etc/from-host', type: 'bind', source: '/etc/hosts', options: ['bind', 'ro', 'nosuid'] },
  { destination: '/new/folder', type: 'bind', source: '/etc', options: ['rbind'] },
];

/** oci/defaults.go: nothing but making nodes; runc and crun add the default devices. */
const deviceRules = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
];

const plain: OciConfig = {
  ociVersion: '1.0.2',
  hostname: 'twin',
  root: { path: 'rootfs', readonly: false },
  process: {
    terminal: false,
    user: { uid: 0, gid: 0, additionalGids: [0, 10] },
    args: ['sh', '-c', probe],
    env: ['PATH=/bin', 'TERM=xterm'],
    cwd: '/',
    capabilities: { bounding: defaultCapabilities, effective: defaultCapabilities, permitted: defaultCapabilities },
    noNewPrivileges: false,
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 }],
  },
  mounts,
  linux: {
    namespaces: ['mount', 'pid', 'uts', 'ipc', 'network', 'cgroup'].map((type) => ({ type })),
    maskedPaths: [
      '/proc/acpi',
      '/proc/kcore',
      '/proc/keys',
      '/proc/latency_stats',
      '/proc/timer_list',
      '/proc/sched_debug',
      '/proc/scsi',
      '/sys/firmware',
    ],
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    seccomp: defaultProfile,
    sysctl: { 'net.ipv4.ip_unprivileged_port_start': '0' },
    devices: deviceRules,
    resources: resourcesSchema.parse({}),
  },
};

function limited(name: string, sentence: string, resources: Partial<Resources>): Case {
  return { name, sentence, config: { ...plain, linux: { ...plain.linux, resources: withDefaultSwap(resourcesSchema.parse(resources)) } } };
}

/** What the profile says of calls after this one, Debian 12's libseccomp does not know; seccomp/filter.test.ts tests those. */
export const lastSyscallOfLibseccomp = 456;

function filtered(name: string, capabilities: readonly string[]): Case {
  const { process, linux } = plain;
  const sets = { bounding: capabilities, effective: capabilities, permitted: capabilities };
  return {
    name: `filter-${name}`,
    sentence: `every system call is answered the same with ${name} capabilities`,
    config: { ...plain, process: { ...process, args: ['/bin/syscalls', String(lastSyscallOfLibseccomp)], capabilities: sets }, linux },
  };
}

/** Where crun and runc differ, the agent does as runc, which is what Docker users see. */
export const intended: readonly IntendedDifference[] = [
  { pattern: /,fsync=volatile|,volatile/g, by: '', why: 'the disk lives and dies with the machine: overlays do not sync' },
  {
    pattern: /ro,relatime - tmpfs tmpfs (ro|rw,size=0k)/g,
    by: 'MASKED FOLDER',
    why: 'runc: an empty read-only tmpfs; crun: one of size 0',
  },
  {
    pattern: /^\/null (\S+) (ro,relatime - devtmpfs devtmpfs|rw,nosuid - tmpfs tmpfs) .*$/gm,
    by: '/null $1 MASKED FILE',
    why: "runc binds the container's /dev/null, crun the host's",
  },
  {
    pattern: /(\/proc\/\S+) ro,(nosuid,nodev,noexec,)?relatime - proc/g,
    by: '$1 READ-ONLY - proc',
    why: "runc keeps /proc's flags on read-only paths, crun drops them",
  },
  { pattern: /- sysfs sysfs r[ow]/g, by: '- sysfs', why: 'runc gives "ro" to the file system too, crun to the mount only' },
  { pattern: /- cgroup2 cgroup2? rw/g, by: '- cgroup2 rw', why: 'runc names the source as the configuration does' },
  { pattern: /^\/dev\/core .*\n/gm, by: '', why: 'runc makes /dev/core only where there is a /proc/kcore' },
];

export const cases: readonly Case[] = [
  { name: 'plain', sentence: "root with Docker's defaults sees the same container", config: plain },
  {
    name: 'user',
    sentence: 'a user without rights, no_new_privileges, a working directory and a higher OOM score are the same',
    config: {
      ...plain,
      process: {
        ...plain.process,
        user: { uid: 33, gid: 33, additionalGids: [33, 44] },
        noNewPrivileges: true,
        cwd: '/new/work',
        oomScoreAdj: 300,
        env: [...plain.process.env, 'HOME=/nowhere'],
      },
    },
  },
  { name: 'readonly', sentence: 'a read-only root is the same', config: { ...plain, root: { path: 'rootfs', readonly: true } } },
  {
    name: 'capable',
    sentence: 'all capabilities, no seccomp filter and nothing masked are the same',
    config: {
      ...plain,
      process: {
        ...plain.process,
        capabilities: { bounding: capabilityNames, effective: capabilityNames, permitted: capabilityNames },
      },
      linux: (({ seccomp: _, ...linux }) => ({ ...linux, maskedPaths: [], readonlyPaths: [] }))(plain.linux),
    },
  },
  limited('memory', '-m with the swap that goes with it is the same in every memory file', { Memory: 64 << 20 }),
  limited('swap', '-m, --memory-swap and --memory-reservation are the same in every memory file', {
    Memory: 64 << 20,
    MemorySwap: 80 << 20,
    MemoryReservation: 32 << 20,
  }),
  limited('unlimited-swap', '--memory-swap -1 and --pids-limit -1 are the same', { Memory: 64 << 20, MemorySwap: -1, PidsLimit: -1 }),
  limited('cpus', '--cpus and --pids-limit are the same in cpu.max and pids.max', { NanoCpus: 500_000_000, PidsLimit: 99 }),
  limited('shares', '--cpu-shares, --cpu-quota and --cpu-period are the same in cpu.weight and cpu.max', {
    CpuShares: 512,
    CpuQuota: 20_000,
    CpuPeriod: 50_000,
  }),
  limited('least-shares', 'the least share of the CPU is the same', { CpuShares: 2, CpuPeriod: 50_000 }),
  limited('most-shares', 'the largest share of the CPU is the same', { CpuShares: 262_144 }),
];

/** Docker's seccomp profile by libseccomp and by the engine's compiler; needs kernel/agent/test/syscalls.c in the image. */
export const filterCases: readonly Case[] = [
  filtered('default', defaultCapabilities),
  filtered('no', []),
  filtered('administrator', [...defaultCapabilities, 'CAP_SYS_ADMIN']),
  filtered('all', capabilityNames),
];
