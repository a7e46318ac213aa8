import type { AgentRecordInput } from '../../../protocol/agent.ts';
import type { Integer } from '../../../grammar/strconv.ts';
import type { IpcMode } from '../modes.ts';
import { careful, mountFlag } from '../mounts/mount-flags.ts';

/** POSIX shared memory of a container. */
export interface SharedMemory {
  readonly mounts: readonly AgentRecordInput<'mount'>[];
  /** Options of the tmpfs that the guest keeps for this container and those that share it; '' where there is none. */
  readonly kept: string;
}

export interface MemoryOwner {
  readonly id: string;
  readonly ipc: IpcMode;
  /** Bytes. */
  readonly size: Integer;
}

/** daemon/oci_linux.go: ShmSize when none is asked for. */
const defaultSize = 64 * 1024 * 1024;
const target = '/dev/shm';

/**
 * daemon/container_operations_unix.go, setupIPCDirs: of the host, of the container's own, or none.
 * @param owner whose memory it is; the container itself, or the one whose IPC name space it joins
 */
export function sharedMemory(id: string, owner: MemoryOwner): SharedMemory {
  const data = `mode=1777,size=${owner.size > 0 ? owner.size : defaultSize}`;
  switch (owner.ipc.kind) {
    case 'none':
      return { mounts: [], kept: '' };
    case 'host':
      return { mounts: [boundMemory(target)], kept: '' };
    case 'shareable':
      return { mounts: [boundMemory(`/run/drydock/containers/${owner.id}/shm`)], kept: id === owner.id ? data : '' };
    case 'private':
    case 'container':
      return { mounts: [{ source: 'shm', target, type: 'tmpfs', flags: careful, data }], kept: '' };
  }
}

function boundMemory(source: string): AgentRecordInput<'mount'> {
  return { source, target, type: 'bind', flags: mountFlag.bind | mountFlag.rec, propagation: mountFlag.private | mountFlag.rec };
}
