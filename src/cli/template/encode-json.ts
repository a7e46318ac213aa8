import { compareRunes } from './printer.ts';
import { findMethod, isTrue, type StructField, type StructValue, type Value } from './value.ts';

/** Go's json.Marshal without HTML escapes: structs by their tags, maps by sorted key. */
export function encodeJson(value: Value): string {
  switch (value.kind) {
    case 'invalid':
      return 'null';
    case 'bool':
    case 'int':
      return String(value.value);
    case 'float':
      return encodeFloat(value.value);
    case 'string':
      return value.type === 'json.Number' ? value.value : encodeString(value.value);
    case 'slice':
      return value.items === null ? 'null' : `[${value.items.map(encodeJson).join(',')}]`;
    case 'map':
      return value.entries === null ? 'null' : braces([...value.entries].sort(([a], [b]) => compareRunes(a, b)));
    case 'struct':
      // A row has a MarshalJSON of its own, which escapes HTML; the text is then taken as it is.
      return value.jsonMethods.length === 0 ? braces(members(value)) : escapeHtml(braces(members(value)));
    case 'pointer':
    case 'interface':
      return value.to === null ? 'null' : encodeJson(value.to);
  }
}

function braces(entries: readonly (readonly [string, Value])[]): string {
  return `{${entries.map(([name, value]) => `${encodeString(name)}:${encodeJson(value)}`).join(',')}}`;
}

function members(struct: StructValue): (readonly [string, Value])[] {
  struct.beforeJson?.();
  const own = struct.fields.flatMap((field) => membersOf(field));
  const rows = struct.jsonMethods.map((name): [string, Value] => [name, findMethod(struct, name)?.([]) ?? { kind: 'invalid' }]);
  return [...own, ...rows];
}

function membersOf(field: StructField): (readonly [string, Value])[] {
  if (field.json === null) return [];
  if (field.embedded) {
    const inner = field.value.kind === 'pointer' ? field.value.to : field.value;
    return inner?.kind === 'struct' ? members(inner) : [];
  }
  if (field.omitEmpty && isEmpty(field.value)) return [];
  return [[field.json, field.value]];
}

/** encoding/json's "empty": a struct never is. */
function isEmpty(value: Value): boolean {
  return !isTrue(value);
}

function escapeHtml(json: string): string {
  return json.replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
}

function encodeFloat(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(0) : String(value);
}

/** JSON.stringify with Go's choices: U+2028 and U+2029 are escaped. */
function encodeString(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
