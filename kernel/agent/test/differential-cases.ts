import type { OciConfig } from './oci-to-spec.ts';

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
  readonly intended: readonly IntendedDifference[];
}

/** What a process sees of its container. Lines that name other processes, addresses or times are left out. */
function probe(cgroupFiles: readonly string[]): string {
  return `
echo == status; grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|NSpid|SigBlk|SigIgn|SigCgt)' /proc/self/status
echo == mountinfo; cut -d' ' -f4- /proc/self/mountinfo | sed 's/ master:[0-9]*//;s/ shared:[0-9]*//' | sort -k2
echo == dev; for f in /dev /dev/* /dev/pts /dev/pts/* /dev/shm /dev/mqueue; do [ -e $f ] || [ -L $f ] && stat -c '%n %A %u:%g %t:%T %N' $f; done
echo == cgroup; cat /proc/self/cgroup; for f in ${cgroupFiles.join(' ')}; do echo "$f $(cat /sys/fs/cgroup/$f 2>&1)"; done
echo == limits; grep -E 'open files|processes|core' /proc/self/limits; cat /proc/self/oom_score_adj
echo == self; id; hostname; pwd; env | sort; umask; ls -l /proc/self/fd | wc -l; cut -d' ' -f5-8 /proc/self/stat
echo == writes; touch /x 2>&1; touch /proc/sys/kernel/hostname 2>&1; echo a 2>&1 >/proc/sys/kernel/hostname; mknod /tmp/sda b 8 0 2>&1 && head -c1 /tmp/sda 2>&1; head -c3 /dev/zero | wc -c
echo == masked; for f in /proc/kcore /proc/timer_list /proc/keys /sys/firmware /proc/acpi; do [ -e $f ] && ls -ld $f | cut -c1-10 && { ls $f | wc -l; head -c10 $f 2>/dev/null | wc -c; }; done
echo == sysctl; cat /proc/sys/net/ipv4/ip_unprivileged_port_start
echo == end`;
}

const dockerCapabilities = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE',
].map((name) => `CAP_${name}`);

const mounts: OciConfig['mounts'] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=67108864'] },
  { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] },
  { destination: '/etc/from-host', type: 'bind', source: '/etc/hosts', options: ['bind', 'ro', 'nosuid'] },
  { destination: '/new/folder', type: 'bind', source: '/etc', options: ['rbind'] },
];

const rules = [{ allow: false, access: 'rwm' }, { allow: true, type: 'c', access: 'm' }, { allow: true, type: 'b', access: 'm' }];

function base(cgroupFiles: Readonly<Record<string, string>>, deviceRules: boolean): OciConfig {
  return {
    ociVersion: '1.0.2',
    hostname: 'twin',
    root: { path: '', readonly: false },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0, additionalGids: [0, 10] },
      args: ['sh', '-c', probe(['cgroup.type', 'cgroup.max.depth', 'cgroup.freeze', ...Object.keys(cgroupFiles)])],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: { bounding: dockerCapabilities, effective: dockerCapabilities, permitted: dockerCapabilities },
      noNewPrivileges: false,
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 }],
    },
    mounts,
    linux: {
      namespaces: ['mount', 'pid', 'uts', 'ipc', 'network', 'cgroup'].map((type) => ({ type })),
      maskedPaths: ['/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/sched_debug', '/proc/scsi', '/sys/firmware'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
      // busybox is an i386 program.
      seccomp: { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] },
      sysctl: { 'net.ipv4.ip_unprivileged_port_start': '0' },
      resources: { unified: cgroupFiles, devices: deviceRules ? rules : [] },
    },
  };
}

/** The table of intended differences. Where crun and runc differ, the agent does as runc, which is what Docker users see. */
const intended: readonly IntendedDifference[] = [
  { pattern: /,fsync=volatile|,volatile/g, by: '', why: 'the disk lives and dies with the machine: overlays do not sync' },
  { pattern: /ro,relatime - tmpfs tmpfs (ro|rw,size=0k)/g, by: 'MASKED FOLDER', why: 'runc: an empty read-only tmpfs; crun: one of size 0' },
  {
    pattern: /^\/null (\S+) (ro,relatime - devtmpfs devtmpfs|rw,nosuid - tmpfs tmpfs) .*$/gm,
    by: '/null $1 MASKED FILE',
    why: "runc binds the container's /dev/null, crun the host's",
  },
  { pattern: /(\/proc\/\S+) ro,(nosuid,nodev,noexec,)?relatime - proc/g, by: '$1 READ-ONLY - proc', why: "runc keeps /proc's flags on read-only paths, crun drops them" },
  { pattern: /- sysfs sysfs r[ow]/g, by: '- sysfs', why: 'runc gives "ro" to the file system too, crun to the mount only' },
  { pattern: /- cgroup2 cgroup2? rw/g, by: '- cgroup2 rw', why: 'runc names the source as the configuration does' },
  {
    pattern: /^head: \/tmp\/sda: .*$/gm,
    by: 'NO DEVICE',
    why: 'where crun may not load a device filter (see cases), a disk that is not there keeps it from reading; the agent loads its own',
  },
  { pattern: /^\/dev\/core .*\n/gm, by: '', why: 'runc makes /dev/core only where there is a /proc/kcore' },
];

/**
 * @param controllers of the cgroup hierarchy at hand; limits of others are left out
 * @param held capabilities that the caller has to give
 */
export function cases(controllers: readonly string[], held: readonly string[]): readonly Case[] {
  const limits: Record<string, string> = { 'cgroup.max.descendants': '7' };
  if (controllers.includes('memory')) limits['memory.max'] = '67108864';
  if (controllers.includes('pids')) limits['pids.max'] = '99';
  if (controllers.includes('cpu')) limits['cpu.max'] = '50000 100000';
  // crun raises its limit of locked memory before it loads a device filter; not every sandbox lets it.
  const plain = base(limits, held.includes('CAP_SYS_RESOURCE'));
  return [
    { name: 'plain', sentence: "root with Docker's defaults sees the same container", config: plain, intended },
    {
      name: 'user',
      sentence: 'a user without rights, no_new_privileges, a working directory and a higher OOM score are the same',
      config: {
        ...plain,
        process: { ...plain.process, user: { uid: 33, gid: 33, additionalGids: [33, 44] }, noNewPrivileges: true, cwd: '/new/work', oomScoreAdj: 300, env: [...plain.process.env, 'HOME=/nowhere'] },
      },
      intended,
    },
    { name: 'readonly', sentence: 'a read-only root is the same', config: { ...plain, root: { path: '', readonly: true } }, intended },
    {
      name: 'capable',
      sentence: 'more capabilities, no seccomp filter and nothing masked are the same',
      config: {
        ...plain,
        process: { ...plain.process, capabilities: { bounding: held, effective: held, permitted: held } },
        linux: { namespaces: plain.linux.namespaces, maskedPaths: [], readonlyPaths: [], resources: plain.linux.resources },
      },
      intended,
    },
  ];
}
