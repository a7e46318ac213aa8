import { concatBytes, utf8 } from '../../base/bytes.ts';

/** netlink(7), little-endian headers; numbers inside are in network order where nf_tables has them so. */
export const messageFlag = { request: 0x1, acknowledge: 0x4, echo: 0x8, create: 0x400, append: 0x800 } as const;

const headerBytes = 16;
const nested = 0x8000;
const errorType = 2;

/** struct nlmsghdr, then `body`. */
export function message(
  { type, flags, sequence }: { readonly type: number; readonly flags: number; readonly sequence: number },
  ...body: readonly Uint8Array[]
): Uint8Array {
  const all = concatBytes([new Uint8Array(headerBytes), ...body]);
  const view = new DataView(all.buffer);
  view.setUint32(0, all.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags | messageFlag.request, true);
  view.setUint32(8, sequence, true);
  return all;
}

/** struct nlattr with its padding. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(padded(4 + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

export function nest(type: number, ...inside: readonly Uint8Array[]): Uint8Array {
  return attribute(type | nested, concatBytes(inside));
}

/** With its NUL. */
export function text(type: number, value: string): Uint8Array {
  return attribute(type, utf8(`${value}\0`));
}

export function number32(type: number, value: number): Uint8Array {
  return attribute(type, bigEndian32(value));
}

/** In the machine's own order, as rtnetlink(7) has them. */
export function native32(type: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return attribute(type, bytes);
}

export function number64(type: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return attribute(type, bytes);
}

export function bigEndian32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function bigEndian16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value);
  return bytes;
}

export interface Received {
  readonly type: number;
  readonly sequence: number;
  /** Behind the header. */
  readonly body: Uint8Array;
}

/** What is cut short at the end is left out. */
export function messagesIn(bytes: Uint8Array): Received[] {
  const found: Received[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + headerBytes <= bytes.length;) {
    const size = view.getUint32(at, true);
    if (size < headerBytes || at + size > bytes.length) break;
    const body = bytes.subarray(at + headerBytes, at + size);
    found.push({ type: view.getUint16(at + 4, true), sequence: view.getUint32(at + 8, true), body });
    at += padded(size);
  }
  return found;
}

/** The attributes of a body, by type, without the mark of nests. The last of a type counts. */
export function attributesIn(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 4 <= bytes.length;) {
    const size = view.getUint16(at, true);
    if (size < 4 || at + size > bytes.length) break;
    found.set(view.getUint16(at + 2, true) & ~nested & 0xffff, bytes.subarray(at + 4, at + size));
    at += padded(size);
  }
  return found;
}

/** The first errno that the kernel answered with; 0 = none. */
export function errnoIn(received: readonly Received[]): number {
  for (const { type, body } of received) {
    if (type !== errorType || body.length < 4) continue;
    const error = new DataView(body.buffer, body.byteOffset).getInt32(0, true);
    if (error !== 0) return -error;
  }
  return 0;
}

function padded(size: number): number {
  return (size + 3) & ~3;
}
