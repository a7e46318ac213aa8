import { fromUtf8, utf8 } from '../base/bytes.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Text as Go's base64.StdEncoding. */
export function encodeBase64(text: string): string {
  return encodeBase64Bytes(utf8(text));
}

/** RFC 4648, 4. */
export function encodeBase64Bytes(bytes: Uint8Array): string {
  let encoded = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit < 4; digit += 1) encoded += digit > left ? '=' : (alphabet[(bits >> (18 - 6 * digit)) & 63] ?? '');
  }
  return encoded;
}

/** Base64 with or without what fills it up, as text; what is no digit ends it. */
export function decodeBase64(text: string): string {
  return fromUtf8(decodeBase64Bytes(text));
}

export function decodeBase64Bytes(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) break;
    bits = ((bits << 6) | digit) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 0xff);
  }
  return Uint8Array.from(bytes);
}
