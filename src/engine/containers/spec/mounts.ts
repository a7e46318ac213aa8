import type { AgentRecordInput } from '../../../protocol/agent.ts';
import { careful, mountFlag, parseTmpfsOptions, propagationFlags } from '../mounts/mount-flags.ts';
import { overlayDirectories, type HostSettings } from '../context.ts';
import {
  isBind,
  isImage,
  isTmpfs,
  isVolume,
  type BindMount,
  type ContainerMount,
  type ImageMount,
  type TmpfsMount,
  type VolumeMount,
} from '../mounts/mount.ts';
import { mountpointOf } from '../../volumes/volume.ts';
import type { SharedMemory } from './shared-memory.ts';

type Mount = AgentRecordInput<'mount'>;

const { rdonly, nosuid, noexec, bind, rec, strictatime } = mountFlag;

export interface MountRights {
  readonly privileged: boolean;
  /** /sys/fs/cgroup may be written. */
  readonly writableCgroups: boolean;
  readonly host: HostSettings;
}

/**
 * Every mount of a container but its root, in the order of oci/defaults.go; then tmpfs, volumes, images and binds by depth of their target.
 * @throws AppError internal for an option that tmpfs does not have
 */
export function containerMounts(
  mounts: readonly ContainerMount[],
  memory: SharedMemory,
  { privileged, writableCgroups, host }: MountRights,
): Mount[] {
  const standard: Mount[] = [
    { source: 'proc', target: '/proc', type: 'proc', flags: careful },
    { source: 'tmpfs', target: '/dev', type: 'tmpfs', flags: nosuid | strictatime, data: 'mode=755,size=65536k' },
    { source: 'devpts', target: '/dev/pts', type: 'devpts', flags: nosuid | noexec, data: 'newinstance,ptmxmode=0666,mode=0620,gid=5' },
    { source: 'sysfs', target: '/sys', type: 'sysfs', flags: careful | (privileged ? 0 : rdonly) },
    { source: 'cgroup', target: '/sys/fs/cgroup', type: 'cgroup2', flags: careful | (writableCgroups ? 0 : rdonly) },
    { source: 'mqueue', target: '/dev/mqueue', type: 'mqueue', flags: careful },
  ];
  const own = [
    ...mounts.filter(isTmpfs).map(tmpfsMount),
    ...mounts.filter(isVolume).map(volumeMount),
    ...mounts.filter(isImage).map((mount) => imageMount(host, mount)),
    ...mounts.filter(isBind).map(bindMount),
  ].sort((a, b) => depth(a) - depth(b));
  const replaced = new Set(own.map(({ target }) => target));
  return [...[...standard, ...memory.mounts].filter(({ target }) => !replaced.has(target)), ...own];
}

/** Those of a container that does not run, as far as they are there: volumes and binds, by depth of their target. */
export function heldMounts(mounts: readonly ContainerMount[]): Mount[] {
  const held = [...mounts.filter(isVolume).map(volumeMount), ...mounts.filter(isBind).map(bindMount)];
  return held.map((mount) => ({ ...mount, checkPropagation: 0 })).sort((a, b) => depth(a) - depth(b));
}

function tmpfsMount({ target, options }: TmpfsMount): Mount {
  return { source: 'tmpfs', target, type: 'tmpfs', ...parseTmpfsOptions(options) };
}

function bindMount({ source, target, readOnly, propagation, recursive, readOnlyBelow }: BindMount): Mount {
  const flags = bind | (recursive ? rec : 0) | (readOnly ? rdonly : 0);
  const below = { recursiveReadOnly: readOnlyBelow ? 1 : 0, checkPropagation: 1 };
  return { source, target, type: 'bind', flags, propagation: propagationFlags[propagation], ...below };
}

function volumeMount({ name, target, readOnly, subpath }: VolumeMount): Mount {
  const flags = bind | rec | (readOnly ? rdonly : 0);
  return { source: mountpointOf(name), target, type: 'bind', flags, subpath, recursiveReadOnly: 1 };
}

function imageMount(host: HostSettings, { id, target, subpath, writable = false }: ImageMount): Mount {
  const { merged } = overlayDirectories(host, id);
  const flags = bind | rec | (writable ? 0 : rdonly);
  return { source: merged, target, type: 'bind', flags, propagation: propagationFlags.rprivate, subpath };
}

function depth({ target = '' }: Mount): number {
  return target.split('/').length;
}
