import { concatBytes, utf8 } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import { frameHeaderBytes, frameType, maxPayloadBytes, maxRecordBytes, recordTables } from './agent.ts';
import type { AgentRecord, AgentRecordInput, RecordName, RecordTable } from './agent.ts';

const fieldHeaderBytes = 8;
const text = new TextDecoder('utf-8', { ignoreBOM: true });

type Values = Readonly<Record<string, unknown>>;
type Field = RecordTable[string];

/**
 * Bytes of a record; fields that are absent are left out.
 * @throws AppError `invalid` for a string with NUL or a number that is no u32 or u64
 */
export function encodeRecord<N extends RecordName>(name: N, values: AgentRecordInput<N>): Uint8Array<ArrayBuffer>;
export function encodeRecord(name: RecordName, values: Values): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const table: RecordTable = recordTables[name];
  for (const [key, field] of Object.entries(table)) {
    const value = values[key];
    if (value !== undefined) encodeField(parts, `${name}.${key}`, field, value);
  }
  return concatBytes(parts);
}

/**
 * A record with every field present; unknown tags are skipped, of a repeated scalar the last one counts.
 * @throws AppError `invalid` for bytes that are no record
 */
export function decodeRecord<N extends RecordName>(name: N, bytes: Uint8Array): AgentRecord<N>;
export function decodeRecord(name: RecordName, bytes: Uint8Array): Values {
  const table: RecordTable = recordTables[name];
  const values: Record<string, unknown> = {};
  const byTag = new Map<number, readonly [string, Field]>();
  const lists = new Map<string, unknown[]>();
  for (const [key, field] of Object.entries(table)) {
    byTag.set(field.tag, [key, field]);
    const value = absent(field);
    values[key] = value;
    if (Array.isArray(value)) lists.set(key, value);
  }
  for (const [tag, value] of rawFields(name, bytes)) {
    const known = byTag.get(tag);
    if (known === undefined) continue;
    const [key, field] = known;
    const decoded = decodeField(`${name}.${key}`, field, value);
    const list = lists.get(key);
    if (list === undefined) values[key] = decoded;
    else list.push(decoded);
  }
  return values;
}

function encodeField(parts: Uint8Array[], where: string, field: Field, value: unknown): void {
  switch (field.type) {
    case 'strings':
    case 'records': {
      if (!Array.isArray(value)) throw invalid(`${where} is not a list`);
      const items: readonly unknown[] = value;
      for (const item of items) pushField(parts, field.tag, scalarBytes(where, field, item));
      return;
    }
    default:
      pushField(parts, field.tag, scalarBytes(where, field, value));
  }
}

function pushField(parts: Uint8Array[], tag: number, value: Uint8Array): void {
  const header = new Uint8Array(fieldHeaderBytes);
  const view = new DataView(header.buffer);
  view.setUint16(0, tag, true);
  view.setUint32(4, value.length, true);
  parts.push(header, value);
}

function scalarBytes(where: string, field: Field, value: unknown): Uint8Array {
  switch (field.type) {
    case 'u32':
      return u32Bytes(where, value);
    case 'u64':
      return u64Bytes(where, value);
    case 'string':
    case 'strings':
      if (typeof value !== 'string' || value.includes('\0')) throw invalid(`${where} is not a string without NUL`);
      return utf8(value);
    case 'bytes':
      if (!(value instanceof Uint8Array)) throw invalid(`${where} is not bytes`);
      return value;
    case 'record':
    case 'records':
      if (!isValues(value)) throw invalid(`${where} is not a record`);
      return encodeNested(recordNameOf(field), value);
  }
}

// A nested record's name comes from the table, so its values have the shape that encodeRecord's type asks for.
const encodeNested: (name: RecordName, values: Values) => Uint8Array = encodeRecord;

function u32Bytes(where: string, value: unknown): Uint8Array {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw invalid(`${where} is no u32: ${String(value)}`);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function u64Bytes(where: string, value: unknown): Uint8Array {
  if (typeof value !== 'bigint' || value < 0n || value > 0xffff_ffff_ffff_ffffn) throw invalid(`${where} is no u64: ${String(value)}`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

function* rawFields(name: string, bytes: Uint8Array): Generator<readonly [number, Uint8Array]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < fieldHeaderBytes) throw invalid(`${name}: a field header is cut off`);
    const tag = view.getUint16(offset, true);
    const length = view.getUint32(offset + 4, true);
    const start = offset + fieldHeaderBytes;
    if (length > bytes.length - start) throw invalid(`${name}: field ${tag} is longer than the record`);
    yield [tag, bytes.subarray(start, start + length)];
    offset = start + length;
  }
}

function decodeField(where: string, field: Field, bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (field.type) {
    case 'u32':
      if (bytes.length !== 4) throw invalid(`${where}: ${bytes.length} bytes are no u32`);
      return view.getUint32(0, true);
    case 'u64':
      if (bytes.length !== 8) throw invalid(`${where}: ${bytes.length} bytes are no u64`);
      return view.getBigUint64(0, true);
    case 'string':
    case 'strings':
      return text.decode(bytes);
    case 'bytes':
      return bytes;
    case 'record':
    case 'records':
      return decodeRecord(recordNameOf(field), bytes);
  }
}

function absent(field: Field): unknown {
  switch (field.type) {
    case 'u32':
      return 0;
    case 'u64':
      return 0n;
    case 'string':
      return '';
    case 'bytes':
      return new Uint8Array(0);
    case 'strings':
    case 'records':
      return [];
    case 'record':
      return decodeRecord(recordNameOf(field), new Uint8Array(0));
  }
}

function isRecordName(name: string): name is RecordName {
  return Object.hasOwn(recordTables, name);
}

function recordNameOf(field: Field): RecordName {
  if (field.of === undefined || !isRecordName(field.of)) throw new AppError('internal', `field ${field.tag} names no record: ${field.of}`);
  return field.of;
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): AppError {
  return new AppError('invalid', message);
}

/** A frame of the link. `type` of `frameType`; the payload may be a view of bytes that were pushed. */
export interface Frame {
  readonly type: number;
  readonly stream: number;
  readonly lane: number;
  readonly payload: Uint8Array;
}

/** The types whose payload is a record, and may be split. RESET is not: it is what drops the parts. */
const splittable: ReadonlySet<number> = new Set([frameType.open, frameType.reply, frameType.note, frameType.close]);

/**
 * Header and payload in one piece; a record that no single frame holds has its PART frames before it.
 * @throws AppError `invalid` when the payload is longer than `maxPayloadBytes`, or as a record longer than `maxRecordBytes`
 */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const { payload, type, stream, lane } = frame;
  const limit = splittable.has(type) ? maxRecordBytes : maxPayloadBytes;
  if (payload.length > limit) throw invalid(`a payload of ${payload.length} bytes`);
  const pieces = Math.max(1, Math.ceil(payload.length / maxPayloadBytes));
  const bytes = new Uint8Array(pieces * frameHeaderBytes + payload.length);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (let piece = 0; piece < pieces; piece++) {
    const part = payload.subarray(piece * maxPayloadBytes, (piece + 1) * maxPayloadBytes);
    const isLast = piece === pieces - 1;
    view.setUint32(offset, part.length, true);
    view.setUint32(offset + 4, stream, true);
    bytes[offset + 8] = isLast ? type : frameType.part;
    bytes[offset + 9] = isLast ? lane : 0;
    bytes.set(part, offset + frameHeaderBytes);
    offset += frameHeaderBytes + part.length;
  }
  return bytes;
}

/** Payload of OPEN and NOTE: u16 kind, record. */
export function encodeKind(kind: number, record: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([Uint8Array.of(kind & 0xff, kind >> 8), record]);
}

/** @throws AppError `invalid` when there is no kind */
export function decodeKind(payload: Uint8Array): { readonly kind: number; readonly record: Uint8Array } {
  const [low, high] = payload;
  if (low === undefined || high === undefined) throw invalid('a payload without kind');
  return { kind: low | (high << 8), record: payload.subarray(2) };
}

const nothing = new Uint8Array(0);

/** PART frames of one stream, until the frame that they belong to. */
interface Parts {
  readonly payloads: Uint8Array[];
  /** With their headers: an empty part takes room too. */
  bytes: number;
}

/**
 * Cuts a byte stream into frames, whatever the segments it comes in, and puts split records together. Pushed bytes must not change
 * afterwards: payloads are views of them.
 */
export class FrameDecoder {
  #rest: Uint8Array = nothing;
  readonly #parts = new Map<number, Parts>();
  #partBytes = 0;

  /**
   * The frames that are complete now.
   * @throws AppError `invalid` for a header or a split record that no agent sends; the stream is lost then and every later push throws too
   */
  push(segment: Uint8Array): Frame[] {
    const bytes = this.#rest.length === 0 ? segment : concatBytes([this.#rest, segment]);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames: Frame[] = [];
    let offset = 0;
    this.#rest = bytes;
    while (bytes.length - offset >= frameHeaderBytes) {
      const length = view.getUint32(offset, true);
      if (length > maxPayloadBytes || view.getUint16(offset + 10, true) !== 0) throw invalid('the frame stream is out of step');
      const end = offset + frameHeaderBytes + length;
      if (end > bytes.length) break;
      const frame = this.#joined({
        stream: view.getUint32(offset + 4, true),
        type: view.getUint8(offset + 8),
        lane: view.getUint8(offset + 9),
        payload: bytes.subarray(offset + frameHeaderBytes, end),
      });
      if (frame !== null) frames.push(frame);
      offset = end;
    }
    this.#rest = bytes.subarray(offset);
    return frames;
  }

  /** The bytes of what is not complete, parts and the beginning of a frame: what a decoder that goes on elsewhere has to be given first. */
  pending(): Uint8Array {
    const parts = [...this.#parts].flatMap(([stream, { payloads }]) =>
      payloads.map((payload) => encodeFrame({ type: frameType.part, stream, lane: 0, payload })),
    );
    return concatBytes([...parts, this.#rest]);
  }

  /** The frame with the parts that came before it; null for a part. */
  #joined(frame: Frame): Frame | null {
    if (frame.type === frameType.part) {
      this.#hold(frame);
      return null;
    }
    const isEnd = frame.type === frameType.reset;
    if (!isEnd && !splittable.has(frame.type)) return frame;
    const parts = this.#parts.get(frame.stream);
    if (parts === undefined) return frame;
    this.#parts.delete(frame.stream);
    this.#partBytes -= parts.bytes;
    return isEnd ? frame : { ...frame, payload: concatBytes([...parts.payloads, frame.payload]) };
  }

  #hold({ stream, payload }: Frame): void {
    const parts = this.#parts.get(stream) ?? { payloads: [], bytes: 0 };
    const size = frameHeaderBytes + payload.length;
    if (this.#partBytes + size > 2 * maxRecordBytes) throw invalid('the parts of records are too long');
    parts.payloads.push(payload);
    parts.bytes += size;
    this.#partBytes += size;
    this.#parts.set(stream, parts);
  }
}
