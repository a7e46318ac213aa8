import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Option to value; an option that is off is absent. */
function parseConfig(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => line.startsWith('CONFIG_'));
  return new Map(lines.map((line) => [line.slice('CONFIG_'.length, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

const folder = import.meta.dirname;
const built = parseConfig(readFileSync(join(folder, '../dist/config'), 'utf8'));
const fragments = readdirSync(folder).filter((name) => name.endsWith('.config'));

const isOn = (option: string): boolean => built.get(option) === 'y';

/** What the guest must be able to do, and the options that it takes. */
const needs: Record<string, string[]> = {
  'runs i386 programs on one CPU': ['X86_32', 'BINFMT_ELF', 'BINFMT_SCRIPT', 'MULTIUSER', 'UID16'],
  'keeps the calls that a tiny configuration loses silently': [
    'POSIX_TIMERS',
    'COMPAT_32BIT_TIME',
    'FILE_LOCKING',
    'FHANDLE',
    'SYSVIPC',
    'POSIX_MQUEUE',
    'FUTEX',
    'EPOLL',
    'SIGNALFD',
    'TIMERFD',
    'EVENTFD',
    'AIO',
    'SHMEM',
    'ADVISE_SYSCALLS',
    'MEMBARRIER',
    'INOTIFY_USER',
    'CROSS_MEMORY_ATTACH',
    'PRINTK',
    'BASE_FULL',
  ],
  'separates every name space': ['UTS_NS', 'IPC_NS', 'PID_NS', 'NET_NS', 'USER_NS', 'TIME_NS', 'CGROUPS', 'NAMESPACES'],
  'limits memory, CPU, processes and I/O by cgroup v2': [
    'MEMCG',
    'CGROUP_SCHED',
    'FAIR_GROUP_SCHED',
    'CFS_BANDWIDTH',
    'CGROUP_PIDS',
    'BLK_CGROUP',
    'BLK_DEV_THROTTLING',
  ],
  'freezes cgroups and decides on devices': ['CGROUP_FREEZER', 'BPF_SYSCALL', 'CGROUP_BPF'],
  'filters system calls': ['SECCOMP', 'SECCOMP_FILTER'],
  'mounts container roots and keeps what they write': ['OVERLAY_FS', 'EXT4_FS', 'EXT4_FS_SECURITY', 'TMPFS', 'TMPFS_XATTR', 'DEVTMPFS'],
  'reads the IDE disk of v86': ['ATA', 'ATA_SFF', 'ATA_BMDMA', 'ATA_PIIX', 'SCSI', 'BLK_DEV_SD', 'PCI'],
  'reads layers and messages over 9p': ['VIRTIO_PCI', 'NET_9P', 'NET_9P_VIRTIO', '9P_FS', '9P_FS_SECURITY'],
  'connects containers': ['UNIX', 'INET', 'PACKET', 'IPV6', 'VETH', 'BRIDGE', 'DUMMY', 'MACVLAN', 'VXLAN', 'VIRTIO_NET'],
  'translates addresses with nf_tables': [
    'NF_TABLES',
    'NF_TABLES_INET',
    'NF_TABLES_IPV4',
    'NFT_CT',
    'NFT_NAT',
    'NFT_MASQ',
    'NFT_REDIR',
    'NFT_REJECT',
    'NFT_FIB_IPV4',
    'NFT_COMPAT',
    'NF_CONNTRACK',
    'NF_NAT',
    'NF_CT_NETLINK',
    'BRIDGE_NETFILTER',
  ],
  'translates addresses with iptables': [
    'IP_NF_IPTABLES',
    'IP_NF_FILTER',
    'IP_NF_NAT',
    'IP_NF_MANGLE',
    'IP_NF_TARGET_REJECT',
    'NETFILTER_XT_NAT',
    'NETFILTER_XT_TARGET_MASQUERADE',
    'NETFILTER_XT_TARGET_REDIRECT',
    'NETFILTER_XT_MATCH_ADDRTYPE',
    'NETFILTER_XT_MATCH_CONNTRACK',
    'NETFILTER_XT_MATCH_COMMENT',
  ],
  'tells what happens in it': ['CONNECTOR', 'PROC_EVENTS', 'PSI', 'PROC_CHILDREN', 'PROC_PAGE_MONITOR', 'IKCONFIG_PROC'],
  'gives terminals and serial lines': ['TTY', 'UNIX98_PTYS', 'SERIAL_8250', 'SERIAL_8250_CONSOLE'],
  'never waits for random numbers at boot': ['RANDOM_TRUST_CPU'],
  'sleeps when idle': ['NO_HZ_IDLE', 'HIGH_RES_TIMERS', 'HZ_100'],
  'boots from what v86 loads': ['BLK_DEV_INITRD', 'RD_GZIP', 'CMDLINE_BOOL'],
};

/** What would cost guest instructions, memory or time for nothing here. */
const excluded: Record<string, string[]> = {
  'has one CPU and therefore no cpuset (init/Kconfig of 6.1)': ['SMP', 'CPUSETS'],
  'is not 64-bit, highmem or PAE': ['64BIT', 'HIGHMEM', 'X86_PAE'],
  'mitigates nothing that emulated code cannot suffer from': ['CPU_MITIGATIONS', 'PAGE_TABLE_ISOLATION', 'RETPOLINE'],
  'does not look for ACPI or an APIC': ['ACPI', 'X86_LOCAL_APIC'],
  'traces, audits and debugs nothing': [
    'FTRACE',
    'TRACEPOINTS',
    'KPROBES',
    'AUDIT',
    'SECURITY',
    'SLUB_DEBUG',
    'SCHED_DEBUG',
    'SCHEDSTATS',
    'TASKSTATS',
    'DEBUG_FS',
    'X86_DEBUG_FPU',
    'DEBUG_INFO',
    'STACKPROTECTOR',
    'HARDENED_USERCOPY',
    'FORTIFY_SOURCE',
    'FRAME_POINTER',
    'DEBUG_ENTRY',
    'DEBUG_PREEMPT',
    'PROVE_LOCKING',
    'KASAN',
  ],
  'loads no modules': ['MODULES'],
  'never preempts itself': ['PREEMPT', 'PREEMPT_VOLUNTARY'],
  'asks 9p for no attribute at each lookup': ['9P_FS_POSIX_ACL', 'OVERLAY_FS_REDIRECT_ALWAYS_FOLLOW'],
};

describe('the built kernel', () => {
  for (const [reason, options] of Object.entries(needs)) {
    it(reason, () => {
      expect(options.filter((option) => !isOn(option))).toEqual([]);
    });
  }

  for (const [reason, options] of Object.entries(excluded)) {
    it(reason, () => {
      expect(options.filter(isOn)).toEqual([]);
    });
  }

  it('has a serial port for the kernel log and one for the doorbell', () => {
    expect(Number(built.get('SERIAL_8250_NR_UARTS'))).toBeGreaterThanOrEqual(2);
    expect(Number(built.get('SERIAL_8250_RUNTIME_UARTS'))).toBeGreaterThanOrEqual(2);
    expect(built.get('CMDLINE')).toContain('console=ttyS0');
  });

  it('mounts no version 1 cgroup hierarchy and zeroes what is freed', () => {
    expect(built.get('CMDLINE')?.split(/["\s]/)).toEqual(expect.arrayContaining(['cgroup_no_v1=all', 'init_on_free=1']));
  });
});

describe('each fragment', () => {
  for (const name of fragments) {
    it(`${name} was taken whole`, () => {
      const asked = parseConfig(readFileSync(join(folder, name), 'utf8'));
      const lost = [...asked].filter(([option, value]) => (built.get(option) ?? 'n') !== value);
      expect(lost).toEqual([]);
    });

    it(`${name} says why`, () => {
      const first = readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('#'));
      expect(first.length).toBeGreaterThan(0);
    });
  }

  it('sets no option that another sets', () => {
    const all = fragments.flatMap((name) => [...parseConfig(readFileSync(join(folder, name), 'utf8')).keys()]);
    expect(all.filter((option, index) => all.indexOf(option) !== index)).toEqual([]);
  });
});
