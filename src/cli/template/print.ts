import { formatDuration } from '../flags/durations.ts';
import { goQuote } from '../go-quote.ts';
import { findField, typeName, type StructValue, type Value } from './value.ts';

/**
 * Go's %v. Addresses of nested pointers, which differ from run to run in Go, are one fixed address here.
 * @param named with the names of fields, as %+v
 */
export function sprint(value: Value, nested = false, named = false): string {
  switch (value.kind) {
    case 'invalid':
      return '<nil>';
    case 'bool':
      return String(value.value);
    case 'int':
      return value.type === 'time.Duration' ? formatDuration(Number(value.value)) : String(value.value);
    case 'float':
      return formatFloatG(value.value);
    case 'string':
      return value.type === 'time.Time' ? printTime(value.value) : value.value;
    case 'slice':
      return `[${(value.items ?? []).map((item) => sprint(item, true, named)).join(' ')}]`;
    case 'map':
      return `map[${sortedEntries(value.entries)
        .map(([key, item]) => `${key}:${sprint(item, true, named)}`)
        .join(' ')}]`;
    case 'struct':
      return `{${value.fields.map((field) => `${named ? `${field.name}:` : ''}${sprint(field.value, true, named)}`).join(' ')}}`;
    case 'interface':
      return value.to === null ? '<nil>' : sprint(value.to, nested, named);
    case 'pointer':
      if (value.to === null) return '<nil>';
      if (value.to.kind === 'struct' && value.to.type === 'units.Ulimit') return printUlimit(value.to);
      if (nested || !['struct', 'map', 'slice'].includes(value.to.kind)) return '0xc000012120';
      return `&${sprint(value.to, false, named)}`;
  }
}

/** units.Ulimit.String: `nofile=1024:2048` */
function printUlimit(ulimit: StructValue): string {
  const field = (name: string): string => sprint(findField(ulimit, name) ?? { kind: 'invalid' });
  return `${field('Name')}=${field('Soft')}:${field('Hard')}`;
}

/** time.Time.String of an RFC 3339 text. */
function printTime(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d*?)?0*(Z|([-+]\d\d):(\d\d))$/.exec(text);
  if (match === null) return text;
  const fraction = (match[3] ?? '').replace(/\.$/, '');
  return `${match[1]} ${match[2]}${fraction} ${match[5] === undefined ? '+0000 UTC' : `${match[5]}${match[6]} ${match[5]}${match[6]}`}`;
}

export function sortedEntries(entries: ReadonlyMap<string, Value> | null): (readonly [string, Value])[] {
  return [...(entries ?? [])].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** %v and %g of a float64: the shortest text, with an exponent below 1e-4 and from 1e6 on. */
function formatFloatG(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const exponential = value.toExponential();
  const exponent = Number(exponential.split('e')[1]);
  if (exponent < -4 || exponent >= 6) return exponential.replace(/e([-+])(\d)$/, 'e$10$2');
  return String(value);
}

/** Go's fmt.Sprint: a space between two operands when neither is a string. */
export function sprintAll(values: readonly Value[]): string {
  let text = '';
  values.forEach((value, index) => {
    const before = values[index - 1];
    if (before !== undefined && before.kind !== 'string' && value.kind !== 'string') text += ' ';
    text += sprint(value);
  });
  return text;
}

interface Directive {
  readonly flags: string;
  readonly width: number | null;
  readonly precision: number | null;
  readonly verb: string;
}

/** Go's fmt.Sprintf for the kinds templates have. */
export function sprintf(format: string, args: readonly Value[]): string {
  const queue = [...args];
  const takeInt = (): number | null => {
    const next = queue.shift();
    return next?.kind === 'int' ? Number(next.value) : null;
  };
  const text = format.replace(
    /%([-+# 0]*)(\d+|\*)?(?:\.(\d+|\*)?)?(.|$)/gsu,
    (whole: string, flags: string, wide: string | undefined, precise: string | undefined, verb: string) => {
      if (verb === '') return '%!(NOVERB)';
      if (verb === '%') return '%';
      const width = wide === '*' ? takeInt() : wide === undefined ? null : Number(wide);
      const hasDot = whole.includes('.');
      const precision = precise === '*' ? takeInt() : precise !== undefined ? Number(precise) : hasDot && verb !== '.' ? 0 : null;
      const value = queue.shift();
      if (value === undefined) return `%!${verb}(MISSING)`;
      return formatOne({ flags, width, precision, verb }, value);
    },
  );
  if (queue.length === 0) return text;
  return `${text}%!(EXTRA ${queue.map((value) => `${typeName(value)}=${sprint(value)}`).join(', ')})`;
}

function formatOne(directive: Directive, value: Value): string {
  if (value.kind === 'interface' && value.to !== null) return formatOne(directive, value.to);
  const text = body(directive, value);
  if (text === null)
    return value.kind === 'invalid' ? `%!${directive.verb}(<nil>)` : `%!${directive.verb}(${typeName(value)}=${sprint(value)})`;
  return pad(directive, value, text);
}

function body(directive: Directive, value: Value): string | null {
  const { verb, flags } = directive;
  if (verb === 'T') return typeName(value) === 'nil' ? '<nil>' : typeName(value);
  if (verb === 'v')
    return value.kind === 'string' && flags.includes('#')
      ? goQuote(value.value)
      : signed(flags, value, sprint(value, false, flags.includes('+')));
  if (stringers.has(typeName(value)) && 'sqxX'.includes(verb)) return stringBody(directive, sprint(value));
  if ('sqdx'.includes(verb) && isComposite(value)) return composite(directive, value);
  switch (value.kind) {
    case 'string':
      return stringBody(directive, value.value);
    case 'int':
      return intBody(directive, value.value);
    case 'float':
      return floatBody(directive, value.value);
    case 'bool':
      return verb === 't' ? String(value.value) : null;
    default:
      return null;
  }
}

/** Types with a String method of their own. */
const stringers: ReadonlySet<string> = new Set(['time.Duration', 'time.Time', '*units.Ulimit']);

function isComposite(value: Value): boolean {
  return ['slice', 'map', 'struct'].includes(value.kind) || (value.kind === 'pointer' && value.to?.kind === 'struct');
}

function composite(directive: Directive, value: Value): string {
  if (value.kind === 'pointer' && value.to !== null) return `&${composite(directive, value.to)}`;
  if (value.kind === 'struct') return `{${value.fields.map((field) => formatOne(directive, field.value)).join(' ')}}`;
  if (value.kind === 'slice') return `[${(value.items ?? []).map((item) => formatOne(directive, item)).join(' ')}]`;
  if (value.kind !== 'map') return sprint(value);
  const key = (name: string): string => formatOne(directive, { kind: 'string', type: 'string', value: name });
  return `map[${sortedEntries(value.entries)
    .map(([name, item]) => `${key(name)}:${formatOne(directive, item)}`)
    .join(' ')}]`;
}

function stringBody({ verb, precision, flags }: Directive, text: string): string | null {
  const cut = precision === null ? text : [...text].slice(0, precision).join('');
  if (verb === 's') return cut;
  if (verb === 'q') return goQuote(cut);
  if (verb !== 'x' && verb !== 'X') return null;
  const hex = [...new TextEncoder().encode(cut)].map((byte) => byte.toString(16).padStart(2, '0')).join(flags.includes(' ') ? ' ' : '');
  return verb === 'x' ? hex : hex.toUpperCase();
}

const prefixes: Readonly<Record<number, string>> = { 16: '0x', 8: '0', 2: '0b' };

function intBody(directive: Directive, value: bigint): string | null {
  const magnitude = value < 0n ? -value : value;
  const sign = value < 0n ? '-' : directive.flags.includes('+') ? '+' : directive.flags.includes(' ') ? ' ' : '';
  const bases: Readonly<Record<string, number>> = { d: 10, x: 16, X: 16, o: 8, b: 2 };
  const base = bases[directive.verb];
  if (base !== undefined) {
    const prefix = directive.flags.includes('#') ? (prefixes[base] ?? '') : '';
    const digits = magnitude.toString(base);
    return sign + (directive.verb === 'X' ? `${prefix}${digits}`.toUpperCase() : prefix + digits);
  }
  if (directive.verb === 'U') return `U+${magnitude.toString(16).toUpperCase().padStart(4, '0')}`;
  if (directive.verb === 'c') return String.fromCodePoint(Number(value));
  return directive.verb === 'q' ? `'${String.fromCodePoint(Number(value))}'` : null;
}

function floatBody(directive: Directive, value: number): string | null {
  const { verb, precision, flags } = directive;
  const sign = flags.includes('+') && value >= 0 ? '+' : '';
  if (verb === 'f' || verb === 'F') return sign + value.toFixed(precision ?? 6);
  if (verb === 'E' || verb === 'G') return floatBody({ ...directive, verb: verb.toLowerCase() }, value)?.toUpperCase() ?? null;
  if (verb === 'e') return sign + value.toExponential(precision ?? 6).replace(/e([-+])(\d)$/, 'e$10$2');
  if (verb === 'g') return sign + (precision === null ? formatFloatG(value) : formatG(value, precision));
  return null;
}

/** C's and Go's %.Ng: at most N significant digits, no trailing zeros. */
export function formatG(value: number, precision: number): string {
  const digits = Math.max(1, precision);
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1]);
  if (exponent < -4 || exponent >= digits) {
    const [mantissa = '', power = '+0'] = value.toExponential(digits - 1).split('e');
    return `${trimZeros(mantissa)}e${power.replace(/^([-+])(\d)$/, '$10$2')}`;
  }
  return trimZeros(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function signed(flags: string, value: Value, text: string): string {
  return flags.includes('+') && value.kind === 'int' && value.value >= 0n ? `+${text}` : text;
}

function pad(directive: Directive, value: Value, text: string): string {
  const { width, flags } = directive;
  const missing = width === null ? 0 : Math.abs(width) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-') || (width ?? 0) < 0) return text + ' '.repeat(missing);
  if (!flags.includes('0') || value.kind === 'string') return ' '.repeat(missing) + text;
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}
