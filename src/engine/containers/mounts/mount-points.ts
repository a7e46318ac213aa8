import type { MountPoint } from '../../../protocol/engine-api.ts';
import { mountpointOf } from '../../volumes/volume.ts';
import { overlayDirectories, type HostSettings } from '../context.ts';
import type { ContainerMount } from './mount.ts';

/** Mounts of inspect and ps. */
export function mountPoints(host: HostSettings, mounts: readonly ContainerMount[]): MountPoint[] {
  return mounts.flatMap((mount) => {
    if (mount.type === 'bind')
      return [
        {
          Type: 'bind',
          Source: mount.source,
          Destination: mount.target,
          Mode: mount.mode,
          RW: !mount.readOnly,
          Propagation: mount.propagation,
        },
      ];
    if (mount.type === 'volume')
      return [
        {
          Type: 'volume',
          Name: mount.name,
          Source: mountpointOf(mount.name),
          Destination: mount.target,
          Driver: 'local',
          Mode: mount.mode,
          RW: !mount.readOnly,
          Propagation: '',
        },
      ];
    if (mount.type === 'image')
      return [
        {
          Type: 'image',
          Name: mount.name,
          Source: overlayDirectories(host, mount.id).merged,
          Destination: mount.target,
          Mode: '',
          RW: false,
          Propagation: 'rprivate',
        },
      ];
    if (!mount.listed) return [];
    return [{ Type: 'tmpfs', Source: '', Destination: mount.target, Mode: '', RW: !mount.readOnly, Propagation: '' }];
  });
}
