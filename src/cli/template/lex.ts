import type { Steps } from '../../base/steps.ts';
import { goQuote } from '../../grammar/go-quote.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'string'
  | 'char'
  | 'number'
  | 'dot'
  | 'pipe'
  | 'lparen'
  | 'rparen'
  | 'comma'
  | 'assign'
  | 'declare'
  | 'other'
  | 'error'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Byte-like offset into the template (UTF-16 units; templates are ASCII in practice). */
  readonly at: number;
}

/** A template that Go would not parse, in Go's words. */
export class TemplateSyntaxError extends Error {}

/** The error names no template; `parse` does. */
export function syntaxError(source: string, at: number, message: string): TemplateSyntaxError {
  return new TemplateSyntaxError(`${source.slice(0, at).split('\n').length}: ${message}`);
}

const wordEnd = /[\s.,|:()]|\}\}|$/;

/** text/template/parse's lexer with the default delimiters; comments vanish, trim markers trim the text next to them. */
export function lex(source: string, steps: Steps): readonly Token[] {
  const tokens: Token[] = [];
  try {
    lexAll(source, tokens, steps);
  } catch (error) {
    // What comes before may be wrong in a way that the parser names first.
    if (!(error instanceof TemplateSyntaxError)) throw error;
    tokens.push({ kind: 'error', text: error.message, at: source.length });
  }
  return tokens;
}

function lexAll(source: string, tokens: Token[], steps: Steps): void {
  let at = 0;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const end = open === -1 ? source.length : open;
    steps.take(1 + end - at);
    let text = source.slice(at, end);
    const trimsBefore = open !== -1 && /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
    if (trimsBefore) text = text.trimEnd();
    if (text !== '') tokens.push({ kind: 'text', text, at });
    if (open === -1) break;
    at = lexAction(source, open, trimsBefore, { tokens, steps });
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
}

interface Lexed {
  readonly tokens: Token[];
  readonly steps: Steps;
}

/** @returns where the text after the action begins */
function lexAction(source: string, open: number, trimmed: boolean, { tokens, steps }: Lexed): number {
  let at = open + 2 + (trimmed ? 2 : 0);
  if (source.startsWith('/*', at)) return skipComment(source, at, steps);
  tokens.push({ kind: 'open', text: '{{', at: open });
  for (;;) {
    const trim = /^[ \t\r\n]-\}\}/.exec(source.slice(at, at + 4));
    if (trim !== null) {
      tokens.push({ kind: 'close', text: '}}', at: at + 2 });
      return skipSpace(source, at + 4, steps);
    }
    if (source.startsWith('}}', at)) {
      tokens.push({ kind: 'close', text: '}}', at });
      return at + 2;
    }
    if (at >= source.length) throw syntaxError(source, at, 'unclosed action');
    const token = lexInside(source, at);
    // Each of its characters is looked at a few times, and none after it.
    steps.take(1 + token.text.length);
    tokens.push(token);
    at += token.text.length;
  }
}

function skipComment(source: string, at: number, steps: Steps): number {
  const end = source.indexOf('*/', at);
  steps.take((end === -1 ? source.length : end) - at);
  if (end === -1) throw syntaxError(source, at, 'unclosed comment');
  const close = /^(?:\}\}|[ \t\r\n]-\}\})/.exec(source.slice(end + 2, end + 6));
  if (close === null) throw syntaxError(source, at, 'comment ends before closing delimiter');
  const after = end + 2 + close[0].length;
  return close[0].length > 2 ? skipSpace(source, after, steps) : after;
}

function skipSpace(source: string, at: number, steps: Steps): number {
  const end = at + (/^\s*/.exec(source.slice(at))?.[0].length ?? 0);
  steps.take(1 + end - at);
  return end;
}

const simple: readonly (readonly [RegExp, TokenKind])[] = [
  [/^[ \t\r\n]+?(?=[ \t\r\n]-\}\}|[^ \t\r\n]|$)/, 'space'],
  [/^:=/, 'declare'],
  [/^=/, 'assign'],
  [/^\|/, 'pipe'],
  [/^\(/, 'lparen'],
  [/^\)/, 'rparen'],
  [/^,/, 'comma'],
];

function lexInside(source: string, at: number): Token {
  const rest = source.slice(at);
  for (const [pattern, kind] of simple) {
    const match = pattern.exec(rest);
    if (match !== null) return { kind, text: match[0], at };
  }
  const first = rest.charAt(0);
  if (first === '"') return quoted(source, at, rest, /^"(?:[^"\\\n]|\\.)*"/, 'unterminated quoted string', 'string');
  if (first === '`') return quoted(source, at, rest, /^`[^`]*`/, 'unterminated raw quoted string', 'string');
  if (first === "'") return quoted(source, at, rest, /^'(?:[^'\\\n]|\\.)*'/, 'unterminated character constant', 'char');
  if (rest === '.') return { kind: 'number', text: rest, at };
  if (/^\.(?!\d)/.test(rest)) return dotted(source, at, rest, /^\.[\p{L}\p{N}_]*/u);
  if (first === '$') return dotted(source, at, rest, /^\$[\p{L}\p{N}_]*/u);
  if (/^[-+.\d]/.test(rest)) return number(source, at);
  const word = /^[\p{L}\p{N}_]+/u.exec(rest);
  if (word === null) {
    if (/[!-~]/.test(first)) return { kind: 'other', text: first, at };
    throw syntaxError(source, at, `unrecognized character in action: ${unicodeName(first)}`);
  }
  return terminated(source, { kind: 'identifier', text: word[0], at });
}

function quoted(source: string, at: number, rest: string, pattern: RegExp, complaint: string, kind: TokenKind): Token {
  const match = pattern.exec(rest);
  if (match === null) throw syntaxError(source, at, complaint);
  return { kind, text: match[0], at };
}

function dotted(source: string, at: number, rest: string, pattern: RegExp): Token {
  const text = pattern.exec(rest)?.[0] ?? rest.charAt(0);
  const kind = text.startsWith('$') ? 'variable' : text === '.' ? 'dot' : 'field';
  return kind === 'dot' ? { kind, text, at } : terminated(source, { kind, text, at });
}

function terminated(source: string, token: Token): Token {
  const after = token.at + token.text.length;
  if (!wordEnd.test(source.slice(after, after + 2) || ' ') || !startsWithEnd(source.slice(after))) {
    throw syntaxError(source, token.at, `bad character ${unicodeName(source.charAt(after))}`);
  }
  return token;
}

function startsWithEnd(rest: string): boolean {
  return rest === '' || /^(?:[\s.,|:()=]|\}\})/.test(rest);
}

/** scanNumber: what may be one; whether it is, the parser says. */
const numberSyntax =
  /[-+]?(?:0[xX][\da-fA-F_]*(?:\.[\da-fA-F_]*)?(?:[pP][-+]?[\d_]*)?|0[bB][01_]*|0[oO][0-7_]*|[\d_]*(?:\.[\d_]*)?(?:[eE][-+]?[\d_]*)?)/y;

function number(source: string, at: number): Token {
  numberSyntax.lastIndex = at;
  const text = numberSyntax.exec(source)?.[0] ?? '';
  const next = source.charAt(at + text.length);
  // A sign after a number would begin the second half of a complex one.
  if (/[\p{L}\p{N}_]/u.test(next) || (/[-+]/.test(next) && /[\d.]/.test(text)))
    throw syntaxError(source, at, `bad number syntax: ${goQuote(text + next)}`);
  return { kind: 'number', text, at };
}

function unicodeName(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code} '${character}'`;
}
