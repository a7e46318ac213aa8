/** Readers that turn parsed JSON into typed values at the edge; each names the place it complains about. */

export type JsonObject = Record<string, unknown>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw new Error(`${where}: expected an object`);
  return value;
}

export function readArray(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where}: expected an array`);
  return value;
}

export function readString(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where}: expected a string`);
  return value;
}

export function readNumber(value: unknown, where: string): number {
  if (typeof value !== 'number') throw new Error(`${where}: expected a number`);
  return value;
}

export function readStrings(value: unknown, where: string): string[] {
  return readArray(value ?? [], where).map((item, index) => readString(item, `${where}[${index}]`));
}

/** An object whose every value is read by `read`; an absent object is an empty one. */
export function readMap<T>(value: unknown, where: string, read: (value: unknown, where: string) => T): Map<string, T> {
  const entries = Object.entries(readObject(value ?? {}, where));
  return new Map(entries.map(([key, item]) => [key, read(item, `${where}.${key}`)]));
}

export function optionalString(value: unknown, where: string): string | undefined {
  return value === undefined || value === null ? undefined : readString(value, where);
}

/** Refuses keys nobody reads: a misspelt key would otherwise be ignored in silence. */
export function allowKeys(value: JsonObject, allowed: readonly string[], where: string): void {
  const unknown = Object.keys(value).filter((key) => !allowed.includes(key));
  if (unknown.length > 0) throw new Error(`${where}: unknown key ${unknown.join(', ')}`);
}
