/** `RUN --mount=…` (moby/buildkit: frontend/dockerfile/instructions, commands_runmount.go, and dockerfile2llb, convert_runmount.go). */
import { AppError, toAppError } from '../../../base/errors.ts';
import { csvFields } from '../../../grammar/csv.ts';
import { cleanFromRoot, cleanPath } from '../../../grammar/clean-path.ts';
import { nearest } from '../../../grammar/dockerfile/nearest.ts';
import { goQuote } from '../../../grammar/go-quote.ts';
import { readBool } from '../../../grammar/strconv.ts';
import { parseRamBytes } from '../../../grammar/units.ts';
import type { Mount, MountOwner, Source } from './model.ts';
import { absolute, baseName } from './paths.ts';

/** What a mount says, key after key. */
interface Written {
  type: string;
  from: string;
  source: string;
  target: string;
  id: string;
  sharing: string;
  size: number;
  isRequired: boolean;
  /** null: as its type has it */
  isReadOnly: boolean | null;
  mode: number | null;
  uid: number | null;
  gid: number | null;
  env: string | null;
}

type Key = (mount: Written, value: string, name: string) => void;

const types = ['cache', 'tmpfs', 'secret', 'ssh', 'bind'];
const sharings = ['shared', 'private', 'locked'];

const setType: Key = (mount, value) => {
  const type = value.toLowerCase();
  if (!types.includes(type)) throw invalid(`unsupported mount type ${goQuote(value)}${suggestion(value, types)}`);
  mount.type = type;
};
const setSource: Key = (mount, value) => (mount.source = value);
const setTarget: Key = (mount, value) => (mount.target = value);
const setReadOnly: Key = (mount, value, name) => (mount.isReadOnly = boolean(value, name));
const setWritable: Key = (mount, value, name) => (mount.isReadOnly = !boolean(value, name));
const setRequired: Key = (mount, value, name) => {
  if (!isSecretive(mount)) throw misplaced(name, mount);
  mount.isRequired = boolean(value, name);
};
const setSize: Key = (mount, value, name) => {
  if (mount.type !== 'tmpfs') throw misplaced(name, mount);
  mount.size = size(value);
};
const setSharing: Key = (mount, value) => {
  const sharing = value.toLowerCase();
  if (!sharings.includes(sharing)) throw invalid(`unsupported sharing value ${goQuote(value)}${suggestion(value, sharings)}`);
  mount.sharing = sharing;
};

const keys = new Map<string, Key>([
  ['type', setType],
  ['from', (mount, value) => (mount.from = value)],
  ['source', setSource],
  ['target', setTarget],
  ['readonly', setReadOnly],
  ['id', (mount, value) => (mount.id = value)],
  ['sharing', setSharing],
  ['required', setRequired],
  ['size', setSize],
  ['mode', (mount, value, name) => (mount.mode = unsigned(value, 8, name))],
  ['uid', (mount, value, name) => (mount.uid = unsigned(value, 10, name))],
  ['gid', (mount, value, name) => (mount.gid = unsigned(value, 10, name))],
  ['src', setSource],
  ['dst', setTarget],
  ['destination', setTarget],
  ['ro', setReadOnly],
  ['rw', setWritable],
  ['readwrite', setWritable],
  ['env', (mount, value) => (mount.env = value)],
]);

/** Keys that mean something without a value. */
const switches = ['readonly', 'ro', 'readwrite', 'rw', 'required'];

function readMount(text: string, expand: (word: string) => string): Written {
  const mount: Written = {
    type: 'bind',
    from: '',
    source: '',
    target: '',
    id: '',
    sharing: '',
    size: 0,
    isRequired: false,
    isReadOnly: null,
    mode: null,
    uid: null,
    gid: null,
    env: null,
  };
  for (const field of fieldsOf(text)) {
    const equals = field.indexOf('=');
    const name = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    if (equals < 0 && !switches.includes(name)) throw invalid(`invalid field '${field}' must be a key=value pair`);
    const value = equals < 0 ? 'true' : expand(field.slice(equals + 1));
    const set = keys.get(name);
    if (set === undefined) throw invalid(`unexpected key '${name}' in '${field}'${suggestion(name, [...keys.keys()])}`);
    set(mount, value, name);
  }
  checkMount(mount);
  return mount;
}

function fieldsOf(text: string): readonly string[] {
  try {
    return csvFields(text);
  } catch (thrown) {
    throw invalid(`failed to parse csv mounts: ${toAppError(thrown).message}`);
  }
}

function checkMount(mount: Written): void {
  const { type } = mount;
  if (type === 'bind' || type === 'tmpfs')
    for (const name of ['mode', 'uid', 'gid'] as const)
      if (mount[name] !== null) throw invalid(`${name} not allowed for ${goQuote(type)} type mounts`);
  if (mount.sharing !== '' && type === 'secret') throw invalid('secret mount should not define sharing');
  if (mount.sharing !== '' && type !== 'cache') throw invalid(`invalid cache sharing set for ${type} mount`);
  if (type !== 'secret') return;
  if (mount.from !== '') throw invalid('secret mount should not have a from');
  if (mount.source === '' && mount.target === '' && mount.id === '') throw invalid('invalid secret mount. one of source, target required');
  if (mount.source !== '' && mount.id !== '') throw invalid("both source and id can't be set");
}

interface Surroundings {
  readonly expand: (word: string) => string;
  /** The working directory. */
  readonly folder: string;
  /** What the mount names; null: a stage that is further down */
  readonly from: Source | null;
}

/** @returns null: one of type ssh that need not be there, as no client forwards an agent @throws AppError invalid in BuildKit's words */
export function planMount(text: string, { expand, folder, from }: Surroundings): Mount | null {
  const mount = readMount(text, expand);
  if (mount.from !== '' && from === null) {
    const where = `from stage ${goQuote(mount.from)} to ${goQuote(mount.target)}`;
    throw invalid(`cannot mount ${where}, stage needs to be defined before current command`);
  }
  const named = mount.from === '' ? null : from;
  if (mount.type === 'ssh') {
    if (mount.isRequired) throw invalid(`unset ssh forward key ${mount.id === '' ? 'default' : mount.id}`);
    return null;
  }
  if (mount.type === 'secret') return secret(mount);
  const target = absolute(folder, mount.target);
  if (target === '/') throw invalid(`invalid mount target ${goQuote(target)}`);
  const isReadOnly = mount.isReadOnly ?? mount.type === 'bind';
  if (mount.type === 'tmpfs') return { type: 'tmpfs', target, size: mount.size, isReadOnly };
  const source = cleanFromRoot(mount.source);
  if (mount.type === 'bind') return { type: 'bind', target, from: named ?? { kind: 'local' }, source, isReadOnly };
  return {
    type: 'cache',
    target,
    id: mount.id === '' ? cleanPath(mount.target) : mount.id,
    sharing: mount.sharing === 'private' || mount.sharing === 'locked' ? mount.sharing : 'shared',
    from: named ?? { kind: 'scratch' },
    source,
    isReadOnly,
    owner: ownerOf(mount),
  };
}

/** In its own file below /run/secrets, unless it is to be a variable. */
function secret(mount: Written): Mount {
  const named = mount.id === '' ? mount.source : mount.id;
  const id = named === '' ? baseName(mount.target) : named;
  const target = mount.target === '' ? (mount.env === null ? `/run/secrets/${baseName(id)}` : null) : mount.target;
  return { type: 'secret', id, target, variable: mount.env, isRequired: mount.isRequired, owner: ownerOf(mount) };
}

function ownerOf({ mode, uid, gid }: Written): MountOwner {
  return { mode, uid, gid };
}

function isSecretive({ type }: Written): boolean {
  return type === 'secret' || type === 'ssh';
}

function misplaced(name: string, { type }: Written): AppError {
  return invalid(`unexpected key '${name}' for mount type '${type}'`);
}

function boolean(value: string, name: string): boolean {
  const read = readBool(value);
  if (read === null) throw invalid(`invalid value for ${name}: ${value}`);
  return read;
}

function size(value: string): number {
  try {
    return parseRamBytes(value);
  } catch {
    throw invalid(`invalid value for size: ${value}`);
  }
}

function unsigned(value: string, base: 8 | 10, name: string): number {
  const read = (base === 8 ? /^[0-7]{1,11}$/ : /^\d{1,10}$/).test(value) ? Number.parseInt(value, base) : Number.NaN;
  if (!(read < 2 ** 32)) throw invalid(`invalid value ${value} for ${name}`);
  return read;
}

function suggestion(written: string, known: readonly string[]): string {
  const meant = nearest(written, known);
  return meant === null ? '' : ` (did you mean ${meant}?)`;
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
