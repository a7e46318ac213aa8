const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/** "64M" is 67108864, as `docker run -m` reads it (docker/go-units RAMInBytes). Undefined for what is no quantity. */
export function parseQuantity(text: string): number | undefined {
  const [, digits, unit] = /^(-?\d+(?:\.\d+)?)\s*([bkmgtp]?)i?b?$/i.exec(text.trim()) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Math.floor(Number(digits) * 1024 ** (powers[unit.toLowerCase()] ?? 0));
}

const scale: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of "500ms", "2s", "1m", "1h"; 0 for anything else (schemas let nothing else through). */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  return digits === undefined || unit === undefined ? 0 : Number(digits) * (scale[unit] ?? 0);
}
