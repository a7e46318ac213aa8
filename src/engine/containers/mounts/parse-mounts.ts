import { AppError } from '../../../base/errors.ts';
import { ownValue } from '../../../base/record.ts';
import type { ContainerConfig, HostConfig } from '../../../protocol/engine-api.ts';
import { cleanFromRoot } from '../../../grammar/clean-path.ts';
import { isPropagation, parseTmpfsOptions, tmpfsData, tmpfsFlags } from './mount-flags.ts';
import { anonymousLabel } from '../../volumes/volume.ts';
import type { BindMount, ImageRequest, RequestedMount, TmpfsMount, VolumeRequest } from './mount.ts';

type LongMount = NonNullable<HostConfig['Mounts']>[number];

/**
 * What `-v`, `--mount` and `--tmpfs` ask for; options of `--tmpfs` are read when the container starts, as in Docker.
 * @throws AppError in Docker's words
 */
export function parseMounts({
  Binds: short,
  Mounts: long,
  Tmpfs: tmpfs,
  VolumeDriver: driver,
}: Pick<HostConfig, 'Binds' | 'Mounts' | 'Tmpfs' | 'VolumeDriver'>): RequestedMount[] {
  const plainTmpfs = Object.entries(tmpfs ?? {}).map(([target, options]) => parseTmpfs(target, options));
  for (const mount of long ?? []) refuseOtherOptions(mount);
  const longTmpfs = (long ?? []).filter(({ Type }) => Type === 'tmpfs').map(parseLongTmpfs);
  const shortMounts = (short ?? []).map((text) => parseShort(text, driver));
  const longMounts = (long ?? [])
    .filter(({ Type }) => Type !== 'tmpfs')
    .map((mount) => (mount.Type === 'volume' ? parseLongVolume(mount) : mount.Type === 'image' ? parseImage(mount) : parseLongBind(mount)));
  refuseDuplicates(shortMounts, long ?? [], tmpfs ?? {});
  return [...shortMounts, ...longMounts, ...plainTmpfs, ...longTmpfs];
}

/**
 * Volumes without a name, where nothing else is mounted (daemon/create_unix.go, createContainerOSSpecificSettings).
 * @param config with the image's part
 */
export function declaredVolumes(
  { Volumes: volumes }: Pick<ContainerConfig, 'Volumes'>,
  driver: string,
  mounts: readonly { readonly target: string }[],
): VolumeRequest[] {
  const mounted = new Set(mounts.map(({ target }) => target));
  const targets = new Set(Object.keys(volumes ?? {}).map(cleanFromRoot));
  return [...targets]
    .filter((target) => !mounted.has(target))
    .map((target) => ({
      type: 'volume',
      name: '',
      target,
      mode: '',
      readOnly: false,
      anonymous: true,
      driver,
      labels: { [anonymousLabel]: '' },
      options: null,
      copies: true,
      subpath: '',
    }));
}

function parseTmpfs(target: string, options: string): TmpfsMount {
  const wrong = target === '' ? wrongPath(target) : wrongTarget(target);
  if (wrong !== null) throw invalid(wrong);
  return { type: 'tmpfs', target: cleanFromRoot(target), options, readOnly: false, listed: false };
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

function parseLongTmpfs({ Source: source = '', Target: target, ReadOnly: readOnly, TmpfsOptions: options }: LongMount): TmpfsMount {
  const wrong =
    wrongTarget(target) ?? (source === '' ? null : 'field Source must not be specified') ?? wrongTmpfsOption(options?.Options ?? []);
  if (wrong !== null) throw invalid(`invalid mount config for type "tmpfs": ${wrong}`);
  const words = [
    ...(readOnly === true ? ['ro'] : []),
    ...(options?.Mode === undefined ? [] : [`mode=${options.Mode.toString(8)}`]),
    ...(options?.SizeBytes === undefined || options.SizeBytes === 0 ? [] : [`size=${options.SizeBytes}`]),
    ...(options?.Options ?? []).map((pair) => pair.join('=')),
  ].join(',');
  parseTmpfsOptions(words);
  return { type: 'tmpfs', target: cleanFromRoot(target), options: words, readOnly: readOnly === true, listed: true };
}

/** daemon/volumes_unix.go, registerMountPoints: `-v` against itself and `--tmpfs` as it was typed, `--mount` against itself and `-v`. */
function refuseDuplicates(
  short: readonly { readonly target: string }[],
  long: readonly LongMount[],
  tmpfs: Readonly<Record<string, string>>,
): void {
  const taken = new Set<string>();
  const take = (target: string, tmpfsToo: boolean): void => {
    if (taken.has(target) || (tmpfsToo && Object.hasOwn(tmpfs, target))) throw invalid(`Duplicate mount point: ${target}`);
    taken.add(target);
  };
  for (const { target } of short) take(target, true);
  for (const { Target: target } of long) take(cleanFromRoot(target), false);
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
  const kinds = mode.split(',').map((word) => (isPropagation(word) ? 'propagation' : (ownValue(bindModes, word) ?? '')));
  return !kinds.includes('') && new Set(kinds).size === kinds.length;
}

/** volume/mounts/linux_parser.go, ParseMountRaw. */
function parseShort(text: string, driver: string): BindMount | VolumeRequest {
  const [source = '', target, mode = '', ...more] = text.split(':');
  const malformed = `invalid volume specification: '${text}'`;
  if (source === '' || more.length > 0 || (mode === '' && target !== undefined && isBindMode(target))) throw unclassed(malformed);
  if (mode !== '' && !isBindMode(mode)) throw unclassed(`invalid mode: ${mode}`);
  const words = mode.split(',');
  const propagation = words.find(isPropagation);
  const refused = (type: string, why: string): AppError => unclassed(`${malformed}: invalid mount config for type "${type}": ${why}`);
  // Nothing but a path is a volume without a name.
  if (target === undefined) {
    const wrong = wrongTarget(source);
    if (wrong !== null) throw refused('volume', wrong);
    return { ...namedVolume('', cleanFromRoot(source), driver), mode: '', anonymous: true, labels: { [anonymousLabel]: '' } };
  }
  const type = source.startsWith('/') ? 'bind' : 'volume';
  const wrong = wrongTarget(target);
  if (wrong !== null) throw refused(type, wrong);
  if (type === 'volume') {
    if (propagation !== undefined) throw refused(type, 'field BindOptions must not be specified');
    const readOnly = words.includes('ro');
    const copies = !words.includes('nocopy');
    return { ...namedVolume(source, cleanFromRoot(target), driver), mode: mode === '' ? 'z' : mode, readOnly, copies };
  }
  if (words.includes('nocopy')) throw refused(type, 'field VolumeOptions must not be specified');
  return {
    type: 'bind',
    source: cleanFromRoot(source),
    target: cleanFromRoot(target),
    mode,
    readOnly: words.includes('ro'),
    propagation: propagation ?? 'rprivate',
    recursive: true,
    readOnlyBelow: true,
    contradictory: false,
    creates: true,
  };
}

function namedVolume(name: string, target: string, driver: string): VolumeRequest {
  const request = { type: 'volume', name, target, mode: 'z', readOnly: false, anonymous: false, driver, labels: null } as const;
  return { ...request, options: null, copies: true, subpath: '' };
}

/** validateMountConfigImpl of a volume. @throws AppError in Docker's words */
function parseLongVolume({ Source: name = '', Target: target, ReadOnly: readOnly, VolumeOptions: options }: LongMount): VolumeRequest {
  const subpath = options?.Subpath ?? '';
  const wrong =
    wrongTarget(target) ??
    (subpath !== '' && name === '' ? 'must not set Subpath when using anonymous volumes' : null) ??
    wrongSubpath(subpath);
  if (wrong !== null) throw invalid(`invalid mount config for type "volume": ${wrong}`);
  const labels = name === '' ? { ...options?.Labels, [anonymousLabel]: '' } : (options?.Labels ?? null);
  return {
    ...namedVolume(name, cleanFromRoot(target), options?.DriverConfig?.Name ?? ''),
    anonymous: name === '',
    readOnly: readOnly === true,
    labels,
    options: options?.DriverConfig?.Options ?? null,
    copies: options?.NoCopy !== true,
    subpath: cleanSubpath(subpath),
  };
}

/** Go's filepath.IsLocal, as far as it goes without looking. */
function wrongSubpath(subpath: string): string | null {
  let depth = 0;
  for (const part of subpath.split('/').filter((word) => word !== '' && word !== '.')) {
    depth += part === '..' ? -1 : 1;
    if (depth < 0) break;
  }
  return subpath.startsWith('/') || depth < 0 ? 'subpath must be a relative path within the volume' : null;
}

function cleanSubpath(subpath: string): string {
  return cleanFromRoot(`/${subpath}`).slice(1);
}

function parseImage({ Source: name = '', Target: target, ImageOptions: options }: LongMount): ImageRequest {
  const subpath = options?.Subpath ?? '';
  const wrong = wrongTarget(target) ?? (name === '' ? 'field Source must not be empty' : null) ?? wrongSubpath(subpath);
  if (wrong !== null) throw invalid(`invalid mount config for type "image": ${wrong}`);
  return { type: 'image', name, target: cleanFromRoot(target), subpath: cleanSubpath(subpath) };
}

/** volume/mounts/linux_parser.go, validateMountConfigImpl. */
function parseLongBind({
  Type: type,
  Source: source = '',
  Target: target,
  ReadOnly: readOnly,
  BindOptions: options,
}: LongMount): BindMount {
  const propagation = options?.Propagation ?? 'rprivate';
  const refused = (why: string): AppError => invalid(`invalid mount config for type "${type}": ${why}`);
  const wrong =
    wrongTarget(target) ??
    (type !== 'bind' ? 'mount type unknown' : null) ??
    (source === '' ? 'field Source must not be empty' : wrongPath(source));
  if (wrong !== null) throw refused(wrong);
  if (!isPropagation(propagation)) throw refused(`invalid propagation mode: ${propagation}`);
  return {
    type: 'bind',
    source: cleanFromRoot(source),
    target: cleanFromRoot(target),
    mode: '',
    readOnly: readOnly === true,
    propagation,
    recursive: options?.NonRecursive !== true,
    readOnlyBelow: options?.ReadOnlyNonRecursive !== true,
    contradictory: readOnly === true && options?.ReadOnlyNonRecursive === true && options.ReadOnlyForceRecursive === true,
    creates: options?.CreateMountpoint === true,
  };
}

/** What is wrong with a mount's place in the container, in Docker's words; null: nothing. */
function wrongTarget(target: string): string | null {
  if (target === '') return 'field Target must not be empty';
  if (cleanFromRoot(target) === '/') return "invalid specification: destination can't be '/'";
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
