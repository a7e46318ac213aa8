import { clip } from '../base/clip.ts';
import { AppError } from '../base/errors.ts';
import { toRecord } from '../base/record.ts';
import { parseTimestamp } from '../grammar/timestamp.ts';

/** Of a query in the log: parameters, and characters of a name or a value. No parameter of Docker's own but filters and bodies repeated comes near. */
const loggedNames = 64;
export const loggedCharacters = 1024;

/** The parameters behind the "?", read as moby's httputils reads them. */
export class Query {
  readonly #values: URLSearchParams;

  constructor(text: string) {
    this.#values = new URLSearchParams(text);
  }

  text(name: string): string {
    return this.#values.get(name) ?? '';
  }

  texts(name: string): readonly string[] {
    return this.#values.getAll(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Anything but nothing, 0, no, false and none is true. */
  flag(name: string, whenAbsent = false): boolean {
    if (!this.has(name)) return whenAbsent;
    return !['', '0', 'no', 'false', 'none'].includes(this.text(name).trim().toLowerCase());
  }

  /** A whole number of 64 bits; undefined when absent or empty. @throws AppError internal, as moby gives it no class */
  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    const isNumber = /^[+-]?\d+$/.test(text);
    // Nobody counts to 2^53: beyond it a number is as good when it is not exact.
    const value = isNumber ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) || (isNumber && isInt64(text))) return value;
    const why = isNumber ? 'value out of range' : 'invalid syntax';
    throw new AppError('internal', `strconv.Atoi: parsing "${clip(text, loggedCharacters)}": ${why}`);
  }

  /** A whole number of 32 bits without a sign (moby: httputils, Uint32Value). @throws AppError invalid @param what "resize height" */
  uint32(name: string, what: string): number {
    const text = this.text(name);
    if (/^\d+$/.test(text) && Number(text) <= 0xffff_ffff) return Number(text);
    const why = /^-?\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
    throw new AppError('invalid', `invalid ${what} "${clip(text, loggedCharacters)}": ${why}`);
  }

  /** Nanoseconds since the epoch; undefined when absent or empty. @throws AppError internal, as moby answers */
  time(name: string): bigint | undefined {
    const text = this.text(name).trim();
    return text === '' ? undefined : parseTimestamp(text);
  }

  /** For the request log: the value of each name that counts, the first; not all of what is long, and not all of many. */
  record(): Readonly<Record<string, string>> {
    const values = new Map<string, string>();
    for (const [name, value] of this.#values) {
      if (values.size === loggedNames) break;
      const known = clip(name, loggedCharacters);
      if (!values.has(known)) values.set(known, clip(value, loggedCharacters));
    }
    return toRecord(values);
  }
}

function isInt64(text: string): boolean {
  const digits = text.replace(/^([+-]?)0+(?=\d)/, '$1');
  return digits.length <= 20 && BigInt.asIntN(64, BigInt(digits.replace('+', ''))) === BigInt(digits.replace('+', ''));
}
