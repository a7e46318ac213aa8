import { AppError } from '../../../base/errors.ts';
import type { HostConfig, MountPoint } from '../../../protocol/engine-api.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import { cleanPath } from './clean-path.ts';

type Mount = AgentRecordInput<'mount'>;
type LongMount = NonNullable<HostConfig['Mounts']>[number];

/** MS_* of mount(2). */
const mountFlag = {
  rdonly: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
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

/**
 * Every mount of a container but its root, in the order of oci/defaults.go; then tmpfs and binds by depth of their target.
 * @throws AppError invalid for a malformed one; not_implemented for a volume
 */
export function containerMounts(hostConfig: HostConfig): Mount[] {
  const readOnlyUnlessPrivileged = hostConfig.Privileged ? 0 : rdonly;
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
  return [...[...standard, ...sharedMemory(hostConfig)].filter(({ target }) => !replaced.has(target)), ...own];
}

/** daemon/container_operations_unix.go, setupIPCDirs: POSIX shared memory of the host, of the container's own, or none. */
function sharedMemory({ IpcMode: mode, ShmSize: size }: HostConfig): Mount[] {
  const target = '/dev/shm';
  if (mode === 'none') return [];
  if (mode === 'host') return [{ source: target, target, type: 'bind', flags: bind | rec, propagation: mountFlag.private | rec }];
  return [{ source: 'shm', target, type: 'tmpfs', flags: careful, data: `mode=1777,size=${size > 0 ? size : defaultShmSize}` }];
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
  const plain = Object.entries(hostConfig.Tmpfs ?? {}).map(([target, options]) => {
    const wrong = wrongTarget(target);
    if (wrong !== null) throw invalid(wrong);
    return { source: 'tmpfs', target: cleanPath(target), type: 'tmpfs', ...parseTmpfsOptions(options) };
  });
  return [...plain, ...(hostConfig.Mounts ?? []).filter(({ Type }) => Type === 'tmpfs').map(longTmpfs)];
}

function longTmpfs({ Source: source = '', Target: target, ReadOnly: readOnly, TmpfsOptions: options }: LongMount): Mount {
  const wrong = wrongTarget(target) ?? (source === '' ? null : 'field Source must not be specified');
  if (wrong !== null) throw invalid(`invalid mount config for type "tmpfs": ${wrong}`);
  const words = [
    ...(readOnly === true ? ['ro'] : []),
    ...(options?.Mode === undefined ? [] : [`mode=${options.Mode.toString(8)}`]),
    ...(options?.SizeBytes === undefined || options.SizeBytes === 0 ? [] : [`size=${options.SizeBytes}`]),
    ...(options?.Options ?? []).map((pair) => pair.join('=')),
  ];
  return { source: 'tmpfs', target: cleanPath(target), type: 'tmpfs', ...parseTmpfsOptions(words.join(',')) };
}

/** A folder or file of the guest in a container. */
interface Bind {
  readonly source: string;
  readonly target: string;
  readonly mode: string;
  readonly readOnly: boolean;
  readonly propagation: string;
  /** With the mounts below the source. */
  readonly recursive: boolean;
  /** The source is made where it is missing. */
  readonly creates: boolean;
}

const propagations: Readonly<Record<string, number>> = {
  private: mountFlag.private,
  rprivate: mountFlag.private | rec,
  slave: mountFlag.slave,
  rslave: mountFlag.slave | rec,
  shared: mountFlag.shared,
  rshared: mountFlag.shared | rec,
};

/** Bind mounts of `-v /source:/target[:options]` and `--mount type=bind`. */
function parseBinds({ Binds: short, Mounts: long, Tmpfs: tmpfs, VolumesFrom: from }: HostConfig): Bind[] {
  const [other] = from ?? [];
  if (other !== undefined) throw volumesMissing(`volumes from "${other}"`);
  const binds = [...(short ?? []).map(parseBind), ...(long ?? []).filter(({ Type }) => Type !== 'tmpfs').map(parseLongBind)];
  const taken = new Set(Object.keys(tmpfs ?? {}).map(cleanPath));
  for (const { target } of binds) {
    if (taken.has(target)) throw invalid(`Duplicate mount point: ${target}`);
    taken.add(target);
  }
  return binds;
}

const bindModes = ['ro', 'rw', 'z', 'Z', 'nocopy', 'delegated', 'cached', 'consistent'];

function isBindMode(mode: string): boolean {
  return mode.split(',').every((word) => bindModes.includes(word) || word in propagations);
}

/** volume/mounts/linux_parser.go, ParseMountRaw. */
function parseBind(text: string): Bind {
  const [source = '', target, mode = '', ...more] = text.split(':');
  const malformed = `invalid volume specification: '${text}'`;
  if (source === '' || more.length > 0 || (mode === '' && target !== undefined && isBindMode(target))) throw invalid(malformed);
  if (mode !== '' && !isBindMode(mode)) throw invalid(`invalid mode: ${mode}`);
  if (target === undefined || !source.startsWith('/')) throw volumesMissing(`volume "${source}"`);
  const wrong = wrongTarget(target);
  if (wrong !== null) throw invalid(`${malformed}: invalid mount config for type "bind": ${wrong}`);
  const words = mode.split(',');
  return {
    source: cleanPath(source),
    target: cleanPath(target),
    mode,
    readOnly: words.includes('ro'),
    propagation: words.find((word) => word in propagations) ?? 'rprivate',
    recursive: true,
    creates: true,
  };
}

/** volume/mounts/linux_parser.go, validateMountConfigImpl. */
function parseLongBind({ Type: type, Source: source = '', Target: target, ReadOnly: readOnly, BindOptions: options }: LongMount): Bind {
  if (type === 'volume') throw volumesMissing(source === '' ? 'an anonymous volume' : `volume "${source}"`);
  const propagation = options?.Propagation ?? 'rprivate';
  const wrong =
    wrongTarget(target) ??
    (type !== 'bind' ? 'mount type unknown' : null) ??
    (source === '' ? 'field Source must not be empty' : wrongPath(source)) ??
    (propagation in propagations ? null : `invalid propagation mode: ${propagation}`);
  if (wrong !== null) throw invalid(`invalid mount config for type "${type}": ${wrong}`);
  return {
    source: cleanPath(source),
    target: cleanPath(target),
    mode: '',
    readOnly: readOnly === true,
    propagation,
    recursive: options?.NonRecursive !== true,
    creates: options?.CreateMountpoint === true,
  };
}

/** What is wrong with a mount's place in the container, in Docker's words; null: nothing. */
function wrongTarget(target: string): string | null {
  if (target === '') return 'field Target must not be empty';
  if (cleanPath(target) === '/') return "invalid specification: destination can't be '/'";
  return wrongPath(target);
}

function wrongPath(path: string): string | null {
  return path.startsWith('/') ? null : `invalid mount path: '${path}' mount path must be absolute`;
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}

function volumesMissing(what: string): AppError {
  return new AppError('not_implemented', `${what}: this engine has no volumes yet, only bind mounts and tmpfs`);
}

function bindMounts(hostConfig: HostConfig): Mount[] {
  return parseBinds(hostConfig).map(({ source, target, readOnly, propagation, recursive }) => ({
    source,
    target,
    type: 'bind',
    flags: bind | (recursive ? rec : 0) | (readOnly ? rdonly : 0),
    propagation: propagations[propagation] ?? mountFlag.private | rec,
  }));
}

/** Folders of the guest that are mounted: those that `-v` makes when they are missing, and those that `--mount` wants to be there. */
export function bindSources(hostConfig: HostConfig): { readonly made: readonly string[]; readonly wanted: readonly string[] } {
  const binds = parseBinds(hostConfig);
  const sources = (creates: boolean): string[] => binds.filter((each) => each.creates === creates).map(({ source }) => source);
  return { made: sources(true), wanted: sources(false) };
}

/** Places that something is mounted on by the user's wish. */
export function mountTargets(hostConfig: HostConfig): string[] {
  return [...tmpfsMounts(hostConfig), ...bindMounts(hostConfig)].map(({ target = '' }) => target);
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
      Destination: cleanPath(target),
      Mode: '',
      RW: readOnly !== true,
      Propagation: '',
    }));
  return [...binds, ...tmpfs];
}
