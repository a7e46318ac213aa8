import { utf8 } from '../../base/bytes.ts';
import { encodeJson } from './encode-json.ts';
import { htmlEscape, jsEscape, queryEscape } from './escape.ts';
import { sprint, sprintAll, sprintf } from './print.ts';
import { bytesOf, compareRunes } from './printer.ts';
import {
  boolValue,
  indirect,
  intValue,
  invalid,
  isTrue,
  keyType,
  stringValue,
  stringsValue,
  typeName,
  withoutInterface,
  type Value,
} from './value.ts';

export type Parameter = 'any' | 'string' | 'int' | '[]string';

export interface TemplateFunction {
  readonly parameters: readonly Parameter[];
  /** What may follow, repeated. */
  readonly rest?: Parameter;
  readonly call: (args: readonly Value[]) => Value;
}

/** What a function returned as its error. */
export class CallError extends Error {}

const textOf = (value: Value | undefined): string => (value?.kind === 'string' ? value.value : '');
const numberOf = (value: Value | undefined): number => (value?.kind === 'int' ? Number(value.value) : 0);

function onString(change: (text: string) => string): TemplateFunction {
  return { parameters: ['string'], call: ([text]) => stringValue(change(textOf(text))) };
}

function spread(change: (args: readonly Value[]) => Value): TemplateFunction {
  return { parameters: [], rest: 'any', call: change };
}

/** Docker's own functions (templates.basicFunctions) over text/template's builtins. `and` and `or` are evaluated lazily elsewhere. */
export const functions: Readonly<Record<string, TemplateFunction>> = {
  json: { parameters: ['any'], call: ([value = invalid]) => stringValue(encodeJson(value)) },
  split: { parameters: ['string', 'string'], call: ([text, separator]) => stringsValue(splitText(textOf(text), textOf(separator))) },
  join: {
    parameters: ['[]string', 'string'],
    call: ([elements, separator]) =>
      stringValue(
        joinText(
          itemsOf(elements).map((item) => sprint(item)),
          textOf(separator),
        ),
      ),
  },
  title: onString((text) =>
    text.replace(/(^|[\0-/:-@[-^`{-\x7f]|\s)(\p{L})/gu, (_whole, before: string, letter: string) => before + letter.toUpperCase()),
  ),
  lower: onString((text) => byCharacter(text, (character) => character.toLowerCase())),
  upper: onString((text) => byCharacter(text, (character) => character.toUpperCase())),
  pad: {
    parameters: ['string', 'int', 'int'],
    call: ([text, before, after]) => stringValue(pad(textOf(text), numberOf(before), numberOf(after))),
  },
  truncate: { parameters: ['string', 'int'], call: ([text, length]) => stringValue(truncate(textOf(text), numberOf(length))) },
  print: spread((args) => stringValue(sprintAll(args))),
  println: spread((args) => stringValue(`${args.map((arg) => sprint(arg)).join(' ')}\n`)),
  printf: {
    parameters: ['string'],
    rest: 'any',
    call: ([format, ...args]) => stringValue(sprintf(textOf(format), args.map(withoutInterface))),
  },
  not: { parameters: ['any'], call: ([value = invalid]) => boolValue(!isTrue(value)) },
  and: { parameters: ['any'], rest: 'any', call: (args) => args.find((arg) => !isTrue(arg)) ?? args.at(-1) ?? invalid },
  or: { parameters: ['any'], rest: 'any', call: (args) => args.find((arg) => isTrue(arg)) ?? args.at(-1) ?? invalid },
  len: { parameters: ['any'], call: ([value = invalid]) => intValue(lengthOf(value)) },
  index: { parameters: ['any'], rest: 'any', call: ([value = invalid, ...indexes]) => indexInto(value, indexes) },
  slice: { parameters: ['any'], rest: 'any', call: ([value = invalid, ...indexes]) => sliceOf(value, indexes) },
  eq: { parameters: ['any'], rest: 'any', call: ([first = invalid, ...others]) => boolValue(equalsAny(first, others)) },
  ne: { parameters: ['any', 'any'], call: ([a = invalid, b = invalid]) => boolValue(!equalsAny(a, [b])) },
  lt: { parameters: ['any', 'any'], call: ([a = invalid, b = invalid]) => boolValue(order(a, b) < 0) },
  le: { parameters: ['any', 'any'], call: ([a = invalid, b = invalid]) => boolValue(order(a, b) <= 0) },
  gt: { parameters: ['any', 'any'], call: ([a = invalid, b = invalid]) => boolValue(order(a, b) > 0) },
  ge: { parameters: ['any', 'any'], call: ([a = invalid, b = invalid]) => boolValue(order(a, b) >= 0) },
  html: spread((args) => stringValue(htmlEscape(shown(args)))),
  js: spread((args) => stringValue(jsEscape(shown(args)))),
  urlquery: spread((args) => stringValue(queryEscape(shown(args)))),
  call: { parameters: ['any'], rest: 'any', call: ([value = invalid]) => callValue(value) },
};

/** While a table's header is made: text functions leave the column's name alone (templates.HeaderFunctions). */
export const headerFunctions: Readonly<Record<string, TemplateFunction>> = {
  ...functions,
  json: { parameters: ['any'], call: ([value = invalid]) => value },
  split: { parameters: ['any', 'any'], call: ([value = invalid]) => value },
  join: { parameters: ['any', 'any'], call: ([value = invalid]) => value },
  title: { parameters: ['any'], call: ([value = invalid]) => value },
  lower: { parameters: ['any'], call: ([value = invalid]) => value },
  upper: { parameters: ['any'], call: ([value = invalid]) => value },
  truncate: { parameters: ['any', 'int'], call: ([value = invalid]) => value },
};

/** Characters that would become several stay as they are (unicode.ToUpper). */
function byCharacter(text: string, change: (character: string) => string): string {
  const one = (character: string): string => {
    const changed = change(character);
    if ([...changed].length === 1) return changed;
    // The one letter that Go lowers to the first of the two.
    return character === 'İ' && changed.startsWith('i') ? 'i' : character;
  };
  return [...text].map(one).join('');
}

/** What the escaping functions escape: evalArgs of text/template. */
function shown(args: readonly Value[]): string {
  const only = args.length === 1 ? args[0] : undefined;
  if (only?.kind === 'string' && only.type === 'string') return only.value;
  return sprintAll(args.map(printable));
}

function printable(value: Value): Value {
  const { value: target } = value.kind === 'pointer' ? indirect(value) : { value };
  return target.kind === 'invalid' || (target.kind === 'interface' && target.to === null) ? stringValue('<no value>') : target;
}

/** There are no values of function type here: methods are called when they are named. */
export function callValue(given: Value, name?: string): never {
  const value = withoutInterface(given);
  if (value.kind === 'invalid') throw new CallError('call of nil');
  const shownName = name ?? (value.kind === 'string' ? value.value : `<${typeName(value)} Value>`);
  throw new CallError(`non-function ${shownName} of type ${typeName(value)}`);
}

/** strings.Split: between the characters for an empty separator. */
function splitText(text: string, separator: string): readonly string[] {
  return separator === '' ? [...text] : text.split(separator);
}

function joinText(items: readonly string[], separator: string): string {
  if (items.length * separator.length > largestText) throw textTooLarge();
  return items.join(separator);
}

function truncate(text: string, length: number): string {
  if (length < 0) throw new CallError(`runtime error: slice bounds out of range [:${length}]`);
  return bytesOf(text, 0, length);
}

function pad(text: string, before: number, after: number): string {
  if (text === '') return '';
  if (before < 0 || after < 0) throw new CallError('strings: negative Repeat count');
  if (before + after > largestText) throw textTooLarge();
  return ' '.repeat(before) + text + ' '.repeat(after);
}

/** Characters of one text that a function makes. Go has no such limit, and more memory. */
export const largestText = 16 * 1024 * 1024;

function textTooLarge(): CallError {
  return new CallError('the text is too large');
}

function itemsOf(value: Value | undefined): readonly Value[] {
  return value?.kind === 'slice' ? (value.items ?? []) : [];
}

function lengthOf(value: Value): number {
  const { value: target, isNil } = indirect(value);
  if (isNil) throw new CallError('len of nil pointer');
  if (target.kind === 'string') return utf8(target.value).length;
  if (target.kind === 'slice') return target.items?.length ?? 0;
  if (target.kind === 'map') return target.entries?.size ?? 0;
  throw new CallError(target.kind === 'invalid' ? 'reflect: call of reflect.Value.Type on zero Value' : `len of type ${typeName(target)}`);
}

function indexInto(value: Value, indexes: readonly Value[]): Value {
  let item = withoutInterface(value);
  if (item.kind === 'invalid') throw new CallError('index of untyped nil');
  for (const index of indexes) item = indexOne(item, withoutInterface(index));
  return item;
}

function indexOne(from: Value, index: Value): Value {
  const { value: item, isNil } = indirect(from);
  if (isNil) throw new CallError('index of nil pointer');
  switch (item.kind) {
    case 'slice':
      return item.items?.[position(index, item.items.length)] ?? beyond('slice');
    case 'string': {
      const bytes = utf8(item.value);
      return intValue(bytes[position(index, bytes.length)] ?? beyond('string'), 'uint8');
    }
    case 'map':
      if (index.kind === 'invalid') throw new CallError('value is nil; should be of type string');
      if (index.kind !== 'string' || index.type !== keyType(item))
        throw new CallError(`value has type ${typeName(index)}; should be ${keyType(item)}`);
      return item.entries?.get(index.value) ?? item.zero();
    default:
      throw new CallError(`can't index item of type ${typeName(item)}`);
  }
}

/** One past the end: text/template lets it pass, reflection does not. */
function beyond(kind: 'slice' | 'string'): never {
  throw new CallError(`reflect: ${kind} index out of range`);
}

function position(index: Value, length: number): number {
  if (index.kind === 'invalid') throw new CallError('cannot index slice/array with nil');
  if (index.kind !== 'int') throw new CallError(`cannot index slice/array with type ${typeName(index)}`);
  if (index.value < 0n || index.value > BigInt(length)) throw new CallError(`index out of range: ${sprint(index)}`);
  return Number(index.value);
}

function sliceOf(value: Value, indexes: readonly Value[]): Value {
  const item = withoutInterface(value);
  if (item.kind === 'invalid') throw new CallError('slice of untyped nil');
  if (indexes.length > 3) throw new CallError(`too many slice indexes: ${indexes.length}`);
  if (item.kind !== 'slice' && item.kind !== 'string') throw new CallError(`can't slice item of type ${typeName(item)}`);
  if (item.kind === 'string' && indexes.length === 3) throw new CallError('cannot 3-index slice a string');
  const whole = item.kind === 'string' ? utf8(item.value).length : (item.items?.length ?? 0);
  const bounds = indexes.map((index) => position(withoutInterface(index), whole));
  const [start = 0, end = whole] = bounds;
  if (start > end) throw new CallError(`invalid slice index: ${start} > ${end}`);
  const most = bounds[2];
  if (most !== undefined && end > most) throw new CallError(`invalid slice index: ${end} > ${most}`);
  return item.kind === 'string' ? stringValue(bytesOf(item.value, start, end)) : { ...item, items: (item.items ?? []).slice(start, end) };
}

function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new CallError('missing argument for comparison');
  const left = withoutInterface(first);
  return others.some((other) => equals(left, withoutInterface(other)));
}

const basic: ReadonlySet<Value['kind']> = new Set(['bool', 'int', 'float', 'string']);

function equals(left: Value, right: Value): boolean {
  if (left.kind === 'invalid' || right.kind === 'invalid') return isNil(left) && isNil(right);
  if (basic.has(left.kind) || basic.has(right.kind)) {
    if (left.kind !== right.kind) throw new CallError('incompatible types for comparison');
    return 'value' in left && 'value' in right && left.value === right.value;
  }
  if (left.kind === 'slice' || left.kind === 'map') {
    if (isNil(left) || isNil(right)) return isNil(left) === isNil(right);
    throw new CallError(`non-comparable type ${sprint(left)}: ${typeName(left)}`);
  }
  return left === right;
}

function isNil(value: Value): boolean {
  if (value.kind === 'slice') return value.items === null;
  if (value.kind === 'map') return value.entries === null;
  return value.kind === 'invalid' || ((value.kind === 'pointer' || value.kind === 'interface') && value.to === null);
}

function order(first: Value, second: Value): number {
  const a = withoutInterface(first);
  const b = withoutInterface(second);
  if (!basic.has(a.kind) || !basic.has(b.kind)) throw new CallError('invalid type for comparison');
  if (a.kind !== b.kind) throw new CallError('incompatible types for comparison');
  if (a.kind === 'bool') throw new CallError('invalid type for comparison');
  if (a.kind === 'string' && b.kind === 'string') return compareRunes(a.value, b.value);
  if ('value' in a && 'value' in b) return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  return 0;
}
