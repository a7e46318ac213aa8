import { AppError } from '../../../base/errors.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';

/** Those of an IPC name space besides fs.mqueue.* (runc, libcontainer/configs/validate). */
const ipcSysctls = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);

/**
 * What `--sysctl` sets, with Docker's own defaults for a network name space of the container's own: unprivileged programs may bind any port
 * and use ping (daemon/oci_linux.go).
 * @throws AppError internal for one that is not of the container's name spaces, in runc's words
 */
export function containerSysctls(hostConfig: HostConfig): AgentRecordInput<'cgroupFile'>[] {
  const wanted = new Map(Object.entries(hostConfig.Sysctls ?? {}));
  for (const name of wanted.keys()) checkSysctl(dotted(name), hostConfig);
  const { NetworkMode: network } = hostConfig;
  if (network !== 'host' && !network.startsWith('container:')) {
    const given = new Set([...wanted.keys()].map(dotted));
    if (!given.has('net.ipv4.ip_unprivileged_port_start')) wanted.set('net.ipv4.ip_unprivileged_port_start', '0');
    if (!given.has('net.ipv4.ping_group_range')) wanted.set('net.ipv4.ping_group_range', '0 2147483647');
  }
  return [...wanted].map(([name, value]) => ({ name, value }));
}

/** sysctl.d(5): whichever of "." and "/" comes first separates, and the other stands for itself. */
function dotted(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? [...name].map((letter) => (letter === '/' ? '.' : letter === '.' ? '/' : letter)).join('') : name;
}

/** libcontainer/configs/validate/validator.go, sysctl. */
function checkSysctl(name: string, { NetworkMode: network, IpcMode: ipc, UTSMode: uts }: HostConfig): void {
  if (ipcSysctls.has(name) || name.startsWith('fs.mqueue.')) {
    if (ipc === 'host') throw refused(`sysctl "${name}" is not allowed in the hosts ipc namespace`);
    return;
  }
  if (name.startsWith('net.')) {
    if (network === 'host') throw refused(`sysctl "${name}" not allowed in host network namespace`);
    return;
  }
  if (name === 'kernel.domainname') {
    if (uts === 'host') throw refused(`sysctl "${name}" is not allowed in the hosts UTS namespace`);
    return;
  }
  if (name === 'kernel.hostname') throw refused(`sysctl "${name}" is not allowed as it conflicts with the OCI "hostname" field`);
  throw refused(`sysctl "${name}" is not in a separate kernel namespace`);
}

function refused(why: string): AppError {
  const prefix = 'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ';
  return new AppError('internal', `${prefix}${why}: unknown`);
}
