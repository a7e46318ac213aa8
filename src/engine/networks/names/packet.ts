import { concatBytes } from '../../../base/bytes.ts';
import { addressNumber } from '../../../grammar/address.ts';

/** One question, as RFC 1035 4.1 has it. What else a packet says is not looked at, but for the size that its sender takes (RFC 6891). */
export interface Query {
  readonly id: number;
  /** Opcode, RD and CD of the header, where they stand there. */
  readonly kept: number;
  /** The question section, byte for byte. */
  readonly question: Uint8Array;
  /** Without the last dot; what is no plain letter is written as zone files do: "a\.b" is one label, "\195" one byte. */
  readonly name: string;
  readonly type: number;
  /** Bytes of the largest UDP answer. */
  readonly udpSize: number;
}

export const recordType = { A: 1, PTR: 12, MX: 15, AAAA: 28 } as const;
export const responseCode = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4 } as const;
export type ResponseCode = keyof typeof responseCode;

export interface Answer {
  readonly code: ResponseCode;
  /** Addresses of A and AAAA, a name of PTR. */
  readonly records: readonly string[];
  /** Seconds that it is good for; 600 unless given (libnetwork, respTTL). */
  readonly timeToLive?: number;
  /** Whether it is from somebody who would ask others. */
  readonly recursive: boolean;
}

const headerBytes = 12;
const largestName = 255;
const leastUdp = 512;
const isResponse = 0x8000;
const isTruncated = 0x0200;
const recursionAvailable = 0x0080;
const optRecord = 41;
const usualTimeToLive = 600;

/**
 * @returns the answer where there is nothing to ask (miekg/dns, which Docker uses, has these rules); null where nothing is answered: what is no query at all
 */
export function parseQuery(packet: Uint8Array): { readonly query: Query } | { readonly refusal: Uint8Array } | null {
  if (packet.length < headerBytes) return null;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const [id, flags] = [view.getUint16(0), view.getUint16(2)];
  if ((flags & isResponse) !== 0) return null;
  const refusal = (code: ResponseCode) => ({
    refusal: header({ id, flags: isResponse | (flags & 0x7900) | responseCode[code], counts: [0, 0] }),
  });
  const opcode = (flags >> 11) & 15;
  if (opcode !== 0 && opcode !== 4) return refusal('NOTIMP');
  const [questions = 0, answers = 0, authorities = 0, additional = 0] = [4, 6, 8, 10].map((at) => view.getUint16(at));
  if (questions !== 1 || answers > 1 || authorities > 1 || additional > 2) return refusal('FORMERR');
  const question = parseQuestion(packet);
  if (question === null) return refusal('FORMERR');
  const size = udpSizeOf(packet, question.end, answers + authorities + additional);
  if (size === null) return refusal('FORMERR');
  const { name, type, end } = question;
  const kept = opcode === 0 ? flags & 0x7910 : flags & 0x7800;
  return { query: { id, kept, question: packet.slice(headerBytes, end), name, type, udpSize: Math.max(leastUdp, size) } };
}

/** @param limit bytes; records that find no room are left out, and TC says so */
export function encodeAnswer(query: Query, { code, records, recursive, timeToLive = usualTimeToLive }: Answer, limit: number): Uint8Array {
  const room = limit - headerBytes - query.question.length;
  const whole = records.map((record) => encodeRecord(query, record, { timeToLive, refers: false }));
  const fits = total(whole) <= room;
  const short = fits ? whole : records.map((record) => encodeRecord(query, record, { timeToLive, refers: true }));
  const sent = fitting(short, room);
  const flags =
    isResponse | query.kept | (recursive ? recursionAvailable : 0) | (sent.length < records.length ? isTruncated : 0) | responseCode[code];
  return concatBytes([header({ id: query.id, flags, counts: [1, sent.length] }), query.question, ...sent]);
}

/** "A", "TYPE65" */
export function typeName(type: number): string {
  const known: Readonly<Record<number, string>> = {
    1: 'A',
    2: 'NS',
    5: 'CNAME',
    6: 'SOA',
    12: 'PTR',
    15: 'MX',
    16: 'TXT',
    28: 'AAAA',
    33: 'SRV',
    64: 'SVCB',
    65: 'HTTPS',
    255: 'ANY',
  };
  return known[type] ?? `TYPE${type}`;
}

function parseQuestion(packet: Uint8Array): { readonly name: string; readonly type: number; readonly end: number } | null {
  const labels: string[] = [];
  const after = readName(packet, headerBytes, labels);
  // Nothing stands before the first name that it could refer to.
  if (after === null || after.referred || after.end + 4 > packet.length) return null;
  const type = ((packet[after.end] ?? 0) << 8) | (packet[after.end + 1] ?? 0);
  return { name: labels.join('.'), type, end: after.end + 4 };
}

/**
 * Bounded by the size of a name: each label makes it longer, and a reference, which ends it here, is not followed.
 * @returns null where there is no name
 */
function readName(packet: Uint8Array, start: number, labels: string[] | null): { readonly end: number; readonly referred: boolean } | null {
  for (let at = start; at - start < largestName;) {
    const length = packet[at];
    if (length === undefined) return null;
    if (length === 0) return { end: at + 1, referred: false };
    if (length >= 0xc0) return at + 2 > packet.length ? null : { end: at + 2, referred: true };
    const label = packet.subarray(at + 1, at + 1 + length);
    if (length > 63 || label.length < length) return null;
    labels?.push([...label].map(presentation).join(''));
    at += 1 + length;
  }
  return null;
}

/** RFC 1035, 5.1 */
function presentation(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[."()@;\\ ]/.test(character)) return `\\${character}`;
  return byte > 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, '0')}`;
}

/** What an OPT record says, 0 without one; null where the records are no records. */
function udpSizeOf(packet: Uint8Array, start: number, count: number): number | null {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  let [at, size] = [start, 0];
  for (let left = count; left > 0; left--) {
    const name = readName(packet, at, null);
    if (name === null || name.end + 10 > packet.length) return null;
    if (view.getUint16(name.end) === optRecord) size = view.getUint16(name.end + 2);
    at = name.end + 10 + view.getUint16(name.end + 8);
    if (at > packet.length) return null;
  }
  return size;
}

function header({
  id,
  flags,
  counts: [questions, answers],
}: {
  readonly id: number;
  readonly flags: number;
  readonly counts: readonly [number, number];
}): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of [id, flags, questions, answers].entries()) view.setUint16(index * 2, value);
  return bytes;
}

/** @param refers the name is that of the question, by reference */
function encodeRecord(
  { question, type }: Query,
  record: string,
  { timeToLive, refers }: { readonly timeToLive: number; readonly refers: boolean },
): Uint8Array {
  const name = refers ? Uint8Array.of(0xc0, headerBytes) : question.subarray(0, -4);
  const data = type === recordType.A || type === recordType.AAAA ? encodeAddress(record) : encodeName(record);
  const fixed = new Uint8Array(10);
  const view = new DataView(fixed.buffer);
  view.setUint16(0, type);
  view.setUint16(2, 1);
  view.setUint32(4, timeToLive);
  view.setUint16(8, data.length);
  return concatBytes([name, fixed, data]);
}

/** Whether it can be said in a packet. Names of containers and networks are ASCII. */
export function isWireName(name: string): boolean {
  return name.length <= largestName - 2 && name.split('.').every(({ length }) => length > 0 && length <= 63);
}

function encodeAddress(address: string): Uint8Array {
  const length = address.includes(':') ? 16 : 4;
  const number = addressNumber(address);
  return Uint8Array.from({ length }, (_, at) => Number((number >> BigInt(8 * (length - 1 - at))) & 255n));
}

function encodeName(name: string): Uint8Array {
  const labels = name.split('.');
  return concatBytes([
    ...labels.map((label) => Uint8Array.of(label.length, ...[...label].map((letter) => letter.charCodeAt(0) & 255))),
    Uint8Array.of(0),
  ]);
}

const total = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

function fitting(parts: readonly Uint8Array[], room: number): Uint8Array[] {
  let left = room;
  const end = parts.findIndex(({ length }) => (left -= length) < 0);
  return end < 0 ? [...parts] : parts.slice(0, end);
}
