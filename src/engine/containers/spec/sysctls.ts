import { AppError } from '../../../base/errors.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';
import type { ContainerSpec } from '../../runtime.ts';
import type { NamespaceModes } from '../modes.ts';
import { runcRefuses } from './runc-words.ts';

/** Those of an IPC name space, beside "fs.mqueue.": runc, libcontainer/configs/validate. */
const ofIpc = ['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced'].map((name) => `kernel.${name}`);

/** daemon/oci_linux.go: on a network of its own a container may listen on any port and send pings, whoever runs in it. */
const networkDefaults: readonly (readonly [string, string])[] = [
  ['net.ipv4.ip_unprivileged_port_start', '0'],
  ['net.ipv4.ping_group_range', '0 2147483647'],
];

/** What can be told before there is a container. @throws AppError internal, in Docker's words (api/server/router/container, handleSysctlBC) */
export function checkSysctls({ Sysctls: sysctls }: HostConfig): void {
  for (const name of Object.keys(sysctls ?? {})) {
    const [family, , , device = '', setting] = name.split('.');
    if (family !== 'net' || setting === undefined || !device.startsWith('eth')) continue;
    const option = "driver option 'com.docker.network.endpoint.sysctls'";
    throw new AppError('internal', `interface specific sysctl setting "${name}" must be supplied using ${option}`);
  }
}

/** What the agent sets: Docker's own, then those asked for. @throws AppError internal for one that is not the container's alone, in runc's words */
export function containerSysctls({ Sysctls: asked }: HostConfig, modes: NamespaceModes): NonNullable<ContainerSpec['sysctls']> {
  const all = new Map(modes.network.kind === 'networks' ? networkDefaults : []);
  for (const [given, value] of Object.entries(asked ?? {})) {
    const name = dotted(given);
    const why = whyRefused(name, modes);
    if (why !== null) throw runcRefuses(`sysctl "${name}" ${why}`);
    all.set(name, value);
  }
  return [...all].map(([name, value]) => ({ name, value }));
}

/** runc, Validator.sysctl; null: it may be set. */
function whyRefused(name: string, { network, ipc, uts }: NamespaceModes): string | null {
  if (ofIpc.includes(name) || name.startsWith('fs.mqueue.'))
    return ipc.kind === 'host' ? 'is not allowed in the hosts ipc namespace' : null;
  if (name.startsWith('net.')) return network.kind === 'host' ? 'not allowed in host network namespace' : null;
  if (name === 'kernel.domainname' && uts !== 'host') return null;
  if (name === 'kernel.hostname' && uts !== 'host') return 'is not allowed as it conflicts with the OCI "hostname" field';
  return 'is not in a separate kernel namespace';
}

/** sysctl(8): where a slash comes first, slashes part the name and dots are part of it. */
function dotted(name: string): string {
  if (name.search(/[./]/) < 0 || name.charAt(name.search(/[./]/)) === '.') return name;
  return name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}
