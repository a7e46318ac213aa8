import { FlagValueError } from '../errors.ts';
import { parseBool, parseRamBytes } from './numbers.ts';

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

const bareKeys = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive', 'bind-create-src']);

/** `--mount type=bind,src=/a,dst=/b,readonly` */
export function parseMount(text: string): Mount {
  const mount: Mount = { Type: 'volume' };
  const labels: Record<string, string> = {};
  const driverOptions: Record<string, string> = {};
  for (const field of fieldsOf(text)) {
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

/** One CSV record, as encoding/csv reads it. */
function fieldsOf(text: string): readonly string[] {
  const fields = text.match(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g) ?? [];
  return fields.map((field) => field.replace(/^,/, '').replace(/^"(.*)"$/s, (_whole, inner: string) => inner.replaceAll('""', '"')));
}

type Texts = Record<string, string>;

function apply(mount: Mount, key: string, value: string, field: string, labels: Texts, driverOptions: Texts): void {
  const bind = (): Record<string, unknown> => (mount.BindOptions ??= {});
  const volume = (): Record<string, unknown> => (mount.VolumeOptions ??= {});
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
    case 'bind-create-src':
      bind()['CreateMountpoint'] = flag();
      return;
    case 'volume-nocopy':
      volume()['NoCopy'] = flag();
      return;
    case 'volume-subpath':
      volume()['Subpath'] = value;
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
      if (!/^[0-7]+$/.test(value)) throw new FlagValueError(`invalid value for ${key}: ${value}`);
      tmpfs()['Mode'] = Number.parseInt(value, 8);
      return;
    default:
      throw new FlagValueError(`unexpected key '${key}' in '${field}'`);
  }
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

function checkOptions(mount: Mount): void {
  const foreign = (prefix: string): never => {
    throw new FlagValueError(`cannot mix '${prefix}-*' options with mount type '${mount.Type}'`);
  };
  if (mount.VolumeOptions !== undefined && mount.Type !== 'volume') foreign('volume');
  if (mount.ImageOptions !== undefined && mount.Type !== 'image') foreign('image');
  if (mount.BindOptions !== undefined && mount.Type !== 'bind') foreign('bind');
  if (mount.TmpfsOptions !== undefined && mount.Type !== 'tmpfs') foreign('tmpfs');
}

/** `-v /here:/there` is a bind, `-v name:/there` too (the daemon knows which); `-v /there` an anonymous volume. */
export function splitVolumes(
  volumes: readonly string[],
  cwd: string,
): { readonly binds: readonly string[]; readonly anonymous: Record<string, object> } {
  const binds: string[] = [];
  const anonymous: Record<string, object> = {};
  for (const volume of volumes) {
    if (!volume.includes(':')) anonymous[volume] = {};
    else binds.push(absolute(volume, cwd));
  }
  return { binds, anonymous };
}

/** `./data:/data` is relative to where the client runs. */
function absolute(volume: string, cwd: string): string {
  if (!/^\.\.?(\/|:)/.test(volume)) return volume;
  const colon = volume.indexOf(':');
  const parts: string[] = cwd.split('/').filter((part) => part !== '');
  for (const part of volume.slice(0, colon).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return `/${parts.join('/')}${volume.slice(colon)}`;
}
