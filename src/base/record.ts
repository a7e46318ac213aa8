/**
 * An object without a prototype, for names that somebody outside chose: "constructor" is not there before it was put in, and "__proto__" is a
 * key like any other. What is named twice is what it was named last.
 */
export function toRecord<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const record: Record<string, T> = Object.create(null);
  for (const [name, value] of entries) record[name] = value;
  return record;
}

/** What an object itself has under a name, and not what it inherits. */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
