/** Values as Go's encoding/json decodes them where JavaScript differs: integers of 64 bits, and maps whose keys somebody outside chose. */
import { z } from 'zod';
import { toRecord } from '../../base/record.ts';
import { integerOf, type Integer } from '../../grammar/strconv.ts';

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
type SmallInteger = 'uint32' | 'uint16';

/**
 * A whole number of one of Go's types, in all its digits: the types of 64 bits give a bigint where a JavaScript number would not be exact, the smaller
 * ones are numbers.
 */
export function goInteger(type: SmallInteger): z.ZodPipe<z.ZodUnknown, z.ZodTransform<number, unknown>>;
export function goInteger(type: GoInteger): z.ZodPipe<z.ZodUnknown, z.ZodTransform<Integer, unknown>>;
export function goInteger(type: GoInteger) {
  return z.unknown().transform((input, context): Integer => {
    const value = exactly(input, ranges[type]);
    if (value !== null) return value;
    context.issues.push({ code: 'custom', input, params: { goType: type }, message: `expected a number of type ${type}` });
    return z.NEVER;
  });
}

function exactly(input: unknown, [least, most]: readonly [bigint, bigint]): Integer | null {
  const wanted = wholeNumber(input);
  return wanted === null || wanted < least || wanted > most ? null : integerOf(wanted);
}

function wholeNumber(input: unknown): bigint | null {
  if (typeof input === 'bigint') return input;
  if (typeof input === 'number') return Number.isInteger(input) ? BigInt(input) : null;
  return input instanceof NumberLiteral && /^-?\d{1,20}$/.test(input.text) ? BigInt(input.text) : null;
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
