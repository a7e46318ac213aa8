/** Values as Go's encoding/json decodes them where JavaScript differs: integers of 64 bits, and maps whose keys somebody outside chose. */
import { z } from 'zod';
import { toRecord } from '../../base/record.ts';

/** A number of a body that JavaScript would not keep as it is written: too large, with a fraction or an exponent. */
export class NumberLiteral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const ranges = {
  int: [-(2n ** 63n), 2n ** 63n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  'time.Duration': [-(2n ** 63n), 2n ** 63n - 1n],
  uint: [0n, 2n ** 64n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
} as const;

export type GoInteger = keyof typeof ranges;

/**
 * A whole number of one of Go's types. Beyond 2^53 those that a JavaScript number holds exactly (the powers of two and their like, which is what clients
 * send for "no limit") are taken; the others are refused as Go refuses what does not fit.
 */
export function goInteger(type: GoInteger) {
  return z.unknown().transform((input, context): number => {
    const value = exactly(input, ranges[type]);
    if (value !== null) return value;
    context.issues.push({ code: 'custom', input, params: { goType: type }, message: `expected a number of type ${type}` });
    return z.NEVER;
  });
}

function exactly(input: unknown, [least, most]: readonly [bigint, bigint]): number | null {
  const text =
    input instanceof NumberLiteral ? input.text : typeof input === 'number' && Number.isInteger(input) ? BigInt(input).toString() : '';
  if (!/^-?\d{1,20}$/.test(text)) return null;
  const wanted = BigInt(text);
  const value = Number(text);
  if (wanted < least || wanted > most) return null;
  // A client in JavaScript writes 2 ** 60 as 1152921504606847000, and means 2 ** 60.
  return BigInt(value) === wanted || String(value) === text ? value : null;
}

/** Go's map[string]T: any key, "__proto__" too, which zod's own record leaves out. The result has no prototype. */
export function dictionary<T extends z.ZodType>(of: T) {
  return z.unknown().transform((input, context): Readonly<Record<string, z.output<T>>> => {
    if (typeof input !== 'object' || input === null || Array.isArray(input) || input instanceof NumberLiteral) {
      context.issues.push({ code: 'invalid_type', expected: 'record', input });
      return z.NEVER;
    }
    const entries: [string, z.output<T>][] = [];
    for (const [key, value] of Object.entries(input)) {
      const parsed = of.safeParse(value);
      if (parsed.success) entries.push([key, parsed.data]);
      else for (const issue of parsed.error.issues) context.issues.push({ ...issue, path: [key, ...issue.path], input: value });
    }
    return toRecord(entries);
  });
}
