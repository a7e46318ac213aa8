import type { Volume } from '../../protocol/engine-api.ts';
import type { EventLog } from '../../protocol/log.ts';

export type Labels = Readonly<Record<string, string>>;

/** A volume of the driver `local`, the only one. */
export interface VolumeRecord {
  readonly name: string;
  /** RFC 3339, seconds. */
  readonly created: string;
  readonly labels: Labels | null;
  /** Of the driver: type, device and o of mount(8). */
  readonly options: Labels | null;
}

/** What Docker puts on a volume that nobody gave a name. */
export const anonymousLabel = 'com.docker.volume.anonymous';

/** The folder that is a volume's in the guest. */
export function volumeFolder(name: string): string {
  return `/var/lib/docker/volumes/${name}`;
}

/** Where its files are. */
export function mountpointOf(name: string): string {
  return `${volumeFolder(name)}/_data`;
}

export function describeVolume({ name, created, labels, options }: VolumeRecord): Volume {
  return {
    CreatedAt: created,
    Driver: 'local',
    Labels: labels,
    Mountpoint: mountpointOf(name),
    Name: name,
    Options: options,
    Scope: 'local',
  };
}

/** daemon/events.go, LogVolumeEvent. */
export function logVolumeEvent(events: EventLog, name: string, action: string, attributes: Labels = {}): void {
  events.append({ kind: 'event', type: 'volume', action, actor: { id: name, attributes: { driver: 'local', ...attributes } }, facts: {} });
}
