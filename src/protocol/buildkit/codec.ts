import { concatBytes, utf8 } from '../../base/bytes.ts';
import { messageTables } from './messages.ts';
import type { Message, MessageField, MessageInput, MessageName, MessageTable } from './messages.ts';
import { invalid, rawFields, varint, wireType } from './wire.ts';
import type { RawField } from './wire.ts';

/** What is decoded is at most so long: BuildKit's own bound of a message (gRPC: 16 MiB). */
export const maxMessageBytes = 16 * 1024 * 1024;
/** Each item of a list costs more memory than bytes: an empty one has two. */
const maxItems = 65_536;

const nanosPerSecond = 1_000_000_000n;
const text = new TextDecoder('utf-8', { ignoreBOM: true });

type Values = Readonly<Record<string, unknown>>;
interface Budget {
  items: number;
}

/**
 * Bytes of a message, fields in the order of their numbers.
 * @throws AppError `invalid` for a value that the field cannot hold
 */
export function encodeMessage<N extends MessageName>(name: N, values: MessageInput<N>): Uint8Array<ArrayBuffer>;
export function encodeMessage(name: MessageName, values: Values): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const table: MessageTable = messageTables[name];
  for (const [key, field] of Object.entries(table)) {
    const value = values[key];
    if (value === undefined || value === null) continue;
    for (const item of isList(field) ? listOf(`${name}.${key}`, value) : [value]) encodeField(parts, `${name}.${key}`, field, item);
  }
  return concatBytes(parts);
}

/**
 * A message with every field present. Unknown fields are skipped; of a field that is no list the last one counts.
 * @throws AppError `invalid` for bytes that are no such message, or too many
 */
export function decodeMessage<N extends MessageName>(name: N, bytes: Uint8Array): Message<N>;
export function decodeMessage(name: MessageName, bytes: Uint8Array): Values {
  if (bytes.length > maxMessageBytes) throw invalid(`more than ${maxMessageBytes} bytes`);
  return decodeBounded(name, bytes, { items: maxItems });
}

function decodeBounded(name: MessageName, bytes: Uint8Array, budget: Budget): Values {
  const values: Record<string, unknown> = {};
  const lists = new Map<string, unknown[]>();
  const byNumber = new Map<number, readonly [string, MessageField]>();
  const table: MessageTable = messageTables[name];
  for (const [key, field] of Object.entries(table)) {
    byNumber.set(field.number, [key, field]);
    const empty = absent(field);
    values[key] = empty;
    if (Array.isArray(empty)) lists.set(key, empty);
  }
  for (const raw of rawFields(bytes)) {
    const known = byNumber.get(raw.number);
    if (known === undefined) continue;
    const [key, field] = known;
    if (budget.items-- <= 0) throw invalid(`more than ${maxItems} fields`);
    const value = decodeField(`${name}.${key}`, field, raw, budget);
    const list = lists.get(key);
    if (list === undefined) values[key] = value;
    else list.push(value);
  }
  return values;
}

function encodeField(parts: Uint8Array[], where: string, field: MessageField, value: unknown): void {
  if (field.type === 'bool' || field.type === 'int') {
    const number = integerOf(where, value);
    if (number !== 0n) parts.push(keyOf(field, wireType.varint), varint(number));
    return;
  }
  const bytes = contentOf(where, field, value);
  if (bytes.length === 0 && (field.type === 'string' || field.type === 'bytes')) return;
  parts.push(keyOf(field, wireType.length), varint(BigInt(bytes.length)), bytes);
}

function keyOf(field: MessageField, type: number): Uint8Array {
  return varint(BigInt(field.number * 8 + type));
}

function integerOf(where: string, value: unknown): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw invalid(`${where} is no integer: ${String(value)}`);
  return BigInt(value);
}

function contentOf(where: string, field: MessageField, value: unknown): Uint8Array {
  if (field.type === 'time') return timeBytes(where, value);
  if ('of' in field) {
    if (!isValues(value)) throw invalid(`${where} is no message`);
    return encodeNested(nameOf(field.of), value);
  }
  if (typeof value === 'string' && (field.type === 'string' || field.type === 'strings')) return utf8(value);
  if (value instanceof Uint8Array && (field.type === 'bytes' || field.type === 'chunks')) return value;
  throw invalid(`${where} is not of the type ${field.type}`);
}

// A nested message's name comes from the table, so its values have the shape that encodeMessage's type asks for.
const encodeNested: (name: MessageName, values: Values) => Uint8Array = encodeMessage;

/** google.protobuf.Timestamp: seconds (1), nanoseconds (2) that count forwards. */
function timeBytes(where: string, value: unknown): Uint8Array {
  if (typeof value !== 'bigint') throw invalid(`${where} is no time`);
  const nanos = ((value % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
  const seconds = (value - nanos) / nanosPerSecond;
  const parts: Uint8Array[] = [];
  if (seconds !== 0n) parts.push(varint(8n), varint(seconds));
  if (nanos !== 0n) parts.push(varint(16n), varint(nanos));
  return concatBytes(parts);
}

function decodeField(where: string, field: MessageField, raw: RawField, budget: Budget): unknown {
  if (field.type === 'bool' || field.type === 'int') {
    if (raw.kind !== 'varint') throw invalid(`${where} is no number`);
    if (field.type === 'bool') return raw.value !== 0n;
    const number = Number(BigInt.asIntN(64, raw.value));
    if (!Number.isSafeInteger(number)) throw invalid(`${where} is beyond 2^53`);
    return number;
  }
  if (raw.kind !== 'length') throw invalid(`${where} is not of the type ${field.type}`);
  if ('of' in field) return decodeBounded(nameOf(field.of), raw.value, budget);
  if (field.type === 'time') return timeOf(where, raw.value);
  return field.type === 'string' || field.type === 'strings' ? text.decode(raw.value) : raw.value;
}

function timeOf(where: string, bytes: Uint8Array): bigint {
  const parts = new Map<number, bigint>();
  for (const raw of rawFields(bytes)) {
    if (raw.number > 2) continue;
    if (raw.kind !== 'varint') throw invalid(`${where} is no time`);
    parts.set(raw.number, BigInt.asIntN(64, raw.value));
  }
  return (parts.get(1) ?? 0n) * nanosPerSecond + (parts.get(2) ?? 0n);
}

function absent(field: MessageField): unknown {
  switch (field.type) {
    case 'string':
      return '';
    case 'bytes':
      return new Uint8Array();
    case 'bool':
      return false;
    case 'int':
      return 0;
    case 'time':
    case 'message':
      return null;
    case 'strings':
    case 'chunks':
    case 'messages':
      return [];
  }
}

function isList({ type }: MessageField): boolean {
  return type === 'strings' || type === 'chunks' || type === 'messages';
}

function listOf(where: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${where} is no list`);
  return value;
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}

function nameOf(name: string): MessageName {
  if (!isMessageName(name)) throw invalid(`no message is called ${name}`);
  return name;
}

function isMessageName(name: string): name is MessageName {
  return Object.hasOwn(messageTables, name);
}
