import { AppError } from '../../../base/errors.ts';
import { NumberLiteral } from '../../../protocol/engine-api/go-values.ts';

/** A type of Go's, as far as profiles need them; `name` is what its decoder calls it. */
export type GoType =
  | { readonly kind: 'string'; readonly name: string; readonly check?: (value: unknown) => void }
  | { readonly kind: 'uint'; readonly name: 'uint' | 'uint64' }
  | { readonly kind: 'list'; readonly name: string; readonly of: GoType }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: Readonly<Record<string, GoType>> };

const largest = 2n ** 64n - 1n;

/**
 * A value of JSON as Go's decoder puts it into a type: members in any case, null and what is unknown left out, whole numbers as bigints.
 * @throws AppError internal 'json: cannot unmarshal number into Go struct field Seccomp.defaultAction of type string'
 */
export function decodeAs(type: GoType, value: unknown, root: string, path: readonly (string | number)[] = []): unknown {
  if (value === null || value === undefined) return undefined;
  const refuse = (kind: string): AppError => new AppError('internal', words(kind, type, [root, ...path]));
  if (type.kind === 'string') {
    type.check?.(value);
    if (typeof value === 'string') return value;
    throw refuse(kindOf(value));
  }
  if (type.kind === 'uint') {
    const text = value instanceof NumberLiteral ? value.text : typeof value === 'number' ? String(value) : null;
    if (text === null) throw refuse(kindOf(value));
    if (/^\d+$/.test(text) && BigInt(text) <= largest) return BigInt(text);
    throw refuse(`number ${text}`);
  }
  if (type.kind === 'list') {
    if (!Array.isArray(value)) throw refuse(kindOf(value));
    return value.map((item: unknown, index) => decodeAs(type.of, item, root, [...path, index]));
  }
  if (typeof value !== 'object' || Array.isArray(value) || value instanceof NumberLiteral) throw refuse(kindOf(value));
  const names = new Map(Object.keys(type.fields).map((name) => [name.toLowerCase(), name]));
  const decoded: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const name = names.get(key.toLowerCase());
    const field = name === undefined ? undefined : type.fields[name];
    if (name !== undefined && field !== undefined) decoded[name] = decodeAs(field, member, root, [...path, name]);
  }
  return decoded;
}

function words(kind: string, { name }: GoType, path: readonly (string | number)[]): string {
  if (path.length === 1) return `json: cannot unmarshal ${kind} into Go value of type ${name}`;
  const field = typeof path.at(-1) === 'number' ? '' : 'Go struct field ';
  return `json: cannot unmarshal ${kind} into ${field}${path.join('.')} of type ${name}`;
}

function kindOf(value: unknown): string {
  if (value instanceof NumberLiteral) return 'number';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
