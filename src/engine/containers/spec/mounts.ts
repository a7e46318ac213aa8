import { AppError } from '../../../base/errors.ts';
import { ownValue } from '../../../base/record.ts';
import type { HostConfig, MountPoint } from '../../../protocol/engine-api.ts';
import type { AgentRecordInput } from '../../../protocol/agent.ts';
import { cleanPath } from './clean-path.ts';
import { parseSecurityOptions } from './security.ts';

type Mount = AgentRecordInput<'mount'>;
type LongMount = NonNullable<HostConfig['Mounts']>[number];

/** MS_* of mount(2). */
const mountFlag = {
  rdonly: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  dirsync: 128,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  rec: 16_384,
  unbindable: 1 << 17,
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
export function containerMounts(hostConfig: HostConfig, shm: SharedMemory = ownMemory(hostConfig)): Mount[] {
  const readOnlyUnlessPrivileged = hostConfig.Privileged ? 0 : rdonly;
  const standard: Mount[] = [
    { source: 'proc', target: '/proc', type: 'proc', flags: careful },
    { source: 'tmpfs', target: '/dev', type: 'tmpfs', flags: nosuid | strictatime, data: 'mode=755,size=65536k' },
    { source: 'devpts', target: '/dev/pts', type: 'devpts', flags: nosuid | noexec, data: 'newinstance,ptmxmode=0666,mode=0620,gid=5' },
    { source: 'sysfs', target: '/sys', type: 'sysfs', flags: careful | readOnlyUnlessPrivileged },
    { source: 'cgroup', target: '/sys/fs/cgroup', type: 'cgroup2', flags: careful | (writableCgroups(hostConfig) ? 0 : rdonly) },
    { source: 'mqueue', target: '/dev/mqueue', type: 'mqueue', flags: careful },
  ];
  const own = [...tmpfsMounts(hostConfig), ...bindMounts(hostConfig)].sort((a, b) => depth(a) - depth(b));
  const replaced = new Set(own.map(({ target }) => target));
  return [...[...standard, ...shm.mounts].filter(({ target }) => !replaced.has(target)), ...own];
}

/** POSIX shared memory of a container. */
export interface SharedMemory {
  readonly mounts: readonly Mount[];
  /** Options of the tmpfs that the guest keeps for this container and those that share it; '' where there is none. */
  readonly kept: string;
}

const shmTarget = '/dev/shm';

/** daemon/container_operations_unix.go, setupIPCDirs: of the host, of the container's own, or none. */
function ownMemory({ IpcMode: mode, ShmSize: size }: HostConfig): SharedMemory {
  if (mode === 'none') return { mounts: [], kept: '' };
  if (mode === 'host') return { mounts: [boundMemory(shmTarget)], kept: '' };
  const data = `mode=1777,size=${size > 0 ? size : defaultShmSize}`;
  return { mounts: [{ source: 'shm', target: shmTarget, type: 'tmpfs', flags: careful, data }], kept: '' };
}

/** That of another container, or its own for others to share. @param id the container's whose memory it is */
export function sharedMemory(hostConfig: HostConfig, owner: { readonly id: string; readonly hostConfig: HostConfig }): SharedMemory {
  if (owner.hostConfig.IpcMode !== 'shareable') return ownMemory(owner.hostConfig);
  const kept = hostConfig === owner.hostConfig ? (ownMemory(hostConfig).mounts[0]?.data ?? '') : '';
  return { mounts: [boundMemory(`/run/drydock/containers/${owner.id}/shm`)], kept };
}

function boundMemory(source: string): Mount {
  return { source, target: shmTarget, type: 'bind', flags: bind | rec, propagation: mountFlag.private | rec };
}

/** `--security-opt writable-cgroups`, else as privileged as the container is (daemon/oci_linux.go). */
function writableCgroups({ SecurityOpt: options, Privileged: privileged }: HostConfig): boolean {
  return parseSecurityOptions(options ?? [], privileged).writableCgroups ?? privileged;
}

function depth({ target = '' }: Mount): number {
  return target.split('/').length;
}

const propagations: Readonly<Record<string, number>> = {
  private: mountFlag.private,
  rprivate: mountFlag.private | rec,
  slave: mountFlag.slave,
  rslave: mountFlag.slave | rec,
  shared: mountFlag.shared,
  rshared: mountFlag.shared | rec,
};

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
  dirsync: [mountFlag.dirsync, 0],
  defaults: [0, 0],
};
const tmpfsData = new Set(['mode', 'uid', 'gid', 'size', 'nr_inodes', 'nr_blocks', 'mpol', 'huge']);

/** pkg/mount MergeTmpfsOptions: noexec,nosuid,nodev unless undone. @throws AppError internal 'invalid tmpfs option "foo"' */
export function parseTmpfsOptions(text: string): { readonly flags: number; readonly data: string; readonly propagation: number } {
  let flags: number = careful;
  let propagation = 0;
  const data: string[] = [];
  for (const option of text.split(',').filter((word) => word !== '')) {
    const known = ownValue(tmpfsFlags, option);
    if (known !== undefined) flags = (flags & ~known[1]) | known[0];
    else if (Object.hasOwn(propagations, option)) propagation = propagations[option] ?? 0;
    else if (tmpfsData.has(option.split('=')[0] ?? '')) data.push(option);
    else throw new AppError('internal', `invalid tmpfs option "${option}"`);
  }
  return { flags, data: data.join(','), propagation };
}

/** What can be told of mounts before there is a container; options of `--tmpfs` are read at its start, as in Docker. @throws AppError */
export function checkMounts(hostConfig: HostConfig): void {
  for (const target of Object.keys(hostConfig.Tmpfs ?? {})) {
    const wrong = target === '' ? wrongPath(target) : wrongTarget(target);
    if (wrong !== null) throw invalid(wrong);
  }
  for (const mount of hostConfig.Mounts ?? []) refuseOtherOptions(mount);
  longTmpfsMounts(hostConfig);
  parseBinds(hostConfig);
}

function longTmpfsMounts({ Mounts: mounts }: HostConfig): Mount[] {
  return (mounts ?? []).filter(({ Type }) => Type === 'tmpfs').map(longTmpfs);
}

function tmpfsMounts(hostConfig: HostConfig): Mount[] {
  const plain = Object.entries(hostConfig.Tmpfs ?? {}).map(([target, options]) => ({
    source: 'tmpfs',
    target: cleanPath(target),
    type: 'tmpfs',
    ...parseTmpfsOptions(options),
  }));
  return [...plain, ...longTmpfsMounts(hostConfig)];
}

/** api/types/mount: each type has options of its own. */
const optionsOf = { bind: 'BindOptions', volume: 'VolumeOptions', image: 'ImageOptions', tmpfs: 'TmpfsOptions' } as const;

function refuseOtherOptions(mount: LongMount): void {
  for (const [type, name] of Object.entries(optionsOf)) {
    if (type !== mount.Type && mount[name] !== undefined && Object.hasOwn(optionsOf, mount.Type))
      throw invalid(`${name} must not be specified on mount type "${mount.Type}"`);
  }
}

/** volume/mounts/validate.go. */
function wrongTmpfsOption(pairs: readonly (readonly string[])[]): string | null {
  for (const pair of pairs) {
    if (pair.length === 0 || pair.length > 2) return 'invalid option array length';
    const [name = ''] = pair;
    if (!(pair.length === 1 ? Object.hasOwn(tmpfsFlags, name) : tmpfsData.has(name))) return `invalid option: ${name}`;
  }
  return null;
}

function longTmpfs({ Source: source = '', Target: target, ReadOnly: readOnly, TmpfsOptions: options }: LongMount): Mount {
  const wrong =
    wrongTarget(target) ?? (source === '' ? null : 'field Source must not be specified') ?? wrongTmpfsOption(options?.Options ?? []);
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

/** Bind mounts of `-v /source:/target[:options]` and `--mount type=bind`. */
function parseBinds({ Binds: short, Mounts: long, Tmpfs: tmpfs, VolumesFrom: from }: HostConfig): Bind[] {
  const [other] = from ?? [];
  if (other !== undefined) throw volumesMissing(`volumes from "${other}"`);
  const shortBinds = (short ?? []).map(parseBind);
  const longBinds = (long ?? []).filter(({ Type }) => Type !== 'tmpfs').map(parseLongBind);
  refuseDuplicates(shortBinds, long ?? [], tmpfs ?? {});
  return [...shortBinds, ...longBinds];
}

/** daemon/volumes_unix.go, registerMountPoints: `-v` against itself and `--tmpfs` as it was typed, `--mount` against itself and `-v`. */
function refuseDuplicates(short: readonly Bind[], long: readonly LongMount[], tmpfs: Readonly<Record<string, string>>): void {
  const taken = new Set<string>();
  const take = (target: string, tmpfsToo: boolean): void => {
    if (taken.has(target) || (tmpfsToo && Object.hasOwn(tmpfs, target))) throw invalid(`Duplicate mount point: ${target}`);
    taken.add(target);
  };
  for (const { target } of short) take(target, true);
  for (const { Target: target } of long) take(cleanPath(target), false);
}

/** What each word of a mode is about: there may be one of a kind (volume/mounts/linux_parser.go, linuxValidMountMode). */
const bindModes: Readonly<Record<string, string>> = {
  ro: 'access',
  rw: 'access',
  z: 'label',
  Z: 'label',
  nocopy: 'copy',
  delegated: 'consistency',
  cached: 'consistency',
  consistent: 'consistency',
};

function isBindMode(mode: string): boolean {
  const kinds = mode.split(',').map((word) => (Object.hasOwn(propagations, word) ? 'propagation' : (ownValue(bindModes, word) ?? '')));
  return !kinds.includes('') && new Set(kinds).size === kinds.length;
}

/** volume/mounts/linux_parser.go, ParseMountRaw. */
function parseBind(text: string): Bind {
  const [source = '', target, mode = '', ...more] = text.split(':');
  const malformed = `invalid volume specification: '${text}'`;
  if (source === '' || more.length > 0 || (mode === '' && target !== undefined && isBindMode(target))) throw unclassed(malformed);
  if (mode !== '' && !isBindMode(mode)) throw unclassed(`invalid mode: ${mode}`);
  if (target === undefined || !source.startsWith('/')) throw volumesMissing(`volume "${source}"`);
  const words = mode.split(',');
  const wrong = wrongTarget(target) ?? (words.includes('nocopy') ? 'field VolumeOptions must not be specified' : null);
  if (wrong !== null) throw unclassed(`${malformed}: invalid mount config for type "bind": ${wrong}`);
  return {
    source: cleanPath(source),
    target: cleanPath(target),
    mode,
    readOnly: words.includes('ro'),
    propagation: words.find((word) => Object.hasOwn(propagations, word)) ?? 'rprivate',
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
    (Object.hasOwn(propagations, propagation) ? null : `invalid propagation mode: ${propagation}`);
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

/** Moby gives what is wrong with a `-v` no class. */
function unclassed(message: string): AppError {
  return new AppError('internal', message);
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
    propagation: ownValue(propagations, propagation) ?? mountFlag.private | rec,
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
  const plain = Object.keys(hostConfig.Tmpfs ?? {}).map(cleanPath);
  return [...plain, ...[...longTmpfsMounts(hostConfig), ...bindMounts(hostConfig)].map(({ target = '' }) => target)];
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
