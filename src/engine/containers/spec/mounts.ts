import { AppError } from '../../../base/errors.ts';
import type { HostConfig, MountPoint } from '../../../protocol/engine-api.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';

type Mount = AgentRecordInput<'mount'>;

/** MS_* of mount(2). */
export const mountFlag = {
  rdonly: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  remount: 32,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  rec: 16_384,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  relatime: 1 << 21,
  strictatime: 1 << 24,
} as const;
const { rdonly, nosuid, nodev, noexec, bind, rec, strictatime } = mountFlag;
const careful = nosuid | noexec | nodev;

/** daemon/oci_linux.go: ShmSize when none is asked for. */
const defaultShmSize = 64 * 1024 * 1024;

export interface MountWishes {
  readonly hostConfig: HostConfig;
  readonly ownIpc: boolean;
}

/** Every mount of a container but its root, in the order of oci/defaults.go; then tmpfs and binds by depth of their target. */
export function containerMounts({ hostConfig, ownIpc }: MountWishes): Mount[] {
  const readOnlyUnlessPrivileged = hostConfig.Privileged ? 0 : rdonly;
  const shmSize = hostConfig.ShmSize > 0 ? hostConfig.ShmSize : defaultShmSize;
  const shm: Mount = { source: 'shm', target: '/dev/shm', type: 'tmpfs', flags: careful, data: `mode=1777,size=${shmSize}` };
  const standard: Mount[] = [
    { source: 'proc', target: '/proc', type: 'proc', flags: careful },
    { source: 'tmpfs', target: '/dev', type: 'tmpfs', flags: nosuid | strictatime, data: 'mode=755,size=65536k' },
    { source: 'devpts', target: '/dev/pts', type: 'devpts', flags: nosuid | noexec, data: 'newinstance,ptmxmode=0666,mode=0620,gid=5' },
    { source: 'sysfs', target: '/sys', type: 'sysfs', flags: careful | readOnlyUnlessPrivileged },
    { source: 'cgroup', target: '/sys/fs/cgroup', type: 'cgroup2', flags: careful | readOnlyUnlessPrivileged },
    { source: 'mqueue', target: '/dev/mqueue', type: 'mqueue', flags: careful },
  ];
  const own = [...tmpfsMounts(hostConfig), ...bindMounts(hostConfig)].sort((a, b) => depth(a) - depth(b));
  const replaced = new Set(own.map(({ target }) => target));
  return [...[...standard, ...(ownIpc ? [shm] : [])].filter(({ target }) => !replaced.has(target)), ...own];
}

function depth({ target = '' }: Mount): number {
  return target.split('/').length;
}

const tmpfsFlags: Readonly<Record<string, readonly [number, number]>> = {
  ro: [rdonly, 0],
  rw: [0, rdonly],
  nosuid: [nosuid, 0],
  suid: [0, nosuid],
  nodev: [nodev, 0],
  dev: [0, nodev],
  noexec: [noexec, 0],
  exec: [0, noexec],
  noatime: [mountFlag.noatime, 0],
  atime: [0, mountFlag.noatime],
  nodiratime: [mountFlag.nodiratime, 0],
  diratime: [0, mountFlag.nodiratime],
  relatime: [mountFlag.relatime, 0],
  norelatime: [0, mountFlag.relatime],
  strictatime: [strictatime, 0],
  nostrictatime: [0, strictatime],
  sync: [mountFlag.sync, 0],
  async: [0, mountFlag.sync],
  defaults: [0, 0],
};
const tmpfsData = new Set(['mode', 'uid', 'gid', 'size', 'nr_inodes', 'nr_blocks', 'mpol', 'huge']);

/** pkg/mount MergeTmpfsOptions: noexec,nosuid,nodev unless undone. @throws AppError invalid 'Invalid tmpfs option ["foo"]' */
export function parseTmpfsOptions(text: string): { readonly flags: number; readonly data: string } {
  let flags: number = careful;
  const data: string[] = [];
  for (const option of text.split(',').filter((word) => word !== '')) {
    const known = tmpfsFlags[option];
    if (known !== undefined) flags = (flags & ~known[1]) | known[0];
    else if (tmpfsData.has(option.split('=')[0] ?? '')) data.push(option);
    else throw new AppError('invalid', `Invalid tmpfs option ["${option}"]`);
  }
  return { flags, data: data.join(',') };
}

function tmpfsMounts(hostConfig: HostConfig): Mount[] {
  const plain = Object.entries(hostConfig.Tmpfs ?? {}).map(([target, options]) => ({
    source: 'tmpfs',
    target,
    type: 'tmpfs',
    ...parseTmpfsOptions(options),
  }));
  const typed = (hostConfig.Mounts ?? [])
    .filter(({ Type }) => Type === 'tmpfs')
    .map(({ Target: target, ReadOnly: readOnly, TmpfsOptions: options }) => {
      const words = [
        ...(readOnly === true ? ['ro'] : []),
        ...(options?.Mode === undefined ? [] : [`mode=${options.Mode.toString(8)}`]),
        ...(options?.SizeBytes === undefined || options.SizeBytes === 0 ? [] : [`size=${options.SizeBytes}`]),
        ...(options?.Options ?? []).map((pair) => pair.join('=')),
      ];
      return { source: 'tmpfs', target, type: 'tmpfs', ...parseTmpfsOptions(words.join(',')) };
    });
  return [...plain, ...typed];
}

/** A folder or file of the guest in a container. */
interface Bind {
  readonly source: string;
  readonly target: string;
  readonly mode: string;
  readonly readOnly: boolean;
  readonly propagation: string;
}

const propagations: Readonly<Record<string, number>> = {
  private: mountFlag.private,
  rprivate: mountFlag.private | rec,
  slave: mountFlag.slave,
  rslave: mountFlag.slave | rec,
  shared: mountFlag.shared,
  rshared: mountFlag.shared | rec,
};

/**
 * Bind mounts of `-v /source:/target[:options]` and `--mount type=bind`.
 * @throws AppError invalid for a malformed one; not_implemented for a named or anonymous volume
 */
export function parseBinds(hostConfig: HostConfig): Bind[] {
  const short = (hostConfig.Binds ?? []).map(parseBind);
  const long = (hostConfig.Mounts ?? [])
    .filter(({ Type }) => Type !== 'tmpfs')
    .map((mount) => {
      if (mount.Type !== 'bind') throw volumesMissing(`mount type "${mount.Type}"`);
      return {
        source: mount.Source ?? '',
        target: mount.Target,
        mode: '',
        readOnly: mount.ReadOnly === true,
        propagation: mount.BindOptions?.Propagation ?? 'rprivate',
      };
    });
  const binds = [...short, ...long];
  for (const { target } of binds) {
    if (!target.startsWith('/')) throw new AppError('invalid', `invalid volume specification: mount path must be absolute: '${target}'`);
    if (target === '/') throw new AppError('invalid', "invalid volume specification: destination can't be '/'");
  }
  const twice = binds.find(({ target }, index) => binds.some((other, at) => at < index && other.target === target));
  if (twice !== undefined) throw new AppError('invalid', `Duplicate mount point: ${twice.target}`);
  return binds;
}

/** volume/mounts/linux_parser.go, ParseMountRaw. */
function parseBind(text: string): Bind {
  const malformed = new AppError('invalid', `invalid volume specification: '${text}'`);
  const parts = text.split(':');
  if (parts.length > 3 || parts.some((part) => part === '')) throw malformed;
  const [source = '', target, mode = ''] = parts;
  if (target === undefined || !source.startsWith('/')) throw volumesMissing(`volume "${source}"`);
  const words = mode === '' ? [] : mode.split(',');
  const propagation = words.find((word) => word in propagations) ?? 'rprivate';
  if (
    words.some((word) => !['ro', 'rw', 'z', 'Z', 'nocopy', 'delegated', 'cached', 'consistent'].includes(word) && !(word in propagations))
  ) {
    throw new AppError('invalid', `invalid mode: ${mode}`);
  }
  return { source, target, mode, readOnly: words.includes('ro'), propagation };
}

function volumesMissing(what: string): AppError {
  return new AppError('not_implemented', `${what}: this engine has no volumes yet, only bind mounts and tmpfs`);
}

function bindMounts(hostConfig: HostConfig): Mount[] {
  return parseBinds(hostConfig).map(({ source, target, readOnly, propagation }) => ({
    source,
    target,
    type: 'bind',
    flags: bind | rec | (readOnly ? rdonly : 0),
    propagation: propagations[propagation] ?? mountFlag.private | rec,
  }));
}

/** Folders that `-v` makes in the guest when they are missing; `--mount` does not. */
export function bindSourcesToMake(hostConfig: HostConfig): string[] {
  return (hostConfig.Binds ?? []).map((bindText) => parseBind(bindText).source);
}

/** Mounts of inspect and ps. */
export function mountPoints(hostConfig: HostConfig): MountPoint[] {
  const binds = parseBinds(hostConfig).map(({ source, target, mode, readOnly, propagation }) => ({
    Type: 'bind',
    Source: source,
    Destination: target,
    Mode: mode,
    RW: !readOnly,
    Propagation: propagation,
  }));
  const tmpfs = (hostConfig.Mounts ?? [])
    .filter(({ Type }) => Type === 'tmpfs')
    .map(({ Target: target, ReadOnly: readOnly }) => ({
      Type: 'tmpfs',
      Source: '',
      Destination: target,
      Mode: '',
      RW: readOnly !== true,
      Propagation: '',
    }));
  return [...binds, ...tmpfs];
}
