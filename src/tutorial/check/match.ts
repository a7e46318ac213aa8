import type { Matcher, Relation, Scalar } from '../format/matcher.ts';
import { parseQuantity } from '../quantities.ts';
import { familiarReference, normaliseReference } from '../references.ts';

/** A fact with the way it is compared. `image`: everything the image is called, normalised. */
export type Reading =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'image'; readonly value: readonly string[] }
  | { readonly kind: 'list'; readonly value: readonly string[] };

export type ReadingKind = Reading['kind'];

/** What `same-as` and `differs-from` name: the same field of another object; undefined when there is none. */
export type Operand = (name: string) => Reading | undefined;

export type RelationWord = keyof Relation | 'equal';

export interface Mismatch {
  readonly relation: RelationWord;
  /** What was wanted, as text. */
  readonly expected: string;
}

/** Null when the reading is as the matcher says, else the first relation that does not hold. */
export function mismatch(reading: Reading, matcher: Matcher, operand: Operand): Mismatch | null {
  if (typeof matcher !== 'object') return equal(reading, matcher) ? null : { relation: 'equal', expected: String(matcher) };
  const broken = relations(reading, matcher, operand).find(({ ok }) => !ok);
  return broken === undefined ? null : { relation: broken.relation, expected: broken.expected };
}

interface Held extends Mismatch {
  readonly ok: boolean;
}

function relations(reading: Reading, relation: Relation, operand: Operand): Held[] {
  const held: Held[] = [];
  const add = <T extends Scalar | readonly Scalar[]>(word: keyof Relation, value: T | undefined, holds: (value: T) => boolean): void => {
    if (value !== undefined)
      held.push({ relation: word, expected: Array.isArray(value) ? value.join(', ') : String(value), ok: holds(value) });
  };
  const compare = (value: Scalar, holds: (actual: number, wanted: number) => boolean): boolean => {
    const actual = toNumber(reading);
    const wanted = wantedNumber(reading.kind, value);
    return actual !== undefined && wanted !== undefined && holds(actual, wanted);
  };
  add('not', relation.not, (value) => !equal(reading, value));
  add('one-of', relation['one-of'], (values) => values.some((value) => equal(reading, value)));
  add('at-least', relation['at-least'], (value) => compare(value, (actual, wanted) => actual >= wanted));
  add('at-most', relation['at-most'], (value) => compare(value, (actual, wanted) => actual <= wanted));
  add('more-than', relation['more-than'], (value) => compare(value, (actual, wanted) => actual > wanted));
  add('less-than', relation['less-than'], (value) => compare(value, (actual, wanted) => actual < wanted));
  add('contains', relation.contains, (value) => contains(reading, String(value)));
  add(
    'prefix-of',
    relation['prefix-of'],
    (value) => typeof reading.value === 'string' && reading.value !== '' && value.startsWith(reading.value),
  );
  add('same-as', relation['same-as'], (name) => sameReading(reading, operand(name)) === true);
  add('differs-from', relation['differs-from'], (name) => sameReading(reading, operand(name)) === false);
  return held;
}

export function equal(reading: Reading, wanted: Scalar): boolean {
  switch (reading.kind) {
    case 'text':
      return reading.value === String(wanted);
    case 'number':
    case 'bytes':
      return reading.value === wantedNumber(reading.kind, wanted);
    case 'boolean':
      return String(reading.value) === String(wanted);
    case 'image':
      return reading.value.includes(normaliseReference(String(wanted)));
    case 'list':
      return reading.value.join(' ') === String(wanted);
  }
}

function contains(reading: Reading, part: string): boolean {
  if (reading.kind === 'list') return reading.value.includes(part);
  if (reading.kind === 'image') return reading.value.includes(normaliseReference(part));
  return String(reading.value).includes(part);
}

/** Undefined when there is nothing to compare with: then neither same-as nor differs-from holds. */
function sameReading(reading: Reading, other: Reading | undefined): boolean | undefined {
  return other === undefined ? undefined : readingText(reading) === readingText(other);
}

const toNumber = (reading: Reading): number | undefined =>
  typeof reading.value === 'number' ? reading.value : typeof reading.value === 'string' ? parseQuantity(reading.value) : undefined;

function wantedNumber(kind: ReadingKind, wanted: Scalar): number | undefined {
  if (typeof wanted === 'boolean') return undefined;
  if (typeof wanted === 'number') return wanted;
  if (kind !== 'number') return parseQuantity(wanted);
  return /^-?\d+(\.\d+)?$/.test(wanted) ? Number(wanted) : undefined;
}

/** A reading as a person would write it. */
export function readingText(reading: Reading): string {
  if (reading.kind === 'image') return reading.value[0] === undefined ? '' : familiarReference(reading.value[0]);
  return typeof reading.value === 'object' ? reading.value.join(' ') : String(reading.value);
}
