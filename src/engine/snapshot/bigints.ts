/** What JSON has no number for is kept apart, by its place: no value of a name that a user chose can be taken for one. */

export interface PlacedBigint {
  /** Names and indexes, from the outermost in. */
  readonly path: readonly string[];
  /** Decimal. */
  readonly digits: string;
}

/** The value with 0 in place of each bigint, and what they were. Lists and plain objects only; what has no bigint in it is the same object. */
export function withoutBigints<T>(value: T): { readonly value: T; readonly bigints: readonly PlacedBigint[] } {
  const bigints: PlacedBigint[] = [];
  collect(value, [], bigints);
  return {
    value:
      bigints.length === 0
        ? value
        : withBigints(
            value,
            bigints.map(({ path }) => ({ path, digits: '0' })),
            Number,
          ),
    bigints,
  };
}

function collect(value: unknown, path: readonly string[], into: PlacedBigint[]): void {
  if (typeof value === 'bigint') into.push({ path, digits: value.toString() });
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) collect(inner, [...path, name], into);
}

/** A copy with each bigint back in its place; places that are not there (any more) stay away. */
export function withBigints<T>(value: T, bigints: readonly PlacedBigint[], read: (digits: string) => number | bigint = BigInt): T {
  if (bigints.length === 0) return value;
  const copy = structuredClone(value);
  for (const { path, digits } of bigints) put(copy, path, read(digits));
  return copy;
}

function put(holder: unknown, [name, ...rest]: readonly string[], value: number | bigint): void {
  if (typeof holder !== 'object' || holder === null || name === undefined || !Object.hasOwn(holder, name)) return;
  if (rest.length === 0) Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  else put(Reflect.get(holder, name), rest, value);
}
