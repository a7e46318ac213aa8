import { AppError } from '../../base/errors.ts';

/** How the bytes of a field end (protobuf: wire types). */
export const wireType = { varint: 0, fixed64: 1, length: 2, fixed32: 5 } as const;

const longestVarint = 10;

/** A field as it stands in the bytes: what it means the table says. */
export type RawField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly kind: 'length'; readonly value: Uint8Array }
  | { readonly number: number; readonly kind: 'fixed' };

/** Seven bits a byte, the lowest first; a negative number as the 64 bits of its two's complement. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** @throws AppError `invalid` for bytes that are no message */
export function* rawFields(bytes: Uint8Array): Generator<RawField> {
  const at = { offset: 0 };
  while (at.offset < bytes.length) {
    const key = readVarint(bytes, at);
    const number = Number(key >> 3n);
    if (number < 1 || number > 0x1fff_ffff) throw invalid(`${number} is no field's number`);
    switch (Number(key & 7n)) {
      case wireType.varint:
        yield { number, kind: 'varint', value: readVarint(bytes, at) };
        break;
      case wireType.length:
        yield { number, kind: 'length', value: take(bytes, at, Number(readVarint(bytes, at))) };
        break;
      case wireType.fixed64:
        take(bytes, at, 8);
        yield { number, kind: 'fixed' };
        break;
      case wireType.fixed32:
        take(bytes, at, 4);
        yield { number, kind: 'fixed' };
        break;
      default:
        throw invalid(`field ${number} is of the wire type ${key & 7n}`);
    }
  }
}

function readVarint(bytes: Uint8Array, at: { offset: number }): bigint {
  let value = 0n;
  for (let index = 0; index < longestVarint; index++) {
    const byte = bytes[at.offset];
    if (byte === undefined) throw invalid('a number is cut off');
    at.offset++;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw invalid('a number is longer than 64 bits');
}

function take(bytes: Uint8Array, at: { offset: number }, length: number): Uint8Array {
  if (length > bytes.length - at.offset) throw invalid('a field is longer than the message');
  const taken = bytes.subarray(at.offset, at.offset + length);
  at.offset += length;
  return taken;
}

export function invalid(what: string): AppError {
  return new AppError('invalid', `malformed build status: ${what}`);
}
