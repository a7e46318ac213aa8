import type { Steps } from '../base/steps.ts';

/** JSON as text gives it: whole numbers beyond 2^53 stay exact as bigint (timeNano, memory limits). */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Throws SyntaxError. */
export function parseJson(text: string, steps?: Steps): Json {
  const reader = new Reader(text, steps);
  const value = reader.value();
  reader.end();
  return value;
}

/** Lists and objects within each other: far beyond what an engine answers, far from the end of the stack. */
const deepest = 512;

class Reader {
  readonly #text: string;
  readonly #steps: Steps | undefined;
  #at = 0;
  #depth = 0;

  constructor(text: string, steps: Steps | undefined) {
    this.#text = text;
    this.#steps = steps;
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#error();
  }

  value(): Json {
    this.#steps?.take();
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      default:
        return this.#word();
    }
  }

  #object(): JsonObject {
    // Object.create(null)-like safety for "__proto__" keys, without losing insertion order.
    const entries: [string, Json][] = [];
    this.#list('}', () => {
      const name = this.#string();
      this.#expect(':');
      entries.push([name, this.value()]);
    });
    return Object.fromEntries(entries);
  }

  #array(): readonly Json[] {
    const items: Json[] = [];
    this.#list(']', () => items.push(this.value()));
    return items;
  }

  #list(close: string, item: () => void): void {
    if (++this.#depth > deepest) throw new SyntaxError('exceeded max depth');
    this.#items(close, item);
    this.#depth--;
  }

  #items(close: string, item: () => void): void {
    this.#at++;
    this.#skipSpace();
    if (this.#text[this.#at] === close) {
      this.#at++;
      return;
    }
    for (;;) {
      this.#skipSpace();
      item();
      this.#skipSpace();
      const next = this.#text[this.#at++];
      if (next === close) return;
      if (next !== ',') throw this.#error();
    }
  }

  #expect(character: string): void {
    this.#skipSpace();
    if (this.#text[this.#at++] !== character) throw this.#error();
  }

  #string(): string {
    if (this.#text[this.#at] !== '"') throw this.#error();
    const end = stringEnd(this.#text, this.#at, this.#steps);
    if (end === -1) throw this.#error();
    const literal = this.#text.slice(this.#at, end);
    this.#at = end;
    const text: unknown = JSON.parse(literal);
    if (typeof text !== 'string') throw this.#error();
    // Half a character is none: Go reads U+FFFD.
    return literal.includes('\\u') ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
  }

  #word(): Json {
    const match = /^(?:true|false|null|-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?)/.exec(this.#text.slice(this.#at, this.#at + 400));
    if (match === null) throw this.#error();
    this.#at += match[0].length;
    this.#steps?.take(match[0].length);
    if (match[0] === 'null') return null;
    if (match[0] === 'true') return true;
    if (match[0] === 'false') return false;
    const number = Number(match[0]);
    // Beyond float64: nothing here could hold it, and Go refuses it.
    if (!Number.isFinite(number)) throw this.#error();
    return match[1] === undefined && match[2] === undefined && !Number.isSafeInteger(number) ? BigInt(match[0]) : number;
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '.')) {
      this.#at++;
      this.#steps?.take();
    }
  }

  #error(): SyntaxError {
    return new SyntaxError(`bad JSON at ${this.#at}`);
  }
}

/** Where the string literal that begins at `start` ends (past its quote), or -1. */
function stringEnd(text: string, start: number, steps?: Steps): number {
  for (let at = start + 1; at < text.length; at++) {
    steps?.take();
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"') return at + 1;
  }
  return -1;
}

/** Go's json.Indent: the same tokens in the same order, on lines of their own. Throws SyntaxError. */
export function indentJson(text: string, step: string, prefix = ''): string {
  // What is no JSON has no depth to indent by, and strings without an end.
  parseJson(text);
  let out = '';
  let depth = 0;
  const newline = (): string => `\n${prefix}${step.repeat(depth)}`;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') {
      const end = stringEnd(text, at);
      out += text.slice(at, end);
      at = end - 1;
    } else if (character === '{' || character === '[') {
      const close = /^\s*[}\]]/.exec(text.slice(at + 1, at + 64))?.[0];
      if (close !== undefined) {
        out += character + close.trim();
        at += close.length;
      } else {
        depth++;
        out += character + newline();
      }
    } else if (character === '}' || character === ']') {
      depth--;
      out += newline() + character;
    } else if (character === ',') out += character + newline();
    else if (character === ':') out += ': ';
    else if (!' \t\r\n'.includes(character)) out += character;
  }
  return out;
}

/** A lenient look into an answer, as Go decodes into a struct: what is absent, null or of another type is the zero value. */
export class JsonView {
  readonly json: Json;

  constructor(json: Json) {
    this.json = json;
  }

  get(name: string): JsonView {
    // Not what every object has from its prototype (`constructor`).
    return new JsonView(isObject(this.json) && Object.hasOwn(this.json, name) ? (this.json[name] ?? null) : null);
  }

  string(name: string): string {
    const value = this.get(name).json;
    return typeof value === 'string' ? value : '';
  }

  number(name: string): number {
    const value = this.get(name).json;
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 0;
  }

  bigint(name: string): bigint {
    const value = this.get(name).json;
    if (typeof value === 'bigint') return value;
    return typeof value === 'number' ? BigInt(Math.trunc(value)) : 0n;
  }

  bool(name: string): boolean {
    return this.get(name).json === true;
  }

  list(name: string): readonly JsonView[] {
    return this.get(name).items();
  }

  strings(name: string): readonly string[] {
    return this.list(name).flatMap((item) => (typeof item.json === 'string' ? [item.json] : []));
  }

  items(): readonly JsonView[] {
    return Array.isArray(this.json) ? this.json.map((item: Json) => new JsonView(item)) : [];
  }

  /** Sorted by name, as Go prints maps. */
  entries(name: string): readonly (readonly [string, JsonView])[] {
    const value = this.get(name).json;
    if (!isObject(value)) return [];
    return Object.keys(value)
      .sort()
      .map((key) => [key, new JsonView(value[key] ?? null)] as const);
  }

  /** A map of strings. */
  labels(name: string): readonly (readonly [string, string])[] {
    return this.entries(name).map(([key, value]) => [key, typeof value.json === 'string' ? value.json : ''] as const);
  }

  get isNull(): boolean {
    return this.json === null;
  }
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Go's json.Compact: without the spaces between tokens. Throws SyntaxError. */
export function compactJson(text: string): string {
  parseJson(text);
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') {
      const end = stringEnd(text, at);
      out += text.slice(at, end);
      at = end - 1;
    } else if (!' \t\r\n'.includes(character)) out += character;
  }
  return out;
}

/** JSON.stringify with whole numbers in all their digits: 2^63 is no 9.2e18 to a reader of integers. */
export function writeJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isInteger(value)) return String(BigInt(value));
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(',')}}`;
}
