import { AppError } from '../../../base/errors.ts';
import type { Integer } from '../../../grammar/strconv.ts';
import type { Resources } from '../../../protocol/engine-api.ts';
import { splitDevice } from '../../../protocol/facts.ts';
import type { CgroupFile, GuestFacts } from '../../runtime.ts';

/** Docker's lists and the keys of io.max (Documentation/admin-guide/cgroup-v2.rst, "IO Interface Files"). */
const keys = {
  BlkioDeviceReadBps: 'rbps',
  BlkioDeviceWriteBps: 'wbps',
  BlkioDeviceReadIOps: 'riops',
  BlkioDeviceWriteIOps: 'wiops',
} as const;

type Limits = Pick<Resources, keyof typeof keys>;

/** ConvertBlkIOToIOWeightValue of opencontainers/cgroups: [10, 1000] to [1, 10000]. */
export function ioWeight(weight: Integer): string {
  return String(1 + Math.trunc(((Number(weight) - 10) * 9999) / 990));
}

/**
 * What is written to a cgroup's io.max for limits of block devices, a line for each.
 * @throws AppError internal for a device that does not exist (getBlkioThrottleDevices of daemon/daemon_unix.go); whether it is
 * one that can be limited the kernel says
 */
export async function blockLimits(facts: GuestFacts, resources: Limits): Promise<CgroupFile[]> {
  const wanted = Object.entries(keys).flatMap(([list, key]) =>
    (resources[list as keyof Limits] ?? []).map(({ Path: path, Rate: rate }) => ({ path, key, rate })),
  );
  const stats = wanted.length === 0 ? [] : await facts.inspect(wanted.map(({ path }) => ({ op: 'stat', path })));
  return wanted.map(({ path, key, rate }, index) => {
    const stat = stats[index]?.stat ?? null;
    if (stat === null) throw new AppError('internal', `stat ${path}: no such file or directory`);
    return ioMax(stat.rdev, key, rate);
  });
}

function ioMax(rdev: number, key: string, rate: Integer): CgroupFile {
  const { major, minor } = splitDevice(rdev);
  return { name: 'io.max', value: `${major}:${minor} ${key}=${rate}` };
}
