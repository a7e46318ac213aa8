import { AppError } from '../base/errors.ts';
import { parseTimestamp } from './timestamp.ts';

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

  /** A whole number; undefined when absent or empty. @throws AppError invalid */
  integer(name: string): number | undefined {
    const text = this.text(name).trim();
    if (text === '') return undefined;
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value))
      throw new AppError('invalid', `invalid value for "${name}": strconv.Atoi: parsing "${text}": invalid syntax`);
    return value;
  }

  /** Nanoseconds since the epoch; undefined when absent or empty. @throws AppError invalid */
  time(name: string): bigint | undefined {
    const text = this.text(name).trim();
    return text === '' ? undefined : parseTimestamp(name, text);
  }

  /** For the request log: the value of each name that counts, the first. */
  record(): Record<string, string> {
    return Object.fromEntries([...this.#values].reverse());
  }
}
