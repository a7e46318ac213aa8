/** strconv.Quote. @param ascii strconv.QuoteToASCII: what is beyond ASCII is escaped, too */
export function goQuote(text: string, ascii = false): string {
  let quoted = '"';
  for (const character of text) quoted += quoteCharacter(character, '"', ascii);
  return `${quoted}"`;
}

/** strconv.QuoteRune, or QuoteRuneToASCII. */
export function quoteRune(rune: number, ascii = false): string {
  return `'${quoteCharacter(String.fromCodePoint(rune), "'", ascii)}'`;
}

/** strconv.CanBackquote: a raw string of one line could hold it. */
export function canBackquote(text: string): boolean {
  return !/[\0-\x08\x0a-\x1f`\x7f\ufeff\ufffd]/.test(text);
}

/** strconv.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
export function isPrintable(character: string): boolean {
  return character === ' ' || !/[\p{C}\p{Z}]/u.test(character);
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function quoteCharacter(character: string, quote: string, ascii: boolean): string {
  if (character === quote) return `\\${quote}`;
  const known = escapes[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (ascii ? code > 0x7e : !isPrintable(character))
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  return character;
}
