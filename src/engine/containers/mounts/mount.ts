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
  /** Those are read-only where it is. */
  readonly readOnlyBelow: boolean;
  /** That they are was asked for and ruled out at once: the container cannot start. */
  readonly contradictory: boolean;
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
  /** What of it is shown, without `.` and `..`; '' = all. */
  readonly subpath: string;
}

/** Files of an image, with a layer of their own, which nobody writes to but a step of a build. */
export interface ImageMount {
  readonly type: 'image';
  /** As it was typed. */
  readonly name: string;
  readonly imageId: string;
  readonly target: string;
  /** What of it is shown, without `.` and `..`; '' = all. */
  readonly subpath: string;
  /** Directories of its layers, topmost first. */
  readonly layers: readonly string[];
  /** Of its own layer, as of a container's. */
  readonly id: string;
  /** What is written to it goes with it. */
  readonly writable?: boolean;
}

/** The same before the image is looked up. */
export type ImageRequest = Omit<ImageMount, 'imageId' | 'layers' | 'id' | 'writable'>;

/** A volume that a container is to have: `name` is '' where it is to be made up. */
export interface VolumeRequest extends VolumeMount {
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly options: Readonly<Record<string, string>> | null;
  /** Filled from the image, if it is empty. */
  readonly copies: boolean;
}

/** What is mounted in a container by the wish of its user or image: resolved once, when it is created. Targets are clean absolute paths. */
export type ContainerMount = BindMount | TmpfsMount | VolumeMount | ImageMount;

/** The same before its volumes have names and its images are found. */
export type RequestedMount = BindMount | TmpfsMount | VolumeRequest | ImageRequest;

export function isBind(mount: ContainerMount | RequestedMount): mount is BindMount {
  return mount.type === 'bind';
}

export function isTmpfs(mount: ContainerMount | RequestedMount): mount is TmpfsMount {
  return mount.type === 'tmpfs';
}

export function isVolume(mount: ContainerMount): mount is VolumeMount {
  return mount.type === 'volume';
}

export function isImage(mount: ContainerMount): mount is ImageMount {
  return mount.type === 'image';
}

/** Whether nobody in the container can write to it. */
export function isReadOnly(mount: ContainerMount): boolean {
  return isImage(mount) ? mount.writable !== true : mount.readOnly;
}

/** The mount that a path lies in: the deepest of those whose target is the path or above it. */
export function mountOver<M extends ContainerMount>(mounts: readonly M[], path: string): M | undefined {
  return mounts
    .filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .sort((one, other) => other.target.length - one.target.length)[0];
}

/** The guest's folder or file that a bind or volume is of, and what of it is shown. */
export function sourceOf(mount: BindMount | VolumeMount): { readonly source: string; readonly subpath: string } {
  return isBind(mount) ? { source: mount.source, subpath: '' } : { source: mountpointOf(mount.name), subpath: mount.subpath };
}
