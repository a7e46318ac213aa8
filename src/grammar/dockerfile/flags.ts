/** Flags of an instruction (moby/buildkit: frontend/dockerfile/instructions, bflag.go). */
import { AppError } from '../../base/errors.ts';
import { nearest } from './nearest.ts';

type FlagKind = 'text' | 'texts' | 'switch';
export type FlagKinds = Readonly<Record<string, FlagKind>>;

/** What was given. */
export interface FlagValues {
  /** '' where it was not. */
  text(name: string): string;
  texts(name: string): readonly string[];
  isOn(name: string): boolean;
  has(name: string): boolean;
}

/** @param given "--from=x" @throws AppError invalid: unknown, twice, without a value */
export function readFlags(given: readonly string[], kinds: FlagKinds): FlagValues {
  const values = new Map<string, string[]>();
  for (const word of given) {
    const { name, value } = readFlag(word, kinds);
    const before = values.get(name) ?? [];
    if (before.length > 0 && kinds[name] !== 'texts') throw invalid(`duplicate flag specified: --${name}`);
    values.set(name, [...before, value]);
  }
  return {
    text: (name) => values.get(name)?.[0] ?? '',
    texts: (name) => values.get(name) ?? [],
    isOn: (name) => values.get(name)?.[0] === 'true',
    has: (name) => values.has(name),
  };
}

function readFlag(word: string, kinds: FlagKinds): { readonly name: string; readonly value: string } {
  const equals = word.indexOf('=');
  const flag = equals < 0 ? word : word.slice(0, equals);
  const name = flag.slice(2);
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined) {
    const meant = nearest(name, Object.keys(kinds));
    throw invalid(`unknown flag: ${flag}${meant === null ? '' : ` (did you mean ${meant}?)`}`);
  }
  if (kind === 'switch') return { name, value: switchValue(name, equals < 0 ? '' : word.slice(equals + 1)) };
  if (equals < 0) throw invalid(`missing a value on flag: ${flag}`);
  return { name, value: word.slice(equals + 1) };
}

function switchValue(name: string, value: string): string {
  const lower = value.toLowerCase();
  if (lower === '' || lower === 'true') return 'true';
  if (lower === 'false') return 'false';
  throw invalid(`expecting boolean value for flag --${name}, not: ${value}`);
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}
