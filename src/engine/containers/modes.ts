import { AppError } from '../../base/errors.ts';
import type { HostConfig } from '../../protocol/engine-api.ts';

/** The name space of another container, by what it was called: its full ID where it was there at create. */
interface ContainerMode {
  readonly kind: 'container';
  readonly reference: string;
}

/** `host`: the guest's own; `container`: another container's; `networks`: one of its own, on `main` and what else was asked for. */
export type NetworkMode = { readonly kind: 'host' } | ContainerMode | { readonly kind: 'networks'; readonly main: string };
export type PidMode = { readonly kind: 'private' | 'host' } | ContainerMode;
export type IpcMode = { readonly kind: 'none' | 'private' | 'shareable' | 'host' } | ContainerMode;

/** Which name spaces a container has: HostConfig's modes, read once. What the client left open has been filled in. */
export interface NamespaceModes {
  readonly network: NetworkMode;
  readonly pid: PidMode;
  readonly ipc: IpcMode;
  readonly uts: 'private' | 'host';
  readonly cgroup: 'private' | 'host';
}

/** api/types/container/hostconfig.go, the Valid and Is… of each mode. @throws AppError invalid, in Docker's words */
export function parseModes({
  IpcMode: ipc,
  PidMode: pid,
  UTSMode: uts,
  CgroupnsMode: cgroup,
  NetworkMode: network,
}: Pick<HostConfig, 'IpcMode' | 'PidMode' | 'UTSMode' | 'CgroupnsMode' | 'NetworkMode'>): NamespaceModes {
  return {
    ipc: parseIpc(ipc),
    pid: parsePid(pid),
    uts: ownOrHost(uts, `invalid UTS mode: ${uts}`),
    cgroup: ownOrHost(cgroup === 'private' ? '' : cgroup, `invalid cgroup namespace mode: ${cgroup}`),
    network: parseNetwork(network),
  };
}

function parseIpc(mode: string): IpcMode {
  switch (mode) {
    case '':
      return { kind: 'private' };
    case 'none':
    case 'private':
    case 'shareable':
    case 'host':
      return { kind: mode };
    default:
      return containerMode(mode) ?? refuse(`invalid IPC mode: ${mode}`);
  }
}

function parsePid(mode: string): PidMode {
  if (mode === '' || mode === 'host') return { kind: mode === '' ? 'private' : mode };
  const other = containerMode(mode);
  return other === null || other.reference === '' ? refuse(`invalid PID mode: ${mode}`) : other;
}

function parseNetwork(mode: string): NetworkMode {
  if (mode === 'container' || mode === 'container:') return refuse('invalid network mode: invalid container format container:<name|id>');
  if (mode === 'host') return { kind: 'host' };
  return containerMode(mode) ?? { kind: 'networks', main: mode };
}

function ownOrHost(mode: string, wrong: string): 'private' | 'host' {
  if (mode === '') return 'private';
  return mode === 'host' ? mode : refuse(wrong);
}

/** "container:x"; null for what is none. */
export function containerMode(mode: string): ContainerMode | null {
  return mode.startsWith('container:') ? { kind: 'container', reference: mode.slice('container:'.length) } : null;
}

function refuse(message: string): never {
  throw new AppError('invalid', message);
}
