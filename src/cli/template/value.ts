/** Go values as text/template sees them through reflection: a kind, a type name for error messages, and the contents. */
export type Value =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'bool'; readonly type: string; readonly value: boolean }
  | { readonly kind: 'int'; readonly type: string; readonly value: bigint }
  | { readonly kind: 'float'; readonly type: string; readonly value: number }
  | { readonly kind: 'string'; readonly type: string; readonly value: string }
  | SliceValue
  | MapValue
  | StructValue
  | { readonly kind: 'pointer'; readonly type: string; readonly to: Value | null }
  | { readonly kind: 'interface'; readonly type: string; readonly to: Value | null };

export interface SliceValue {
  readonly kind: 'slice';
  readonly type: string;
  /** null: a nil slice, which JSON shows as null. */
  readonly items: readonly Value[] | null;
}

export interface MapValue {
  readonly kind: 'map';
  readonly type: string;
  /** null: a nil map. */
  readonly entries: ReadonlyMap<string, Value> | null;
  /** What `index` gives for a key that is not there: the element type's zero value. */
  readonly zero: () => Value;
  /** The type of its keys where the type of the map has a name of its own. */
  readonly key?: string;
  readonly methods?: Readonly<Record<string, Method>>;
}

export type Method = (args: readonly Value[]) => Value;

export interface StructField {
  readonly name: string;
  readonly value: Value;
  /** null: not in JSON (`json:"-"`). */
  readonly json: string | null;
  readonly omitEmpty: boolean;
  /** Its fields are the outer struct's own, too. */
  readonly embedded: boolean;
}

export interface StructValue {
  readonly kind: 'struct';
  readonly type: string;
  readonly fields: readonly StructField[];
  /** Methods without arguments or with them; formatter contexts are made of these. JSON shows those in `jsonMethods`. */
  readonly methods: Readonly<Record<string, Method>>;
  readonly jsonMethods: readonly string[];
  /** Called before it is shown as JSON: some methods say something else there. */
  readonly beforeJson?: () => void;
}

export const invalid: Value = { kind: 'invalid' };

export function stringValue(value: string, type = 'string'): Value {
  return { kind: 'string', type, value };
}

export function boolValue(value: boolean): Value {
  return { kind: 'bool', type: 'bool', value };
}

export function intValue(value: number | bigint, type = 'int'): Value {
  return { kind: 'int', type, value: BigInt(value) };
}

export function floatValue(value: number): Value {
  return { kind: 'float', type: 'float64', value };
}

export function stringsValue(items: readonly string[] | null): Value {
  return { kind: 'slice', type: '[]string', items: items === null ? null : items.map((item) => stringValue(item)) };
}

export function stringMapValue(entries: readonly (readonly [string, string])[] | null): MapValue {
  return {
    kind: 'map',
    type: 'map[string]string',
    entries: entries === null ? null : new Map(entries.map(([key, text]) => [key, stringValue(text)])),
    zero: () => stringValue(''),
  };
}

/**
 * A formatter's row: a pointer to a struct that has methods only.
 * @param type as errors name it: `*formatter.ContainerContext`
 * @param extra methods that exist but that `{{json .}}` does not show
 * @param beforeJson called before it is shown as JSON
 */
export function rowValue(
  type: string,
  columns: Readonly<Record<string, () => Value>>,
  extra: Readonly<Record<string, Method>> = {},
  beforeJson: () => void = () => undefined,
): Value {
  const jsonMethods = Object.keys(columns).sort();
  const methods = { ...columns, ...extra };
  const to: StructValue = { kind: 'struct', type: type.replace(/^\*/, ''), fields: [], methods, jsonMethods, beforeJson };
  return { kind: 'pointer', type, to };
}

/** `map[nat.Port]T` → nat.Port */
export function keyType(map: MapValue): string {
  return map.key ?? /^map\[([^\]]*)\]/.exec(map.type)?.[1] ?? 'string';
}

/** Follows pointers and interfaces; `nil` when one of them leads nowhere. */
export function indirect(value: Value): { readonly value: Value; readonly isNil: boolean } {
  let current = value;
  while (current.kind === 'pointer' || current.kind === 'interface') {
    if (current.to === null) return { value: current, isNil: true };
    current = current.to;
  }
  return { value: current, isNil: false };
}

/** What an interface holds; invalid for a nil one. */
export function withoutInterface(value: Value): Value {
  if (value.kind !== 'interface') return value;
  return value.to ?? invalid;
}

/** text/template's truth: not the zero value. */
export function isTrue(value: Value): boolean {
  switch (value.kind) {
    case 'invalid':
      return false;
    case 'bool':
      return value.value;
    case 'int':
      return value.value !== 0n;
    case 'float':
      return value.value !== 0;
    case 'string':
      return value.value !== '';
    case 'slice':
      return (value.items?.length ?? 0) > 0;
    case 'map':
      return (value.entries?.size ?? 0) > 0;
    case 'struct':
      return true;
    case 'pointer':
    case 'interface':
      return value.to !== null;
  }
}

export function typeName(value: Value): string {
  return value.kind === 'invalid' ? 'nil' : value.type;
}

/** A field of a struct or of what is embedded in it. */
export function findField(struct: StructValue, name: string): Value | undefined {
  for (const field of struct.fields) {
    if (field.name === name) return field.value;
  }
  for (const field of struct.fields) {
    if (!field.embedded) continue;
    const inner = indirect(field.value).value;
    const found = inner.kind === 'struct' ? findField(inner, name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

export function findMethod(value: Value, name: string): Method | undefined {
  const { value: target } = indirect(value);
  const methods = target.kind === 'struct' || target.kind === 'map' ? (target.methods ?? {}) : {};
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}
