import { utf8 } from '../../base/bytes.ts';
import { isPrintable } from '../../grammar/go-quote.ts';

/** text/template's HTMLEscapeString. */
export function htmlEscape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll("'", '&#39;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll('\0', '\ufffd');
}

const specials: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

/** text/template's JSEscapeString. */
export function jsEscape(text: string): string {
  return text.replaceAll(/[\\'"<>&=\0-\x1f\x80-\u{10ffff}]/gu, (character) => {
    const special = specials[character];
    if (special !== undefined) return special;
    if (character > '\x7f' && isPrintable(character)) return character;
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** url.QueryEscape. */
export function queryEscape(text: string): string {
  let escaped = '';
  for (const byte of utf8(text)) {
    const character = String.fromCharCode(byte);
    if (character === ' ') escaped += '+';
    else escaped += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
