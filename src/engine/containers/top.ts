import { AppError } from '../../base/errors.ts';
import type { ContainerTopResponse } from '../../protocol/engine-api.ts';
import type { Fact, FactResult } from '../../protocol/facts.ts';
import type { Container } from './container.ts';
import { cgroupOf, logContainerEvent, type ContainersContext } from './context.ts';
import { formatProcesses, parsePsArguments, type ProcessFacts } from './ps.ts';
import { isRestarting, notRunning } from './state.ts';

/** GET /containers/{id}/top: what ps(1) of the Docker host would show of the container's cgroup. @param psArguments '' is "-ef" */
export async function topContainer(context: ContainersContext, reference: string, psArguments: string): Promise<ContainerTopResponse> {
  const container = context.store.find(reference);
  if (container.state.status === 'restarting') throw new AppError('conflict', isRestarting(container.id));
  if (container.run === null) throw notRunning(container.id);
  const columns = parsePsArguments(psArguments === '' ? '-ef' : psArguments);
  const pids = await processIds(context, container);
  const processes = await readProcesses(context, pids);
  logContainerEvent(context, container, 'top');
  return formatProcesses(columns, processes);
}

async function processIds({ runtime }: ContainersContext, container: Container): Promise<number[]> {
  const [result] = await runtime.facts.inspect([{ op: 'read', path: `/sys/fs/cgroup/${cgroupOf(container)}/cgroup.procs` }]);
  return (result?.text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** Those of the processes that are still there. */
async function readProcesses({ runtime, clock }: ContainersContext, pids: readonly number[]): Promise<ProcessFacts> {
  const host: Fact[] = ['/proc/uptime', '/proc/meminfo', '/etc/passwd', '/etc/group'].map((path) => ({ op: 'read', path }));
  const each = pids.flatMap((pid): Fact[] => ['stat', 'status', 'cmdline'].map((file) => ({ op: 'read', path: `/proc/${pid}/${file}` })));
  const [uptime, meminfo, passwd, group, ...results] = await runtime.facts.inspect([...host, ...each]);
  const text = (result: FactResult | undefined): string => result?.text ?? '';
  const processes = pids.flatMap((pid, index) => {
    const [stat, status, cmdline] = results.slice(index * 3, index * 3 + 3);
    return stat === undefined || stat.errno !== 0 ? [] : [{ pid, stat: stat.text, status: text(status), cmdline: text(cmdline) }];
  });
  return { now: clock.now(), uptime: text(uptime), meminfo: text(meminfo), passwd: text(passwd), group: text(group), processes };
}
