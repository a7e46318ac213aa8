import type { Steps } from '../../base/steps.ts';
import { isRefusal, messageOf } from '../errors.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { parseDuration } from '../../grammar/duration.ts';
import { parseBool, parseInteger, parseUnsigned, type Integer } from '../../grammar/strconv.ts';
import { parseRamBytes } from '../../grammar/units.ts';
import { parseNanoCpus } from './numbers.ts';
import { full, type Support } from './support.ts';

/** What a command reads after parsing. */
export interface Flag<T> {
  readonly value: T;
  /** Given on the command line, whatever its value. */
  readonly changed: boolean;
}

/** One row of a command's flag table. */
export interface FlagEntry {
  readonly name: string;
  /** One letter, or ''. */
  readonly short: string;
  /** As help shows it after the name; '' for booleans. */
  readonly type: string;
  readonly usage: string;
  /** As help shows it, or '' for a zero value. */
  readonly shownDefault: string;
  /** The value of a flag given without one (booleans). */
  readonly bareValue: string | null;
  readonly hidden: boolean;
  /** May be given again (pflag's SliceValue), so that completion goes on to offer it. */
  readonly repeats: boolean;
  readonly deprecated: string;
  readonly support: Support;
  changed: boolean;
  /** As it was given last; '' before. */
  text: string;
  /** Throws FlagValueError. */
  set(text: string): void;
}

interface Definition {
  readonly type: string;
  readonly shownDefault?: string;
  readonly bareValue?: string;
  readonly hidden?: boolean;
  readonly repeats?: boolean;
}

type Set = (text: string) => void;

/** Docker's errors of flag parsing, as pflag words them. */
export class FlagSyntaxError extends Error {}

export interface ParsedFlags {
  /** The words that are no flags. */
  readonly args: readonly string[];
  readonly warnings: readonly string[];
  /** `--help` was asked for. */
  readonly help: boolean;
}

const helpShorthand = 'h';

/** Words one after the other: an array that loses its first moves all the others. */
class Queue {
  readonly #words: readonly string[];
  #next = 0;

  constructor(
    words: readonly string[],
    readonly steps: Steps | undefined,
  ) {
    this.#words = words;
  }

  take(): string | undefined {
    const word = this.#words[this.#next];
    this.steps?.take(1 + (word?.length ?? 0));
    this.#next++;
    return word;
  }

  get rest(): readonly string[] {
    return this.#words.slice(this.#next);
  }
}

/** The flags of one command and the values they got: Docker's option types over pflag's syntax. */
export class FlagSet {
  readonly #byName = new Map<string, FlagEntry>();
  readonly #byShort = new Map<string, FlagEntry>();
  #help = false;

  /** Every command has --help, and -h unless it means something else there; few list it. */
  constructor() {
    const entry = this.#register('help', '', 'Print usage', full, { type: '', bareValue: 'true', hidden: true }, (text) => {
      this.#help = parseBool(text);
    });
    this.#byShort.set(helpShorthand, entry);
  }

  /** Shows --help among the options. */
  listHelp(): void {
    const entry = this.#byName.get('help');
    if (entry !== undefined) this.#byName.set('help', { ...entry, hidden: false });
  }

  get entries(): readonly FlagEntry[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @param name or its one letter */
  find(name: string): FlagEntry | undefined {
    return this.#byShort.get(name) ?? this.#byName.get(name);
  }

  bool(name: string, short: string, usage: string, support: Support, initial = false): Flag<boolean> {
    const shown = initial ? { shownDefault: 'true' } : {};
    return this.#single(name, short, usage, support, { type: '', bareValue: 'true', ...shown }, initial, parseBool);
  }

  /** A boolean of older days: accepted, without effect, listed nowhere. */
  hidden(name: string, usage: string): void {
    this.#single(name, '', usage, full, { type: '', bareValue: 'true', hidden: true }, false, parseBool);
  }

  string(name: string, short: string, usage: string, support: Support, initial = ''): Flag<string> {
    const shown = initial === '' ? {} : { shownDefault: goQuote(initial) };
    return this.#single(name, short, usage, support, { type: 'string', ...shown }, initial, (text) => text);
  }

  int(name: string, short: string, usage: string, support: Support, initial: Integer = 0): Flag<Integer> {
    const shown = initial === 0 ? {} : { shownDefault: String(initial) };
    return this.#single(name, short, usage, support, { type: 'int', ...shown }, initial, (text) => parseInteger(text));
  }

  uint(name: string, usage: string, support: Support, bits: 16 | 64): Flag<Integer> {
    const type = bits === 16 ? 'uint16' : 'uint';
    return this.#single<Integer>(name, '', usage, support, { type }, 0, (text) => parseUnsigned(text, bits));
  }

  duration(name: string, usage: string, support: Support): Flag<number> {
    return this.#single(name, '', usage, support, { type: 'duration' }, 0, (text) => Number(parseDuration(text)));
  }

  /** A size in bytes: `64m`. */
  bytes(name: string, short: string, usage: string, support: Support): Flag<number> {
    return this.#single(name, short, usage, support, { type: 'bytes' }, 0, (text) => parseRamBytes(text));
  }

  /** A size in bytes, or -1 for no limit. */
  swapBytes(name: string, usage: string, support: Support): Flag<number> {
    return this.#single(name, '', usage, support, { type: 'bytes' }, 0, (text) => (text === '-1' ? -1 : parseRamBytes(text)));
  }

  /** A number of CPUs, in billionths. */
  cpus(name: string, usage: string, support: Support): Flag<Integer> {
    return this.#single<Integer>(name, '', usage, support, { type: 'decimal' }, 0, parseNanoCpus);
  }

  /** May be repeated. `accept` refuses with a FlagValueError or says how the value is kept. */
  list(
    name: string,
    short: string,
    usage: string,
    support: Support,
    accept: (text: string) => string = (text) => text,
  ): Flag<readonly string[]> {
    return this.collect(name, short, usage, support, { type: 'list', repeats: true }, accept);
  }

  /** May be repeated, of any element type. */
  collect<T>(
    name: string,
    short: string,
    usage: string,
    support: Support,
    shape: Definition,
    accept: (text: string) => T,
  ): Flag<readonly T[]> {
    const items: T[] = [];
    return this.#add(name, short, usage, support, shape, items, (text) => {
      items.push(accept(text));
    });
  }

  /** `key=value`, repeated; a key alone has the value ''. */
  map(name: string, usage: string, support: Support): Flag<Readonly<Record<string, string>>> {
    return this.mapWithShort(name, '', usage, support);
  }

  /** As `map`. */
  mapWithShort(name: string, short: string, usage: string, support: Support): Flag<Readonly<Record<string, string>>> {
    const values: Record<string, string> = Object.create(null);
    return this.#add(name, short, usage, support, { type: 'map', shownDefault: 'map[]' }, values, (text) => {
      const [key, ...rest] = text.split('=');
      values[key ?? ''] = rest.join('=');
    });
  }

  /** A second, hidden name for a flag (Docker's `--net` for `--network`). `deprecated` is said on use. */
  alias(name: string, of: string, deprecated = ''): void {
    const target = this.#byName.get(of);
    if (target === undefined) throw new Error(`no flag --${of}`);
    const entry: FlagEntry = {
      ...target,
      name,
      short: '',
      hidden: true,
      deprecated,
      set(text) {
        target.set(text);
        target.changed = true;
      },
    };
    this.#byName.set(name, entry);
  }

  /** Those given that only another kind of daemon knows, by name. */
  get ofOtherDaemons(): readonly FlagEntry[] {
    return this.entries.filter(({ changed, support }) => changed && support.only !== undefined);
  }

  /** Whether any flag was given. */
  get anyChanged(): boolean {
    return [...this.#byName.values()].some((entry) => entry.changed);
  }

  /**
   * pflag's rules: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, clusters of booleans, `--` ends flags.
   * @param interspersed false: the first word that is no flag ends them (run, exec, create)
   */
  parse(words: readonly string[], interspersed: boolean, steps?: Steps): ParsedFlags {
    const args: string[] = [];
    const warnings: string[] = [];
    const queue = new Queue(words, steps);
    for (let word = queue.take(); word !== undefined; word = queue.take()) {
      if (word === '--') break;
      if (word.startsWith('--')) this.#parseLong(word, queue, warnings);
      else if (word.startsWith('-') && word.length > 1) this.#parseShorts(word.slice(1), queue, warnings);
      else {
        args.push(word);
        if (!interspersed) break;
      }
    }
    return { args: [...args, ...queue.rest], warnings, help: this.#help };
  }

  #parseLong(word: string, queue: Queue, warnings: string[]): void {
    const body = word.slice(2);
    if (body.startsWith('-') || body.startsWith('=')) throw new FlagSyntaxError(`bad flag syntax: ${word}`);
    const equals = body.indexOf('=');
    const name = equals === -1 ? body : body.slice(0, equals);
    const entry = this.#byName.get(name);
    if (entry === undefined) throw new FlagSyntaxError(`unknown flag: --${name}`);
    if (equals !== -1) this.#apply(entry, body.slice(equals + 1), warnings);
    else if (entry.bareValue !== null) this.#apply(entry, entry.bareValue, warnings);
    else {
      const value = queue.take();
      if (value === undefined) throw new FlagSyntaxError(`flag needs an argument: --${name}`);
      this.#apply(entry, value, warnings);
    }
  }

  #parseShorts(cluster: string, queue: Queue, warnings: string[]): void {
    for (let rest = cluster; rest !== ''; rest = rest.slice(1)) {
      queue.steps?.take();
      const letter = rest.charAt(0);
      const entry = this.#byShort.get(letter);
      if (entry === undefined) throw new FlagSyntaxError(`unknown shorthand flag: '${letter}' in -${rest}`);
      if (entry.name === 'help') warnings.push('Flag shorthand -h has been deprecated, use --help');
      if (rest.length > 2 && rest.charAt(1) === '=') return this.#apply(entry, rest.slice(2), warnings);
      if (entry.bareValue !== null) {
        this.#apply(entry, entry.bareValue, warnings);
        continue;
      }
      const value = rest.length > 1 ? rest.slice(1) : queue.take();
      if (value === undefined) throw new FlagSyntaxError(`flag needs an argument: '${letter}' in -${rest}`);
      return this.#apply(entry, value, warnings);
    }
  }

  #apply(entry: FlagEntry, text: string, warnings: string[]): void {
    try {
      entry.set(text);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const shown = entry.short === '' ? `--${entry.name}` : `-${entry.short}, --${entry.name}`;
      throw new FlagSyntaxError(`invalid argument ${goQuote(text)} for "${shown}" flag: ${messageOf(error)}`);
    }
    entry.changed = true;
    entry.text = text;
    if (entry.deprecated !== '') warnings.push(`Flag --${entry.name} has been deprecated, ${entry.deprecated}`);
    if (entry.support.level === 'none' && entry.support.only === undefined)
      throw new FlagSyntaxError(`--${entry.name} is not supported by Drydock: ${entry.support.note}`);
  }

  #single<T>(
    name: string,
    short: string,
    usage: string,
    support: Support,
    shape: Definition,
    initial: T,
    read: (text: string) => T,
  ): Flag<T> {
    const cell = { current: initial };
    const entry = this.#register(name, short, usage, support, shape, (text) => {
      cell.current = read(text);
    });
    return {
      get value() {
        return cell.current;
      },
      get changed() {
        return entry.changed;
      },
    };
  }

  #add<T>(name: string, short: string, usage: string, support: Support, shape: Definition, value: T, set: Set): Flag<T> {
    const entry = this.#register(name, short, usage, support, shape, set);
    return {
      value,
      get changed() {
        return entry.changed;
      },
    };
  }

  #register(name: string, short: string, usage: string, support: Support, shape: Definition, set: Set): FlagEntry {
    const { type, shownDefault = '', bareValue = null, hidden = false, repeats = false } = shape;
    const entry: FlagEntry = {
      name,
      short,
      type,
      usage,
      shownDefault,
      bareValue,
      hidden,
      repeats,
      deprecated: '',
      support,
      changed: false,
      text: '',
      set,
    };
    this.#byName.set(name, entry);
    if (short !== '') this.#byShort.set(short, entry);
    return entry;
  }
}
