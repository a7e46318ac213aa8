/** What an object costs beside what it holds, and each of its keys; about V8's figures. */
const objectBytes = 64;
const keyBytes = 16;

/** About the bytes of memory that an entry of the log keeps: its texts at two bytes a character, its numbers, its objects. */
export function entryBytes(value: unknown): number {
  if (typeof value === 'string') return 16 + 2 * value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + entryBytes(item), objectBytes);
  return Object.entries(value).reduce((sum, [key, item]) => sum + keyBytes + key.length + entryBytes(item), objectBytes);
}
