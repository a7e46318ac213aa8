/** Sizes and spans of time as docker/go-units reads and writes them, identifiers and long texts as the client cuts them. */
import { AppError } from '../base/errors.ts';
import type { Steps } from '../base/steps.ts';
import { formatG } from './go-float.ts';
import { parseFloat64 } from './strconv.ts';

const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

/** go-units' HumanSizeWithPrecision: powers of 1000. */
export function humanSize(bytes: number, digits = 4): string {
  return scaled(bytes, 1000, decimal, digits);
}

/** go-units' BytesSize: powers of 1024. */
export function bytesSize(bytes: number): string {
  return scaled(bytes, 1024, binary, 4);
}

function scaled(bytes: number, base: number, units: readonly string[], digits: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit++;
  }
  return formatG(size, digits) + (units[unit] ?? '');
}

const unitPowers: ReadonlyMap<string, number> = new Map([
  ['k', 1],
  ['m', 2],
  ['g', 3],
  ['t', 4],
  ['p', 5],
]);

/** RAMInBytes, powers of 1024: `64m`, `1.5GiB`, `512 kb`, a plain number of bytes. @throws AppError invalid in go-units' words */
export function parseRamBytes(text: string, steps?: Steps): number {
  const [number, suffix] = splitSize(text, steps);
  return toInt64(number * 1024 ** powerOf(suffix));
}

/** FromHumanSize, powers of 1000: "10m", "1.5 kB", "1kib". @throws AppError invalid in go-units' words */
export function parseHumanSize(text: string, steps?: Steps): number {
  const [number, suffix] = splitSize(text, steps);
  return toInt64(number * 1000 ** powerOf(suffix));
}

function splitSize(text: string, steps?: Steps): readonly [number: number, suffix: string] {
  const separator = lastIndexOfAny(text, '0123456789. ', steps);
  const invalid = new AppError('invalid', `invalid size: '${text}'`);
  if (separator === -1) throw invalid;
  const size = parseFloat64(text.slice(0, text[separator] === ' ' ? separator : separator + 1));
  if (size < 0) throw invalid;
  const rest = text.slice(separator + 1);
  return [size, rest.length > 3 ? rest : rest.toLowerCase()];
}

function powerOf(suffix: string): number {
  if (suffix === '' || suffix === 'b') return 0;
  const power = unitPowers.get(suffix.charAt(0));
  if (power === undefined || !['', 'b', 'ib'].includes(suffix.slice(1))) throw new AppError('invalid', `invalid suffix: '${suffix}'`);
  return power;
}

/** Go's conversion of a float64, which on amd64 gives the least integer for what is too large. */
function toInt64(size: number): number {
  return size >= 2 ** 63 ? -(2 ** 63) : Math.trunc(size);
}

function lastIndexOfAny(text: string, characters: string, steps?: Steps): number {
  for (let index = text.length - 1; index >= 0; index--) {
    steps?.take();
    if (characters.includes(text.charAt(index))) return index;
  }
  return -1;
}

/** go-units' HumanDuration: "About a minute". @param seconds may have a fraction */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < 1) return 'Less than a second';
  if (whole === 1) return '1 second';
  if (whole < 60) return `${whole} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(seconds / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 14) return `${days} days`;
  if (hours < 24 * 60) return `${Math.trunc(days / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(days / 30)} months`;
  return `${Math.trunc(Math.trunc(seconds / 3600) / 24 / 365)} years`;
}

/** The first 12 hexadecimal digits of an identifier, without its algorithm (stringid.TruncateID). */
export function shortId(id: string): string {
  return (id.includes(':') ? id.slice(id.indexOf(':') + 1) : id).slice(0, 12);
}

/** Cut to a width, ending in an ellipsis (formatter.Ellipsis; all characters count one here). */
export function ellipsis(text: string, width: number): string {
  const characters = [...text];
  if (width <= 0) return '';
  if (characters.length <= width) return text;
  return width === 1 ? (characters[0] ?? '') : `${characters.slice(0, width - 1).join('')}…`;
}
