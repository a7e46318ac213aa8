import type { Json } from '../json.ts';
import { isObject } from '../json.ts';
import { invalid, keyType, type StructField, type StructValue, type Value } from './value.ts';

interface FieldShape {
  readonly name: string;
  readonly type: string;
  /** null: not in JSON. */
  readonly json: string | null;
  readonly omitEmpty: boolean;
  readonly embedded: boolean;
}

export type TypeTable = ReadonlyMap<string, readonly FieldShape[]>;

/**
 * Struct types written as Go writes them, one a paragraph:
 *
 *     container.State
 *       Status string
 *       Health *container.Health omitempty
 *       ID string json=Id
 *       container.Resources          (embedded)
 */
export function defineTypes(source: string): TypeTable {
  const table = new Map<string, FieldShape[]>();
  let fields: FieldShape[] = [];
  for (const line of source.split('\n')) {
    if (line.trim() === '') continue;
    if (/^\S/.test(line)) {
      fields = [];
      table.set(line.trim(), fields);
    } else fields.push(parseField(line.trim()));
  }
  return table;
}

function parseField(line: string): FieldShape {
  const words = line
    .replace('struct {}', 'struct\0{}')
    .split(/\s+/)
    .map((word) => word.replace('\0', ' '));
  const options = words.filter((word) => word === 'omitempty' || word.startsWith('json='));
  const [name = '', type] = words.filter((word) => !options.includes(word));
  const tag = options.find((word) => word.startsWith('json='))?.slice('json='.length);
  const embedded = type === undefined;
  const own = embedded ? name.replace(/^\*?(.*\.)?/, '') : name;
  return { name: own, type: type ?? name, json: tag === '-' ? null : (tag ?? own), omitEmpty: options.includes('omitempty'), embedded };
}

/** Types with a name of their own, and what they are. */
const namedTypes: ReadonlyMap<string, string> = new Map([
  ['nat.PortMap', 'map[nat.Port][]nat.PortBinding'],
  ['nat.PortSet', 'map[nat.Port]struct {}'],
  ['strslice.StrSlice', '[]string'],
]);

function renamed(value: Value, type: string): Value {
  if (value.kind === 'map') return { ...value, type, key: keyType(value) };
  return value.kind === 'slice' ? { ...value, type } : value;
}

/** JSON as encoding/json decodes it into a type; what is absent is the zero value. */
export function decodeGo(table: TypeTable, type: string, json: Json): Value {
  const named = namedTypes.get(type);
  if (named !== undefined) return renamed(decodeGo(table, named, json), type);
  if (type.startsWith('*')) return { kind: 'pointer', type, to: json === null ? null : decodeGo(table, type.slice(1), json) };
  if (type === 'interface{}') return decodeAny(json);
  const list = /^\[\d*\](.*)$/.exec(type)?.[1];
  if (list !== undefined)
    return { kind: 'slice', type, items: Array.isArray(json) ? json.map((item: Json) => decodeGo(table, list, item)) : null };
  const element = elementOf(type);
  if (element !== null) return decodeMap(table, type, element, json);
  const shape = table.get(type);
  return shape === undefined ? decodeScalar(type, json) : decodeStruct(table, type, shape, json);
}

/** `map[string]T` → T */
function elementOf(type: string): string | null {
  return /^map\[[\w.]+\](.*)$/.exec(type)?.[1] ?? null;
}

function decodeMap(table: TypeTable, type: string, element: string, json: Json): Value {
  const zero = (): Value => decodeGo(table, element, null);
  if (!isObject(json)) return { kind: 'map', type, entries: null, zero };
  return { kind: 'map', type, entries: new Map(Object.entries(json).map(([key, item]) => [key, decodeGo(table, element, item)])), zero };
}

function decodeStruct(table: TypeTable, type: string, shape: readonly FieldShape[], json: Json): StructValue {
  const object = isObject(json) ? json : {};
  const folded = new Map(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]));
  const fields = shape.map((field): StructField => {
    const found = field.embedded ? json : field.json === null ? null : (object[field.json] ?? folded.get(field.json.toLowerCase()) ?? null);
    return {
      name: field.name,
      value: decodeGo(table, field.type, found),
      json: field.json,
      omitEmpty: field.omitEmpty,
      embedded: field.embedded,
    };
  });
  return { kind: 'struct', type, fields, methods: {}, jsonMethods: [] };
}

const integers = /^(u?int(8|16|32|64)?|time\.Duration)$/;

/** Strings, whatever they are called, numbers and booleans. */
function decodeScalar(type: string, json: Json): Value {
  if (type === 'bool') return { kind: 'bool', type, value: json === true };
  if (integers.test(type))
    return { kind: 'int', type, value: typeof json === 'bigint' ? json : BigInt(typeof json === 'number' ? Math.trunc(json) : 0) };
  if (type === 'float64') return { kind: 'float', type, value: typeof json === 'number' ? json : 0 };
  if (type === 'struct {}') return { kind: 'struct', type: 'struct {}', fields: [], methods: {}, jsonMethods: [] };
  return { kind: 'string', type, value: typeof json === 'string' ? json : type === 'time.Time' ? '0001-01-01T00:00:00Z' : '' };
}

const anyType = 'interface {}';

/** JSON decoded into `any` with UseNumber: maps, slices, strings, json.Number. */
function decodeAny(json: Json): Value {
  if (json === null) return { kind: 'interface', type: anyType, to: null };
  return { kind: 'interface', type: anyType, to: decodeConcrete(json) };
}

/** The same without the interface around it: what a template is executed on. */
export function decodeConcrete(json: Json): Value {
  if (json === null) return invalid;
  if (typeof json === 'string') return { kind: 'string', type: 'string', value: json };
  if (typeof json === 'boolean') return { kind: 'bool', type: 'bool', value: json };
  if (typeof json === 'number' || typeof json === 'bigint') return { kind: 'string', type: 'json.Number', value: String(json) };
  if (isObject(json)) {
    const zero = (): Value => decodeAny(null);
    return {
      kind: 'map',
      type: `map[string]${anyType}`,
      entries: new Map(Object.entries(json).map(([key, item]) => [key, decodeAny(item)])),
      zero,
    };
  }
  return { kind: 'slice', type: `[]${anyType}`, items: json.map(decodeAny) };
}
