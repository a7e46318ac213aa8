import type { EventLog } from '../../protocol/log.ts';
import type { Clock } from '../clock.ts';
import { layerPath } from '../images/layer-store.ts';
import type { ImageStore } from '../images/store.ts';
import type { NetworksContext } from '../networks/lease.ts';
import type { VolumeStore } from '../volumes/store.ts';
import type { PortPublisher } from '../ports/published-port.ts';
import type { PortTable } from '../ports/table.ts';
import type { NameService } from '../networks/names/name-service.ts';
import type { Random } from '../random.ts';
import type { Runtime } from '../runtime.ts';
import type { Changes } from '../lock.ts';
import { Turns } from '../turns.ts';
import type { Container } from './container.ts';
import type { Views } from './files/views.ts';
import type { ImageMount } from './mounts/mount.ts';
import type { NextContainer } from './next-container.ts';
import { cleanFromRoot } from '../../grammar/clean-path.ts';
import type { ContainerStore } from './store.ts';

/** Where things are in the guest, and what the guest has. */
export interface HostSettings {
  /** Home of upper directories; an ext4. */
  readonly dataRoot: string;
  /** The machine's tree of image layers. */
  readonly layerRoot: string;
  /** The layer between an image and a container that the agent has made (Docker's "ID-init"): places of what is mounted over each. */
  readonly initLayer: string;
  /** Its host name. */
  readonly name: string;
  readonly cpus: number;
  /** Whether its kernel has the cpuset controller. */
  readonly cpuset: boolean;
  /** Clients are on another machine, whose paths they may mean. */
  readonly clientsOutside: boolean;
  /** For the containers' resolv.conf, when `--dns` gives none. */
  readonly nameservers: readonly string[];
}

/** Who may begin a process in the guest, or end one: its one CPU does many at once no faster, but each of them later. */
export interface StartTurns {
  readonly containers: Turns;
  readonly execs: Turns;
  /** By SIGKILL, until the process has ended. */
  readonly kills: Turns;
}

export const startTurns = (): StartTurns => ({ containers: new Turns(8), execs: new Turns(8), kills: new Turns(8) });

/** All that the verbs on containers work on; each says by `Needs` what it does. */
export interface ContainersContext {
  readonly store: ContainerStore;
  readonly runtime: Runtime;
  readonly images: ImageStore;
  readonly networks: NetworksContext;
  readonly volumes: VolumeStore;
  readonly ports: { readonly table: PortTable; readonly publisher: PortPublisher };
  readonly names: NameService;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly next: NextContainer;
  readonly changes: Changes;
  readonly turns: StartTurns;
  readonly views: Views;
  readonly host: HostSettings;
}

export type Needs<K extends keyof ContainersContext> = Pick<ContainersContext, K>;

/** daemon/events.go: labels, image and name of the container, then what belongs to the action. */
export function logContainerEvent(
  { events }: Needs<'events'>,
  container: Container,
  action: string,
  attributes: Readonly<Record<string, string>> = {},
  facts: Readonly<Record<string, unknown>> = {},
): void {
  const { config, hostConfig, id, name } = container;
  const image = config.Image === '' ? {} : { image: config.Image };
  events.append({
    kind: 'event',
    type: 'container',
    action,
    actor: { id, attributes: { ...config.Labels, ...image, name, ...attributes } },
    facts: { autoRemove: hostConfig.AutoRemove, tty: config.Tty, openStdin: config.OpenStdin, ...facts },
  });
}

export function overlayDirectories(
  { dataRoot }: HostSettings,
  id: string,
): { readonly upper: string; readonly work: string; readonly merged: string } {
  const home = `${dataRoot}/overlay2/${id}`;
  return { upper: `${home}/diff`, work: `${home}/work`, merged: `${home}/merged` };
}

/** What an image that is mounted has of its own. */
export function imageFolder({ dataRoot }: HostSettings, { id }: Pick<ImageMount, 'id'>): string {
  return `${dataRoot}/overlay2/${id}`;
}

/** Topmost first, as overlay wants them. */
export function lowerDirectories({ layerRoot, initLayer }: HostSettings, { identity }: Pick<Container, 'identity'>): string[] {
  return [initLayer, ...identity.layers.map((directory) => layerPath(layerRoot, directory))];
}

/** Below /sys/fs/cgroup; `--cgroup-parent` as with Docker's cgroupfs driver: from the root, whatever stands in front, and the root itself too. */
export function cgroupOf({ id, hostConfig }: Pick<Container, 'id' | 'hostConfig'>): string {
  const parent = hostConfig.CgroupParent === '' ? '/docker' : cleanFromRoot(`/${hostConfig.CgroupParent}`);
  return `${parent === '/' ? '' : parent}/${id}`.slice(1);
}
