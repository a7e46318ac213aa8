/** What Go's decoder (encoding/json of Go 1.25 and newer) says of a text that is no JSON, in one pass. */

export interface Scanned {
  /** Behind the first value; -1 where there is none. */
  readonly end: number;
  /** '' where there is one. */
  readonly error: string;
}

const cutShort = 'unexpected EOF';
const blanks = ' \t\r\n';
const literals = ['true', 'false', 'null'];
const escapes = '"\\/bfnrt';

/** Finds the first value of a text. What is behind it is not looked at. */
export function scanJson(text: string): Scanned {
  const open: ('{' | '[')[] = [];
  let at = 0;
  let expects: 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'more' = 'value';
  const fail = (error: string): Scanned => ({ end: -1, error });
  for (;;) {
    while (at < text.length && blanks.includes(text.charAt(at))) at += 1;
    const char = text.charAt(at);
    if (char === '') return fail(cutShort);
    const wrong = (where: string): Scanned => fail(`invalid character ${quoted(text, at)} ${where}`);
    if ((expects === 'value or end' && char === ']') || (expects === 'key or end' && char === '}')) {
      open.pop();
      at += 1;
    } else if (expects === 'value' || expects === 'value or end') {
      if (char === '{' || char === '[') {
        open.push(char);
        expects = char === '{' ? 'key or end' : 'value or end';
        at += 1;
        continue;
      }
      const token = scanToken(text, at);
      if (token === null) return wrong('looking for beginning of value');
      if (token.error !== '') return token;
      at = token.end;
    } else if (expects === 'key' || expects === 'key or end') {
      if (char !== '"') return wrong('looking for beginning of object key string');
      const key = scanString(text, at);
      if (key.error !== '') return key;
      at = key.end;
      expects = 'colon';
      continue;
    } else if (expects === 'colon') {
      if (char !== ':') return wrong('after object key');
      at += 1;
      expects = 'value';
      continue;
    } else if (char === ',') {
      expects = open.at(-1) === '{' ? 'key' : 'value';
      at += 1;
      continue;
    } else if ((char === '}' && open.at(-1) === '{') || (char === ']' && open.at(-1) === '[')) {
      open.pop();
      at += 1;
    } else return wrong(open.at(-1) === '{' ? 'after object key:value pair' : 'after array element');
    if (open.length === 0) return { end: at, error: '' };
    expects = 'more';
  }
}

function scanToken(text: string, at: number): Scanned | null {
  const char = text.charAt(at);
  if (char === '"') return scanString(text, at);
  if (char === '-' || isDigit(char)) return scanNumber(text, at);
  const literal = literals.find((word) => word.startsWith(char));
  if (literal === undefined) return null;
  for (let index = 1; index < literal.length; index += 1) {
    if (at + index >= text.length) return { end: -1, error: cutShort };
    if (text.charAt(at + index) === literal.charAt(index)) continue;
    const expected = `in literal ${literal} (expecting '${literal.charAt(index)}')`;
    return { end: -1, error: `invalid character ${quoted(text, at + index)} ${expected}` };
  }
  return { end: at + literal.length, error: '' };
}

function scanString(text: string, start: number): Scanned {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') return { end: at + 1, error: '' };
    if (char < ' ') return { end: -1, error: `invalid character ${quoted(text, at)} in string` };
    if (char !== '\\') continue;
    const length = text.charAt(at + 1) === 'u' ? 6 : 2;
    const sequence = text.slice(at, at + length);
    const isGood = length === 6 ? /^\\u[0-9a-fA-F]{4}$/.test(sequence) : sequence.length === 2 && escapes.includes(sequence.charAt(1));
    if (!isGood && at + length > text.length) return { end: -1, error: cutShort };
    if (!isGood) return { end: -1, error: `invalid escape sequence \`${sequence}\` in string` };
    at += length - 1;
  }
  return { end: -1, error: cutShort };
}

function scanNumber(text: string, start: number): Scanned {
  let at = start;
  const digits = (): boolean => {
    const first = at;
    while (isDigit(text.charAt(at))) at += 1;
    return at > first;
  };
  const wrong = (): Scanned => ({
    end: -1,
    error: at >= text.length ? cutShort : `invalid character ${quoted(text, at)} in numeric literal`,
  });
  if (text.charAt(at) === '-') at += 1;
  if (text.charAt(at) === '0') at += 1;
  else if (!digits()) return wrong();
  if (text.charAt(at) === '.') {
    at += 1;
    if (!digits()) return wrong();
  }
  if (text.charAt(at) === 'e' || text.charAt(at) === 'E') {
    at += 1;
    if (text.charAt(at) === '+' || text.charAt(at) === '-') at += 1;
    if (!digits()) return wrong();
  }
  return { end: at, error: '' };
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}

const named: ReadonlyMap<string, string> = new Map([
  ["'", "\\'"],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\v', '\\v'],
  ['\u0007', '\\a'],
]);

/** One character in Go's single quotes (strconv.QuoteRune). */
function quoted(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  const char = String.fromCodePoint(code);
  const known = named.get(char);
  if (known !== undefined) return `'${known}'`;
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) return `'${char}'`;
  const hex = code.toString(16);
  return code < 0x80 ? `'\\x${hex.padStart(2, '0')}'` : code > 0xffff ? `'\\U${hex.padStart(8, '0')}'` : `'\\u${hex.padStart(4, '0')}'`;
}
