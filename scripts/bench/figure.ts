/** One measured figure; `target` is what the project aims at, in the same unit. */
export interface Figure {
  readonly figure: string;
  readonly value: number | boolean;
  readonly unit: string;
  readonly target?: number | boolean;
  readonly [more: string]: unknown;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
