const unitBytes: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 };

/** docker/go-units, FromHumanSize: decimal units, "10m", "1.5 kB", "1kib". @returns bytes, or what is wrong in its words */
export function parseSize(text: string): number | string {
  const [, amount, suffix = ''] = /^(\d+(?:\.\d+)?) ?([^\d. ]*)$/.exec(text) ?? [];
  if (amount === undefined) return `invalid size: '${text}'`;
  const lower = suffix.toLowerCase();
  if (lower === '' || lower === 'b') return Math.trunc(Number(amount));
  const unit = Object.hasOwn(unitBytes, lower.charAt(0)) ? unitBytes[lower.charAt(0)] : undefined;
  if (unit === undefined || !['', 'b', 'ib'].includes(lower.slice(1))) return `invalid suffix: '${suffix}'`;
  return Math.trunc(Number(amount) * unit);
}
