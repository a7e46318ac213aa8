import { ownValue } from '../../base/record.ts';
import type { Steps } from '../../base/steps.ts';
import { FlagValueError } from '../errors.ts';
import { csvFields } from './csv.ts';
import { parseBool } from '../../grammar/strconv.ts';
import { parseRamBytes } from '../../grammar/units.ts';

/** What `--mount` becomes in HostConfig.Mounts. */
export interface Mount {
  Type: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: Record<string, unknown>;
  VolumeOptions?: Record<string, unknown>;
  ImageOptions?: Record<string, unknown>;
  TmpfsOptions?: Record<string, unknown>;
}

const bareKeys = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive']);

/** `--mount type=bind,src=/a,dst=/b,readonly` */
export function parseMount(text: string, steps?: Steps): Mount {
  const mount: Mount = { Type: 'volume' };
  const labels: Texts = Object.create(null);
  const driverOptions: Texts = Object.create(null);
  for (const field of csvFields(text, steps)) {
    const equals = field.indexOf('=');
    const key = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    const value = equals === -1 ? 'true' : field.slice(equals + 1);
    if (equals === -1 && !bareKeys.has(key)) throw new FlagValueError(`invalid field '${field}' must be a key=value pair`);
    apply(mount, key, value, field, labels, driverOptions);
  }
  if (mount.Type === '') throw new FlagValueError('type is required');
  if (mount.Target === undefined || mount.Target === '') throw new FlagValueError('target is required');
  checkOptions(mount);
  return mount;
}

type Texts = Record<string, string>;

function apply(mount: Mount, key: string, value: string, field: string, labels: Texts, driverOptions: Texts): void {
  const bind = (): Record<string, unknown> => (mount.BindOptions ??= {});
  const volume = (): Record<string, unknown> => (mount.VolumeOptions ??= { DriverConfig: {} });
  const tmpfs = (): Record<string, unknown> => (mount.TmpfsOptions ??= {});
  const flag = (): boolean => booleanOf(key, value);
  switch (key) {
    case 'type':
      mount.Type = value.toLowerCase();
      return;
    case 'source':
    case 'src':
      mount.Source = value;
      return;
    case 'target':
    case 'dst':
    case 'destination':
      mount.Target = value;
      return;
    case 'readonly':
    case 'ro':
      mount.ReadOnly = flag();
      return;
    case 'consistency':
      mount.Consistency = value.toLowerCase();
      return;
    case 'bind-propagation':
      bind()['Propagation'] = value.toLowerCase();
      return;
    case 'bind-nonrecursive':
      bind()['NonRecursive'] = flag();
      return;
    case 'bind-recursive':
      if (recursiveOf(value) !== null) Object.assign(bind(), recursiveOf(value));
      return;
    case 'bind-create-src':
      bind()['CreateMountpoint'] = flag();
      return;
    case 'volume-nocopy':
      volume()['NoCopy'] = flag();
      return;
    case 'volume-subpath':
      Object.assign(volume(), value === '' ? {} : { Subpath: value });
      return;
    case 'image-subpath':
      (mount.ImageOptions ??= {})['Subpath'] = value;
      return;
    case 'volume-label':
      setPair(labels, value);
      volume()['Labels'] = labels;
      return;
    case 'volume-driver':
      volume()['DriverConfig'] = { ...driverOf(volume()), Name: value };
      return;
    case 'volume-opt':
      setPair(driverOptions, value);
      volume()['DriverConfig'] = { ...driverOf(volume()), Options: driverOptions };
      return;
    case 'tmpfs-size':
      tmpfs()['SizeBytes'] = sizeOf(key, value);
      return;
    case 'tmpfs-mode':
      tmpfs()['Mode'] = modeOf(key, value);
      return;
    default:
      throw new FlagValueError(`unexpected key '${key}' in '${field}'`);
  }
}

/** What bind-recursive means for a mount that is read-only, and what it then demands; null: nothing that is not so anyway. */
function recursiveOf(value: string): object | null {
  const options = {
    enabled: null,
    disabled: { NonRecursive: true },
    writable: { ReadOnlyNonRecursive: true },
    readonly: { ReadOnlyForceRecursive: true },
  };
  const found = ownValue<object | null>(options, value);
  if (found === undefined)
    throw new FlagValueError(`invalid value for bind-recursive: ${value} (must be "enabled", "disabled", "writable", or "readonly")`);
  return found;
}

function driverOf(volume: Record<string, unknown>): object {
  const driver = volume['DriverConfig'];
  return typeof driver === 'object' && driver !== null ? driver : {};
}

function setPair(pairs: Texts, text: string): void {
  const [name = '', ...value] = text.split('=');
  pairs[name] = value.join('=');
}

function booleanOf(key: string, value: string): boolean {
  try {
    return parseBool(value);
  } catch {
    throw new FlagValueError(`invalid value for ${key}: ${value}`);
  }
}

function sizeOf(key: string, value: string): number {
  try {
    return parseRamBytes(value);
  } catch {
    throw new FlagValueError(`invalid value for ${key}: ${value}`);
  }
}

function modeOf(key: string, value: string): number {
  const mode = Number.parseInt(value, 8);
  if (!/^[0-7]+$/.test(value) || mode >= 2 ** 32) throw new FlagValueError(`invalid value for ${key}: ${value}`);
  return mode;
}

function checkOptions(mount: Mount): void {
  const foreign = (prefix: string): never => {
    throw new FlagValueError(`cannot mix '${prefix}-*' options with mount type '${mount.Type}'`);
  };
  if (mount.VolumeOptions !== undefined && mount.Type !== 'volume') foreign('volume');
  if (mount.ImageOptions !== undefined && mount.Type !== 'image') foreign('image');
  if (mount.BindOptions !== undefined && mount.Type !== 'bind') foreign('bind');
  if (mount.TmpfsOptions !== undefined && mount.Type !== 'tmpfs') foreign('tmpfs');
  checkRecursive(mount);
}

function checkRecursive({ ReadOnly: readOnly, BindOptions: bind }: Mount): void {
  const wanted = (option: string, what: string): FlagValueError =>
    new FlagValueError(`option 'bind-recursive=${option}' requires '${what}' to be specified in conjunction`);
  if (bind?.['ReadOnlyNonRecursive'] === true && readOnly !== true) throw wanted('writable', 'readonly');
  if (bind?.['ReadOnlyForceRecursive'] !== true) return;
  if (readOnly !== true) throw wanted('readonly', 'readonly');
  if (bind['Propagation'] !== 'rprivate') throw wanted('readonly', 'bind-propagation=rprivate');
}

/** `-v /here:/there` is a bind, `-v name:/there` too (the daemon knows which); `-v /there` an anonymous volume. Throws FlagValueError. */
export function splitVolumes(
  volumes: readonly string[],
  cwd: string,
): { readonly binds: readonly string[]; readonly anonymous: Record<string, object> } {
  const binds: string[] = [];
  const anonymous: Record<string, object> = Object.create(null);
  for (const volume of new Set(volumes)) {
    if (volume === '') throw new FlagValueError('invalid empty volume spec');
    const colon = volume.indexOf(':');
    // Too short for two paths (compose-go's loader.ParseVolume).
    if (colon === -1 || volume.length < 3) anonymous[volume] = {};
    else if (/^:|::|:$/.test(volume)) throw new FlagValueError(`invalid spec: ${volume}: empty section between colons`);
    else binds.push(absolute(volume.slice(0, colon), cwd) + volume.slice(colon));
  }
  return { binds, anonymous };
}

/** A bind's source is relative to where the client runs, if it says so by a dot. */
export function resolveSource(mount: Mount, cwd: string): Mount {
  return mount.Type === 'bind' && mount.Source !== undefined ? { ...mount, Source: absolute(mount.Source, cwd) } : mount;
}

/** `./data`; as it is typed where the current folder was removed, as filepath.Abs fails there. */
function absolute(path: string, cwd: string): string {
  if (!path.startsWith('.') || cwd === '') return path;
  const parts: string[] = [];
  for (const part of `${cwd}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
