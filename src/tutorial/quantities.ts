import { parseDuration as parseGoDuration } from '../grammar/duration.ts';
import { parseRamBytes } from '../grammar/units.ts';

/** "64M" is 67108864, as `docker run -m` reads it; a number may be below zero. Undefined for what is no quantity. */
export function parseQuantity(text: string): number | undefined {
  const plain = text.trim();
  if (/^-\d+(\.\d+)?$/.test(plain)) return Math.floor(Number(plain));
  try {
    return parseRamBytes(plain);
  } catch {
    return undefined;
  }
}

/** Milliseconds of "500ms", "2s", "1m30s"; 0 for what is no duration (schemas let nothing else through). */
export function parseDuration(text: string): number {
  try {
    return Number(parseGoDuration(text)) / 1e6;
  } catch {
    return 0;
  }
}
