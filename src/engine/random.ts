import { toHex } from '../base/bytes.ts';

/** So many random bytes; crypto.getRandomValues outside, a counter in tests. */
export type Random = (bytes: number) => Uint8Array;

/** 64 hexadecimal digits that are not all decimal in their first 12, as Docker's: a short ID must not read as a number. */
export function randomId(random: Random): string {
  for (;;) {
    const id = toHex(random(32));
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

/** RFC 9562, version 4: what Docker calls an engine by. */
export function randomUuid(random: Random): string {
  const hex = toHex(
    random(32)
      .subarray(0, 16)
      .map((byte, at) => (at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte)),
  );
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** 0 … below - 1. @param below at most 65 536 */
export function randomBelow(random: Random, below: number): number {
  const [high = 0, low = 0] = random(2);
  return ((high << 8) | low) % below;
}
