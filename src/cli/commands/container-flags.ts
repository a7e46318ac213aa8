import type { Flag, FlagSet } from '../flags/flag-set.ts';
import {
  acceptAddress,
  acceptDeviceRule,
  acceptDomain,
  acceptHost,
  acceptLink,
  acceptStream,
  acceptSysctl,
  parseUlimit,
} from '../flags/container-values.ts';
import { parseByteRate, parseOperationRate, parseWeightDevice, type ThrottleDevice } from '../flags/block-devices.ts';
import { acceptEnvironment, acceptLabel } from '../flags/environment.ts';
import { parseGpus } from '../flags/gpus.ts';
import { parseMount } from '../flags/mounts.ts';
import { parseNetwork } from '../flags/networks.ts';
import { full, partial, windowsOnly } from '../flags/support.ts';

export const noKernelMemory = partial('accepted and without effect, as in Docker');
export const oneCpu = partial('there is one CPU and nothing to choose; a warning says so');
const noDeviceWeight = partial('discarded with a warning: the kernel weighs a single disk only when its io.cost.qos is on');
const noRealtime = partial('refused as by every Docker on control groups v2, which have no real-time groups');

export const noLinkLocal = partial('refused by the engine: interfaces have no addresses beside those of their networks');
const noGpu = partial('refused when the container starts, as by every Docker without a driver of GPUs');
const gpusUsage = "GPU devices to add to the container ('all' to pass all GPUs)";

const cgroupnsUsage = `Cgroup namespace to use (host|private)
'host':    Run the container in the Docker host's cgroup namespace
'private': Run the container in its own private cgroup namespace
'':        Use the cgroup namespace as configured by the
           default-cgroupns-mode option on the daemon (default)`;

export type ContainerFlags = ReturnType<typeof declareContainerFlags>;

/** The flags that `run` and `create` have in common and that say what container is made. */
export function declareContainerFlags(flags: FlagSet) {
  const throttle = (name: string, usage: string, accept: (text: string) => ThrottleDevice): Flag<readonly ThrottleDevice[]> =>
    flags.collect(name, '', usage, full, { type: 'list', shownDefault: '[]' }, accept);
  const declared = {
    addHost: flags.list('add-host', '', 'Add a custom host-to-IP mapping (host:ip)', full, acceptHost),
    annotation: flags.map('annotation', 'Add an annotation to the container (passed through to the OCI runtime)', full),
    attach: flags.list('attach', 'a', 'Attach to STDIN, STDOUT or STDERR', full, acceptStream),
    capAdd: flags.list('cap-add', '', 'Add Linux capabilities', full),
    capDrop: flags.list('cap-drop', '', 'Drop Linux capabilities', full),
    blkioWeight: flags.uint('blkio-weight', 'Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)', full, 16),
    blkioWeightDevice: flags.collect(
      'blkio-weight-device',
      '',
      'Block IO weight (relative device weight)',
      noDeviceWeight,
      { type: 'list', shownDefault: '[]' },
      parseWeightDevice,
    ),
    deviceReadBps: throttle('device-read-bps', 'Limit read rate (bytes per second) from a device', parseByteRate),
    deviceReadIops: throttle('device-read-iops', 'Limit read rate (IO per second) from a device', parseOperationRate),
    deviceWriteBps: throttle('device-write-bps', 'Limit write rate (bytes per second) to a device', parseByteRate),
    deviceWriteIops: throttle('device-write-iops', 'Limit write rate (IO per second) to a device', parseOperationRate),
    cpuRtPeriod: flags.int('cpu-rt-period', '', 'Limit CPU real-time period in microseconds', noRealtime),
    cpuRtRuntime: flags.int('cpu-rt-runtime', '', 'Limit CPU real-time runtime in microseconds', noRealtime),
    isolation: flags.string('isolation', '', 'Container isolation technology', partial('"default" only, as on every Linux')),
    storageOpt: flags.list(
      'storage-opt',
      '',
      'Storage driver options for the container',
      partial('refused by the engine: overlay directories have no quota, as in Docker on ext4'),
    ),
    cgroupParent: flags.string('cgroup-parent', '', 'Optional parent cgroup for the container', full),
    cgroupns: flags.string('cgroupns', '', cgroupnsUsage, full),
    cpuPeriod: flags.int('cpu-period', '', 'Limit CPU CFS (Completely Fair Scheduler) period', full),
    cpuQuota: flags.int('cpu-quota', '', 'Limit CPU CFS (Completely Fair Scheduler) quota', full),
    cpuShares: flags.int('cpu-shares', 'c', 'CPU shares (relative weight)', full),
    cpus: flags.cpus('cpus', 'Number of CPUs', full),
    cpusetCpus: flags.string('cpuset-cpus', '', 'CPUs in which to allow execution (0-3, 0,1)', oneCpu),
    cpusetMems: flags.string('cpuset-mems', '', 'MEMs in which to allow execution (0-3, 0,1)', oneCpu),
    device: flags.list('device', '', 'Add a host device to the container', full),
    deviceCgroupRule: flags.list('device-cgroup-rule', '', 'Add a rule to the cgroup allowed devices list', full, acceptDeviceRule),
    dns: flags.list('dns', '', 'Set custom DNS servers', full, acceptAddress),
    dnsOption: flags.list('dns-option', '', 'Set DNS options', full),
    dnsSearch: flags.list('dns-search', '', 'Set custom DNS search domains', full, acceptDomain),
    domainname: flags.string('domainname', '', 'Container NIS domain name', full),
    entrypoint: flags.string('entrypoint', '', 'Overwrite the default ENTRYPOINT of the image', full),
    env: flags.list('env', 'e', 'Set environment variables', full, acceptEnvironment),
    envFile: flags.list('env-file', '', 'Read in a file of environment variables', full),
    expose: flags.list('expose', '', 'Expose a port or a range of ports', full),
    gpus: flags.collect('gpus', '', gpusUsage, noGpu, { type: 'gpu-request' }, parseGpus),
    groupAdd: flags.list('group-add', '', 'Add additional groups to join', full),
    healthCmd: flags.string('health-cmd', '', 'Command to run to check health', full),
    healthInterval: flags.duration('health-interval', 'Time between running the check (ms|s|m|h) (default 0s)', full),
    healthRetries: flags.int('health-retries', '', 'Consecutive failures needed to report unhealthy', full),
    healthStartInterval: flags.duration(
      'health-start-interval',
      'Time between running the check during the start period (ms|s|m|h) (default 0s)',
      full,
    ),
    healthStartPeriod: flags.duration(
      'health-start-period',
      'Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)',
      full,
    ),
    healthTimeout: flags.duration('health-timeout', 'Maximum time to allow one check to run (ms|s|m|h) (default 0s)', full),
    hostname: flags.string('hostname', 'h', 'Container host name', full),
    init: flags.bool('init', '', 'Run an init inside the container that forwards signals and reaps processes', full),
    interactive: flags.bool('interactive', 'i', 'Keep STDIN open even if not attached', full),
    ip: flags.string('ip', '', 'IPv4 address (e.g., 172.30.100.104)', full),
    ip6: flags.string('ip6', '', 'IPv6 address (e.g., 2001:db8::33)', full),
    ipc: flags.string('ipc', '', 'IPC mode to use', full),
    label: flags.list('label', 'l', 'Set meta data on a container', full, acceptLabel),
    labelFile: flags.list('label-file', '', 'Read in a line delimited file of labels', full),
    logDriver: flags.string(
      'log-driver',
      '',
      'Logging driver for the container',
      partial('json-file, local and none; the others are json-file, as a warning says'),
    ),
    linkLocalIp: flags.list('link-local-ip', '', 'Container IPv4/IPv6 link-local addresses', noLinkLocal),
    link: flags.list('link', '', 'Add link to another container', full, acceptLink),
    logOpt: flags.list('log-opt', '', 'Log driver options', partial('max-size and max-file; no log is larger than 16 MiB')),
    macAddress: flags.string('mac-address', '', 'Container MAC address (e.g., 92:d0:c6:0a:29:33)', full),
    memory: flags.bytes('memory', 'm', 'Memory limit', full),
    memoryReservation: flags.bytes('memory-reservation', '', 'Memory soft limit', full),
    memorySwap: flags.swapBytes('memory-swap', "Swap limit equal to memory plus swap: '-1' to enable unlimited swap", full),
    memorySwappiness: flags.int(
      'memory-swappiness',
      '',
      'Tune container memory swappiness (0 to 100)',
      partial('discarded with a warning; control groups v2 have no such file'),
      -1,
    ),
    mount: flags.collect('mount', '', 'Attach a filesystem mount to the container', full, { type: 'mount' }, parseMount),
    network: flags.collect('network', '', 'Connect a container to a network', full, { type: 'network' }, parseNetwork),
    networkAlias: flags.list('network-alias', '', 'Add network-scoped alias for the container', full),
    noHealthcheck: flags.bool('no-healthcheck', '', 'Disable any container-specified HEALTHCHECK', full),
    oomKillDisable: flags.bool(
      'oom-kill-disable',
      '',
      'Disable OOM Killer',
      partial('discarded with a warning, as with control groups v2 everywhere'),
    ),
    oomScoreAdj: flags.int('oom-score-adj', '', "Tune host's OOM preferences (-1000 to 1000)", full),
    pid: flags.string('pid', '', 'PID namespace to use', full),
    pidsLimit: flags.int('pids-limit', '', 'Tune container pids limit (set -1 for unlimited)', full),
    privileged: flags.bool('privileged', '', 'Give extended privileges to this container', full),
    publish: flags.list('publish', 'p', "Publish a container's port(s) to the host", full),
    publishAll: flags.bool('publish-all', 'P', 'Publish all exposed ports to random ports', full),
    readOnly: flags.bool('read-only', '', "Mount the container's root filesystem as read only", full),
    restart: flags.string('restart', '', 'Restart policy to apply when a container exits', full, 'no'),
    rm: flags.bool('rm', '', 'Automatically remove the container and its associated anonymous volumes when it exits', full),
    runtime: flags.string('runtime', '', 'Runtime to use for this container', partial('runc only')),
    securityOpt: flags.list('security-opt', '', 'Security Options', full),
    shmSize: flags.bytes('shm-size', '', 'Size of /dev/shm', full),
    stopSignal: flags.string('stop-signal', '', 'Signal to stop the container', full),
    stopTimeout: flags.int('stop-timeout', '', 'Timeout (in seconds) to stop a container', full),
    sysctl: declareSysctl(flags),
    tmpfs: flags.list('tmpfs', '', 'Mount a tmpfs directory', full),
    tty: flags.bool('tty', 't', 'Allocate a pseudo-TTY', full),
    ulimit: flags.collect('ulimit', '', 'Ulimit options', full, { type: 'ulimit', shownDefault: '[]' }, parseUlimit),
    useApiSocket: flags.bool(
      'use-api-socket',
      '',
      'Bind mount Docker API socket and required auth',
      partial('without the credentials that docker login keeps'),
    ),
    user: flags.string('user', 'u', 'Username or UID (format: <name|uid>[:<group|gid>])', full),
    userns: flags.string('userns', '', 'User namespace to use', full),
    uts: flags.string('uts', '', 'UTS namespace to use', full),
    volume: flags.list('volume', 'v', 'Bind mount a volume', full),
    volumeDriver: flags.string('volume-driver', '', 'Optional volume driver for the container', full),
    volumesFrom: flags.list('volumes-from', '', 'Mount volumes from the specified container(s)', full),
    workdir: flags.string('workdir', 'w', 'Working directory inside the container', full),
  };
  declareRefused(flags);
  flags.bool('disable-content-trust', '', 'Skip image verification', partial('accepted; there is no signing service'), true);
  flags.alias('net', 'network');
  flags.alias('net-alias', 'network-alias');
  flags.alias('dns-opt', 'dns-option');
  return declared;
}

function declareSysctl(flags: FlagSet): Flag<readonly string[]> {
  return flags.collect('sysctl', '', 'Sysctl options', full, { type: 'map', shownDefault: 'map[]' }, acceptSysctl);
}

/** Docker's flags that no engine in this guest could honour. */
function declareRefused(flags: FlagSet): void {
  flags.int('cpu-count', '', 'CPU count (Windows only)', windowsOnly);
  flags.int('cpu-percent', '', 'CPU percent (Windows only)', windowsOnly);
  flags.bytes('io-maxbandwidth', '', 'Maximum IO bandwidth limit for the system drive (Windows only)', windowsOnly);
  flags.uint('io-maxiops', 'Maximum IOps limit for the system drive (Windows only)', windowsOnly, 64);
  flags.bytes('kernel-memory', '', 'Kernel memory limit', noKernelMemory);
}
