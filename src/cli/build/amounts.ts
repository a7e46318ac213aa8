const units = ['kB', 'MB', 'GB', 'TB'];

/** "170B", "2.05kB": as tonistiigi/units with "%.2f", which BuildKit shows. @param bytes at least 0 */
export function humanBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes}B`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(2)}${units[unit] ?? ''}`;
}
