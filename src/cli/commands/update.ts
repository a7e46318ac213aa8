import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError, messageOf } from '../errors.ts';
import { parseRamBytes } from '../../grammar/units.ts';
import { parseRestartPolicy } from '../flags/container-values.ts';
import { full, partial } from '../flags/support.ts';
import { noKernelMemory, oneCpu } from './container-flags.ts';

const realtimeKept = partial('kept and without effect, as by Docker: control groups v2 have no real-time groups');

export const update: Command = {
  use: 'update [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Update configuration of one or more containers',
  spellings: 'docker container update, docker update',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const blkioWeight = flags.uint(
      'blkio-weight',
      'Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)',
      full,
      16,
    );
    const cpuPeriod = flags.int('cpu-period', '', 'Limit CPU CFS (Completely Fair Scheduler) period', full);
    const cpuQuota = flags.int('cpu-quota', '', 'Limit CPU CFS (Completely Fair Scheduler) quota', full);
    const cpuRtPeriod = flags.int('cpu-rt-period', '', 'Limit the CPU real-time period in microseconds', realtimeKept);
    const cpuRtRuntime = flags.int('cpu-rt-runtime', '', 'Limit the CPU real-time runtime in microseconds', realtimeKept);
    const cpuShares = flags.int('cpu-shares', 'c', 'CPU shares (relative weight)', full);
    const cpus = flags.cpus('cpus', 'Number of CPUs', full);
    const cpusetCpus = flags.string('cpuset-cpus', '', 'CPUs in which to allow execution (0-3, 0,1)', oneCpu);
    const cpusetMems = flags.string('cpuset-mems', '', 'MEMs in which to allow execution (0-3, 0,1)', oneCpu);
    const deprecated = { type: 'bytes', hidden: true };
    const kernelMemory = flags.collect('kernel-memory', '', 'Kernel memory limit (deprecated)', noKernelMemory, deprecated, (text) =>
      parseRamBytes(text),
    );
    const memory = flags.bytes('memory', 'm', 'Memory limit', full);
    const memoryReservation = flags.bytes('memory-reservation', '', 'Memory soft limit', full);
    const memorySwap = flags.swapBytes('memory-swap', 'Swap limit equal to memory plus swap: -1 to enable unlimited swap', full);
    const pidsLimit = flags.int('pids-limit', '', 'Tune container pids limit (set -1 for unlimited)', full);
    const restart = flags.string('restart', '', 'Restart policy to apply when a container exits', full);
    return async (context, names) => {
      if (!flags.anyChanged) throw new StatusError(1, 'you must provide one or more flags when using this command');
      const body = {
        CpuShares: cpuShares.value,
        Memory: memory.value,
        NanoCpus: cpus.value,
        CgroupParent: '',
        BlkioWeight: blkioWeight.value,
        BlkioWeightDevice: null,
        BlkioDeviceReadBps: null,
        BlkioDeviceWriteBps: null,
        BlkioDeviceReadIOps: null,
        BlkioDeviceWriteIOps: null,
        CpuPeriod: cpuPeriod.value,
        CpuQuota: cpuQuota.value,
        CpuRealtimePeriod: cpuRtPeriod.value,
        CpuRealtimeRuntime: cpuRtRuntime.value,
        CpusetCpus: cpusetCpus.value,
        CpusetMems: cpusetMems.value,
        Devices: null,
        DeviceCgroupRules: null,
        DeviceRequests: null,
        ...((kernelMemory.value.at(-1) ?? 0) === 0 ? {} : { KernelMemory: kernelMemory.value.at(-1) }),
        MemoryReservation: memoryReservation.value,
        MemorySwap: memorySwap.value,
        MemorySwappiness: null,
        OomKillDisable: null,
        PidsLimit: pidsLimit.value === 0 ? null : pidsLimit.value,
        Ulimits: null,
        CpuCount: 0,
        CpuPercent: 0,
        IOMaximumIOps: 0,
        IOMaximumBandwidth: 0,
        RestartPolicy: restart.value === '' ? { Name: '', MaximumRetryCount: 0 } : parseRestartPolicy(restart.value),
      };
      const failures: string[] = [];
      const warnings: string[] = [];
      for (const name of names) {
        try {
          const answer = await context.client.post(`${containerPath(name)}/update`, {}, body);
          warnings.push(...answer.strings('Warnings'));
          await context.out(`${name}\n`);
        } catch (error) {
          failures.push(messageOf(error));
        }
      }
      if (warnings.length > 0) await context.out(`${warnings.join('\n')}\n`);
      if (failures.length > 0) throw new StatusError(1, failures.join('\n'));
    };
  },
};
