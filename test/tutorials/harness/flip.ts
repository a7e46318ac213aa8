import { predicate } from '../../../src/tutorial/format/predicate.ts';
import type { Predicate } from '../../../src/tutorial/predicates/registry.ts';

/** A check with one value of one leaf changed. */
export interface Flip {
  readonly predicate: Predicate;
  /** Where, e.g. `all.0.container.state`. */
  readonly path: string;
  /** Whether the leaf stands under a `not`. */
  readonly negated: boolean;
  /** The leaf's own place, e.g. `all.0.container`. */
  readonly leaf: string;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Path = readonly (string | number)[];

/** What changes by adding to it would not be in the vocabulary, or would say the same. */
const swaps: Readonly<Record<string, string>> = {
  running: 'exited',
  exited: 'running',
  created: 'running',
  container: 'volume',
  image: 'volume',
  network: 'volume',
  volume: 'container',
  daemon: 'container',
  entry: 'container:no-such',
  GET: 'PUT',
  POST: 'PUT',
  DELETE: 'PUT',
};

const opposites: Readonly<Record<string, string>> = { 'same-as': 'differs-from', 'differs-from': 'same-as' };
const structural = new Set(['all', 'any', 'not', 'for', 'since']);
const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Every predicate that differs from this one in a single value. `for` is taken out: time does not pass in one look. Of an `any` only the
 * alternative with the changed value is left: another one that holds would hide it.
 */
export function flipsOf(check: Predicate): { readonly control: Predicate; readonly flips: readonly Flip[] } {
  const control = predicate().parse(withoutFor(toJson(check)));
  const whole = toJson(control);
  const flips = valuePaths(whole, []).flatMap((path): Flip[] => {
    const changed = predicate().safeParse(narrow(change(whole, path), path));
    if (!changed.success) return [];
    const words = path.filter((part) => typeof part === 'string');
    const leafAt = path.findIndex((part) => typeof part === 'string' && !structural.has(part));
    return [
      {
        predicate: changed.data,
        path: path.join('.'),
        negated: words.slice(0, leafAt).includes('not'),
        leaf: path.slice(0, leafAt + 1).join('.'),
      },
    ];
  });
  return { control, flips };
}

const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value));

function withoutFor(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutFor);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (key === 'for' || key === 'since' ? [] : [[key, withoutFor(inner)]])),
  );
}

/** Scalars, and relations that have an opposite. */
function valuePaths(value: Json, path: Path): Path[] {
  if (Array.isArray(value)) return value.flatMap((inner: Json, index) => valuePaths(inner, [...path, index]));
  if (!isObject(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => valuePaths(inner, [...path, key]));
}

function change(value: Json, path: Path): Json {
  const [head, ...rest] = path;
  if (head === undefined) return flipScalar(value);
  if (Array.isArray(value)) return value.map((inner: Json, index) => (index === head ? change(inner, rest) : inner));
  if (!isObject(value)) return value;
  if (head === 'not' && rest.length === 0 && Object.keys(value).length === 1) return value[head] ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => (key === head ? changeEntry(key, inner, rest) : [key, inner])));
}

function narrow(value: Json, [head, ...rest]: Path): Json {
  if (head === undefined || structural.has(String(head)) === false) return value;
  if (!isObject(value)) return value;
  const inner = value[head];
  if (!Array.isArray(inner)) return { ...value, [head]: narrow(inner ?? null, rest) };
  const [index, ...deeper] = rest;
  const kept = inner.flatMap((part: Json, at): Json[] => (at === index ? [narrow(part, deeper)] : head === 'any' ? [] : [part]));
  return { ...value, [head]: kept };
}

/** Relations turn into their opposite; bounds move far, so that the number itself must matter and not the luck of one more. */
function changeEntry(key: string, inner: Json, rest: Path): [string, Json] {
  const opposite = opposites[key];
  if (rest.length === 0 && opposite !== undefined) return [opposite, inner];
  if (rest.length === 0 && isNumeric(inner) && key in farBounds) return [key, farBounds[key] ?? 0];
  return [key, change(inner, rest)];
}

const farBounds: Readonly<Record<string, number>> = { 'at-least': 1e9, 'more-than': 1e9, 'at-most': 0, 'less-than': 0 };
const isNumeric = (value: Json): boolean => typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));

function flipScalar(value: Json): Json {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value !== 'string') return value;
  const quantity = /^(\d+)([A-Za-z]+)$/.exec(value);
  if (quantity !== null) return `${Number(quantity[1]) + 1}${quantity[2] ?? ''}`;
  if (value.startsWith('container:')) return `${value}-x`;
  return swaps[value] ?? `${value}-x`;
}
