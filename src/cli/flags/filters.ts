import { FlagValueError } from '../errors.ts';
import type { Flag, FlagSet } from './flag-set.ts';
import { full, type Support } from './support.ts';

/** Docker's filters as the API takes them: `{"status":{"exited":true}}`. */
export class Filters {
  readonly #values = new Map<string, Set<string>>();

  add(name: string, value: string): void {
    const known = this.#values.get(name);
    if (known === undefined) this.#values.set(name, new Set([value]));
    else known.add(value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): readonly string[] {
    return [...(this.#values.get(name) ?? [])];
  }

  /** These and one more. */
  with(name: string, value: string): Filters {
    const more = new Filters();
    for (const [known, values] of this.#values) for (const each of values) more.add(known, each);
    more.add(name, value);
    return more;
  }

  /** For the query; undefined without filters. */
  get query(): string | undefined {
    if (this.#values.size === 0) return undefined;
    const names = [...this.#values.keys()].sort();
    return JSON.stringify(
      Object.fromEntries(
        names.map((name) => [name, Object.fromEntries([...(this.#values.get(name) ?? [])].sort().map((value) => [value, true]))]),
      ),
    );
  }
}

/** `-f, --filter name=value`, repeated (opts.FilterOpt). */
export function filterFlag(
  flags: FlagSet,
  usage = 'Filter output based on conditions provided',
  short = 'f',
  support: Support = full,
): Flag<Filters> {
  const filters = new Filters();
  const flag = flags.collect('filter', short, usage, support, { type: 'filter' }, (text) => {
    if (text === '') return text;
    const equals = text.indexOf('=');
    if (equals === -1) throw new FlagValueError('bad format of filter (expected name=value)');
    filters.add(text.slice(0, equals).toLowerCase().trim(), text.slice(equals + 1).trim());
    return text;
  });
  return {
    value: filters,
    get changed() {
      return flag.changed;
    },
  };
}
