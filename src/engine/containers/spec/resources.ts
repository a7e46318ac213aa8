import { AppError } from '../../../base/errors.ts';
import { integerOf } from '../../../grammar/strconv.ts';
import type { Resources } from '../../../protocol/engine-api.ts';
import type { CgroupFile } from '../../runtime.ts';
import { ioWeight } from './block-limits.ts';

/** Microseconds; runc's default for cpu.max. */
const cpuPeriod = 100_000;
/** daemon/daemon_unix.go: linuxMinMemory */
const leastMemory = 6 * 1024 * 1024;

/** cgroups.ConvertCPUSharesToCgroupV2Value of opencontainers: [2, 262144] to [1, 10000]. 0 stays 0: the kernel's default. */
export function cpuWeight(shares: number): number {
  if (shares === 0) return 0;
  const bounded = Math.min(Math.max(shares, 2), 262_144);
  return 1 + Math.floor(((bounded - 2) * 9999) / 262_142);
}

/** The files of a cgroup v2 for limits of Docker's; absent: the kernel's default. */
export function cgroupFiles(resources: Resources): CgroupFile[] {
  const files: CgroupFile[] = [];
  const put = (name: string, value: string): void => void files.push({ name, value });
  if (resources.Memory > 0) put('memory.max', String(resources.Memory));
  if (resources.MemoryReservation > 0) put('memory.low', String(resources.MemoryReservation));
  if (resources.MemorySwap === -1) put('memory.swap.max', 'max');
  else if (resources.MemorySwap > 0) put('memory.swap.max', String(BigInt(resources.MemorySwap) - BigInt(resources.Memory)));
  const weight = cpuWeight(Number(resources.CpuShares));
  if (weight > 0) put('cpu.weight', String(weight));
  if (resources.BlkioWeight > 0) put('io.weight', ioWeight(resources.BlkioWeight));
  const quota = cpuQuota(resources);
  if (quota !== null) put('cpu.max', quota);
  if (resources.CpusetCpus !== '') put('cpuset.cpus', resources.CpusetCpus);
  if (resources.CpusetMems !== '') put('cpuset.mems', resources.CpusetMems);
  const pids = resources.PidsLimit;
  if (pids !== null) put('pids.max', pids <= 0 ? 'max' : String(pids));
  return files;
}

function cpuQuota({ NanoCpus: nano, CpuPeriod: period, CpuQuota: quota }: Resources): string | null {
  if (nano > 0) return `${Math.floor((Number(nano) * cpuPeriod) / 1e9)} ${cpuPeriod}`;
  if (period === 0 && quota === 0) return null;
  return `${quota > 0 ? String(quota) : 'max'} ${period === 0 ? cpuPeriod : period}`;
}

/** verifyPlatformContainerResources of daemon/daemon_unix.go. @throws AppError invalid, in Docker's words */
export function checkResources(resources: Resources, cpus: number, { isUpdate = false } = {}): void {
  const {
    Memory: memory,
    MemorySwap: swap,
    MemoryReservation: reservation,
    NanoCpus: nano,
    CpuPeriod: period,
    CpuQuota: quota,
  } = resources;
  if (memory !== 0 && memory < leastMemory) throw invalid('Minimum memory limit allowed is 6MB');
  if (memory > 0 && swap > 0 && swap < memory) throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage');
  if (memory === 0 && swap > 0 && !isUpdate) throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage');
  if (reservation > 0 && reservation < leastMemory) throw invalid('Minimum memory reservation allowed is 6MB');
  if (memory > 0 && memory < reservation) throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage');
  if (nano > 0 && period > 0) throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (nano > 0 && quota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  if (nano < 0 || nano > cpus * 1e9) throw invalid(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  if (period !== 0 && (period < 1000 || period > 1_000_000))
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  if (quota > 0 && quota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  checkSet(resources.CpusetCpus, 'cpus', { count: cpus, of: 'CPUs' });
  checkSet(resources.CpusetMems, 'mems', { count: 1, of: 'memory nodes' });
  const weight = resources.BlkioWeight;
  if (weight > 0 && (weight < 10 || weight > 1000)) throw invalid('Range of blkio weight is from 10 to 1000');
  if (resources.IOMaximumBandwidth !== 0 || resources.IOMaximumIOps !== 0)
    throw invalid('Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps');
}

/**
 * What Docker looks at when it reads the body of a create, and of nothing else: validateQoS and validateResources of hostconfig_unix.go.
 * An update that asks for real time keeps the figures, without effect.
 * @throws AppError invalid, in Docker's words
 */
export function checkReadResources(resources: Resources): void {
  if (resources.IOMaximumBandwidth !== 0) throw invalid('invalid option: QoS maximum bandwidth configuration is not supported on linux');
  if (resources.IOMaximumIOps !== 0) throw invalid('invalid option: QoS maximum IOPs configuration is not supported on linux');
  // Control groups v2 have no groups of real-time scheduling, whatever the kernel.
  if (resources.CpuRealtimePeriod !== 0 || resources.CpuRealtimeRuntime !== 0)
    throw invalid('kernel does not support CPU real-time scheduler');
}

/** pkg/sysinfo, parseUintList: as many as there may be. */
const highestInSet = 8192;

function checkSet(list: string, name: 'cpus' | 'mems', { count, of }: { readonly count: number; readonly of: string }): void {
  if (list === '') return;
  const invalidSet = (why: string): AppError => invalid(`Invalid value ${list} for cpuset ${name}: ${why}`);
  let isThere = true;
  for (const range of list.split(',')) {
    const [, first = '', last = first] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(range) ?? [];
    if (first === '' || Number(last) < Number(first)) throw invalidSet(`invalid format: ${list}`);
    if (Number(last) > highestInSet) throw invalidSet(`value of out range, maximum is ${highestInSet}`);
    isThere &&= Number(last) < count;
  }
  if (!isThere) throw invalid(`Requested ${of} are not available - requested ${list}, available: ${count === 1 ? '0' : `0-${count - 1}`}`);
}

/** adaptContainerSettings: swap is as much again as the memory, unless told. */
export function withDefaultSwap<T extends Resources>(resources: T): T {
  if (resources.Memory <= 0 || resources.MemorySwap !== 0) return resources;
  return { ...resources, MemorySwap: integerOf(BigInt.asIntN(64, BigInt(resources.Memory) * 2n)) };
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
