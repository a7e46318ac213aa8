import { AppError } from '../../../base/errors.ts';
import type { ContainerUpdateResponse, HostConfig, Resources, UpdateContainerBody } from '../../../protocol/engine-api.ts';
import type { CgroupFile } from '../../runtime.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { logContainerEvent } from '../context.ts';
import { discardResources } from '../checks/discarded.ts';
import { checkRestartPolicy } from '../run/restart-policy.ts';
import { cgroupFiles, checkResources } from '../spec/resources.ts';

/** POST /containers/{id}/update: limits and the restart policy; zero and null mean "as it is". */
export async function updateContainer(
  context: Needs<'store' | 'runtime' | 'events' | 'host'>,
  reference: string,
  body: UpdateContainerBody,
): Promise<ContainerUpdateResponse> {
  const found = context.store.find(reference);
  return found.locked(async (container) => {
    if (container.state.status === 'removing' || container.state.status === 'dead') {
      throw cannotUpdate(container.id, 'container is marked for removal and cannot be "update"');
    }
    checkResources(body, context.host.cpus, { isUpdate: true });
    const { resources: asked, warnings } = discardResources(body, context.host);
    const updated = merge(container, asked);
    checkRestartPolicy(updated.RestartPolicy);
    if (updated.AutoRemove && updated.RestartPolicy.Name !== 'no')
      throw cannotUpdate(container.id, 'Restart policy cannot be updated because AutoRemove is enabled for the container');
    if (container.run !== null) checkResources(updated, context.host.cpus);
    if (container.run !== null) await context.runtime.processes.update(container.id, changedFiles(container.hostConfig, updated));
    container.hostConfig = updated;
    logContainerEvent(context, container, 'update');
    return { Warnings: [...warnings] };
  });
}

/** daemon/update.go, errCannotUpdate. */
function cannotUpdate(id: string, why: string): AppError {
  return new AppError('conflict', `Cannot update container ${id}: ${why}`);
}

/** container/container_unix.go, UpdateContainer. */
function merge({ id, hostConfig: old }: Container, { RestartPolicy: policy, ...resources }: UpdateContainerBody): HostConfig {
  refuseConflicts(id, old, resources);
  const set: Partial<Resources> = {
    ...(resources.BlkioWeight === 0 ? {} : { BlkioWeight: resources.BlkioWeight }),
    ...(resources.CpuShares === 0 ? {} : { CpuShares: resources.CpuShares }),
    ...(resources.CpuPeriod === 0 ? {} : { CpuPeriod: resources.CpuPeriod }),
    ...(resources.CpuQuota === 0 ? {} : { CpuQuota: resources.CpuQuota }),
    ...(resources.NanoCpus === 0 ? {} : { NanoCpus: resources.NanoCpus }),
    ...(resources.CpuRealtimePeriod === 0 ? {} : { CpuRealtimePeriod: resources.CpuRealtimePeriod }),
    ...(resources.CpuRealtimeRuntime === 0 ? {} : { CpuRealtimeRuntime: resources.CpuRealtimeRuntime }),
    ...(resources.CpusetCpus === '' ? {} : { CpusetCpus: resources.CpusetCpus }),
    ...(resources.CpusetMems === '' ? {} : { CpusetMems: resources.CpusetMems }),
    ...(resources.Memory === 0 ? {} : { Memory: resources.Memory }),
    ...(resources.MemorySwap === 0 ? {} : { MemorySwap: resources.MemorySwap }),
    ...(resources.MemoryReservation === 0 ? {} : { MemoryReservation: resources.MemoryReservation }),
    ...(resources.PidsLimit === null ? {} : { PidsLimit: resources.PidsLimit }),
  };
  if (set.Memory !== undefined && set.MemorySwap === undefined && set.Memory > old.MemorySwap) {
    throw cannotUpdate(id, 'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time');
  }
  return { ...old, ...set, ...(policy.Name === '' ? {} : { RestartPolicy: policy }) };
}

/** --cpus sets period and quota itself. */
function refuseConflicts(id: string, old: HostConfig, { NanoCpus: nano, CpuPeriod: period, CpuQuota: quota }: Resources): void {
  const conflict = (asked: string, set: string): AppError =>
    cannotUpdate(id, `Conflicting options: ${asked} cannot be updated as ${set} has already been set`);
  if (nano > 0 && old.CpuPeriod > 0) throw conflict('Nano CPUs', 'CPU Period');
  if (nano > 0 && old.CpuQuota > 0) throw conflict('Nano CPUs', 'CPU Quota');
  if (period > 0 && old.NanoCpus > 0) throw conflict('CPU Period', 'NanoCPUs');
  if (quota > 0 && old.NanoCpus > 0) throw conflict('CPU Quota', 'NanoCPUs');
}

/** 0 processes are as many as there may be, also after a limit. */
function changedFiles(old: HostConfig, updated: HostConfig): CgroupFile[] {
  const before = new Map(cgroupFiles(old).map(({ name, value }) => [name, value]));
  const after = cgroupFiles(updated);
  const unlimited = before.has('pids.max') && !after.some(({ name }) => name === 'pids.max') ? [{ name: 'pids.max', value: 'max' }] : [];
  return [...after.filter(({ name = '', value }) => before.get(name) !== value), ...unlimited];
}
