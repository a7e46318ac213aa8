import { mountpointOf } from '../../volumes/volume.ts';

/** Where else a mount or unmount below a bind is seen; mount_namespaces(7). */
export type Propagation = 'private' | 'rprivate' | 'slave' | 'rslave' | 'shared' | 'rshared';

/** A folder or file of the guest in a container. */
export interface BindMount {
  readonly type: 'bind';
  readonly source: string;
  readonly target: string;
  /** Of `-v`, as it was typed: inspect's Mode. */
  readonly mode: string;
  readonly readOnly: boolean;
  readonly propagation: Propagation;
  /** With the mounts below the source. */
  readonly recursive: boolean;
  /** The source is made where it is missing. */
  readonly creates: boolean;
}

export interface TmpfsMount {
  readonly type: 'tmpfs';
  readonly target: string;
  /** Words of mount(8), parted by commas; read when the container starts, as in Docker. */
  readonly options: string;
  readonly readOnly: boolean;
  /** inspect lists those of `--mount`, not those of `--tmpfs`. */
  readonly listed: boolean;
}

/** A volume in a container. */
export interface VolumeMount {
  readonly type: 'volume';
  readonly name: string;
  readonly target: string;
  /** Of `-v`, as it was typed; "z" where there was none, as in Docker. */
  readonly mode: string;
  readonly readOnly: boolean;
  /** Nobody gave it a name: it goes with its container where that is asked for. */
  readonly anonymous: boolean;
}

/** A volume that a container is to have: `name` is '' where it is to be made up. */
export interface VolumeRequest extends VolumeMount {
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly options: Readonly<Record<string, string>> | null;
  /** Filled from the image, if it is empty. */
  readonly copies: boolean;
}

/** What is mounted in a container by the wish of its user or image: resolved once, when it is created. Targets are clean absolute paths. */
export type ContainerMount = BindMount | TmpfsMount | VolumeMount;

/** The same before its volumes have names. */
export type RequestedMount = BindMount | TmpfsMount | VolumeRequest;

export function isBind(mount: ContainerMount): mount is BindMount {
  return mount.type === 'bind';
}

export function isTmpfs(mount: ContainerMount): mount is TmpfsMount {
  return mount.type === 'tmpfs';
}

export function isVolume(mount: ContainerMount): mount is VolumeMount {
  return mount.type === 'volume';
}

/** The mount that a path lies in: the deepest of those whose target is the path or above it. */
export function mountOver<M extends ContainerMount>(mounts: readonly M[], path: string): M | undefined {
  return mounts
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .sort((one, other) => other.target.length - one.target.length)[0];
}

/** The guest's folder or file that a bind or volume shows. */
export function sourceOf(mount: BindMount | VolumeMount): string {
  return isBind(mount) ? mount.source : mountpointOf(mount.name);
}
