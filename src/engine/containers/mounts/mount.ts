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

/**
 * A place that the image (VOLUME) or the user (`-v /data`) declared to be a volume without a name. This engine has no volumes yet: it is a
 * folder of the container, made where it is missing.
 */
export interface VolumeMount {
  readonly type: 'volume';
  readonly target: string;
  /** By the user, beside what the image declares. */
  readonly asked: boolean;
}

/** What is mounted in a container by the wish of its user or image: resolved once, when it is created. Targets are clean absolute paths. */
export type ContainerMount = BindMount | TmpfsMount | VolumeMount;

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
