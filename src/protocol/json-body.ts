import { AppError } from '../base/errors.ts';
import type { Steps } from '../base/steps.ts';
import { NumberLiteral } from './engine-api/go-values.ts';
import { scanJson } from './json-syntax.ts';

/** encoding/json's own bound. */
const deepest = 10_000;
/** Anything but a plain whole number below 2^53 may hide behind one of these. */
const suspicious = /\d{16}|\d\.\d|\d[eE]/;

/** JSON as Go's encoder reads it: numbers that JavaScript would round stay as they are written. @throws AppError invalid */
export function decodeJson(text: string, steps?: Steps): unknown {
  steps?.take(text.length);
  checkDepth(text, steps);
  const value = parse(text, steps);
  if (!suspicious.test(text)) return value;
  return keepLiterals(text, value, steps);
}

/** The first value; behind it Go's decoder takes a closing bracket for its own end, and nothing else (json.Decoder, More). */
function parse(text: string, steps: Steps | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    steps?.take(text.length);
    const { end, error } = scanJson(text);
    if (error !== '') throw new AppError('invalid', `invalid JSON: ${error}`, { cause });
    if (!/^[\]}]/.test(text.slice(end).trimStart())) throw new AppError('invalid', 'unexpected content after JSON', { cause });
    return JSON.parse(text.slice(0, end));
  }
}

function checkDepth(text: string, steps: Steps | undefined): void {
  steps?.take(text.length);
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x5b || char === 0x7b) depth += 1;
    else if (char === 0x5d || char === 0x7d) depth -= 1;
    if (depth > deepest) throw new AppError('invalid', 'invalid JSON: exceeded max depth');
  }
}

type Holder = Record<string | number, unknown>;

/**
 * Puts a NumberLiteral in the place of every number that is more than a plain whole one below 2^53. JSON.parse has made the value, so the text is well
 * formed: this only walks both at the same time.
 */
function keepLiterals(text: string, value: unknown, steps: Steps | undefined): unknown {
  const token = /[[\]{},:]|"(?:[^"\\]|\\[^])*"|-?\d[\d.eE+-]*|true|false|null/g;
  const root: Holder = { value };
  const open: { readonly holder: Holder; key: string | number; readonly isList: boolean }[] = [
    { holder: root, key: 'value', isList: false },
  ];
  let expectsKey = false;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const [word] = found;
    const top = open.at(-1);
    if (top === undefined) break;
    steps?.take(word.length);
    switch (word[0]) {
      case '{':
      case '[': {
        const inner = Object.hasOwn(top.holder, top.key) ? top.holder[top.key] : undefined;
        open.push({ holder: isHolder(inner) ? inner : {}, key: 0, isList: word === '[' });
        expectsKey = word === '{';
        break;
      }
      case '}':
      case ']':
        open.pop();
        expectsKey = false;
        break;
      case ',':
        if (top.isList && typeof top.key === 'number') top.key += 1;
        expectsKey = !top.isList;
        break;
      case ':':
        expectsKey = false;
        break;
      case '"':
        if (expectsKey) top.key = String(JSON.parse(word));
        else keepLiteral(top, word);
        break;
      default:
        keepLiteral(top, word);
    }
  }
  return root['value'];
}

/** What was named before under the same key is what the last one says. */
function keepLiteral({ holder, key }: { readonly holder: Holder; readonly key: string | number }, word: string): void {
  if (!Object.hasOwn(holder, key)) return;
  const isLiteral = /^[-\d]/.test(word) && !isPlain(word);
  if (!isLiteral && !(holder[key] instanceof NumberLiteral)) return;
  const value: unknown = isLiteral ? new NumberLiteral(word) : JSON.parse(word);
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null && !(value instanceof NumberLiteral);
}

function isPlain(word: string): boolean {
  return /^-?\d{1,17}$/.test(word) && Number.isSafeInteger(Number(word));
}
