import type { HostConfig, Resources } from '../../../protocol/engine-api.ts';
import type { Container } from '../container.ts';
import type { HostSettings } from '../context.ts';
import { logWarnings } from '../log/log-config.ts';
import type { NamespaceModes } from '../modes.ts';

export interface Discarded<T extends Resources> {
  readonly resources: T;
  readonly warnings: readonly string[];
}

/** Limits that the guest's kernel has not, taken out with Docker's warnings: verifyPlatformContainerResources of daemon/daemon_unix.go. */
export function discardResources<T extends Resources>(given: T, { cpuset }: Pick<HostSettings, 'cpuset'>): Discarded<T> {
  const warnings: string[] = [];
  const lacks = (asked: boolean, what: string, discarded: string): void => {
    if (asked) warnings.push(`Your kernel does not support ${what}. ${discarded} discarded.`);
  };
  const swappiness = given.MemorySwappiness ?? -1;
  lacks(swappiness !== -1, 'memory swappiness capabilities or the cgroup is not mounted', 'Memory swappiness');
  lacks(given.OomKillDisable === true, 'OomKillDisable', 'OomKillDisable');
  if (given.CpuPercent > 0) warnings.push('linux does not support CPU percent. Percent discarded.');
  const choosesCpus = !cpuset && (given.CpusetCpus !== '' || given.CpusetMems !== '');
  lacks(choosesCpus, 'cpuset or the cgroup is not mounted', 'Cpuset');
  // The kernel takes them only for a disk whose io.cost.qos is on; runc, too, writes them for the bfq scheduler alone.
  const weighsDevices = (given.BlkioWeightDevice ?? []).length > 0;
  lacks(weighsDevices, 'Block I/O weight_device or the cgroup is not mounted', 'Weight-device');
  const resources = {
    ...given,
    MemorySwappiness: null,
    OomKillDisable: null,
    CpuPercent: given.CpuPercent > 0 ? 0 : given.CpuPercent,
    ...(choosesCpus ? { CpusetCpus: '', CpusetMems: '' } : {}),
    BlkioWeightDevice: [],
  };
  return { resources, warnings };
}

/** What else was asked for and will not happen, for the client to print. */
export function createWarnings({ hostConfig, modes }: Pick<Container, 'hostConfig' | 'modes'>): string[] {
  return [...portWarnings(hostConfig, modes), ...logWarnings(hostConfig.LogConfig)];
}

function portWarnings({ PortBindings: bindings }: HostConfig, { network }: NamespaceModes): string[] {
  if (Object.keys(bindings ?? {}).length === 0) return [];
  return network.kind === 'host' ? ['Published ports are discarded when using host network mode'] : [];
}
