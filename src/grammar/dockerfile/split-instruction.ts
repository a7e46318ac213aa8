/** An instruction's line in its parts (moby/buildkit: frontend/dockerfile/parser, split_command.go and line_parsers.go). */
import { AppError } from '../../base/errors.ts';
import { goQuote } from '../go-quote.ts';

export interface SplitInstruction {
  readonly keyword: string;
  readonly flags: readonly string[];
  readonly rest: string;
}

const space = /\s/;

/** Name, flags and what is behind. Quotes and backslashes are taken off flags, and nothing else. */
export function splitInstruction(line: string): SplitInstruction {
  const trimmed = line.trim();
  const end = trimmed.search(/[\t\v\f\r ]/);
  if (end < 0) return { keyword: trimmed, flags: [], rest: '' };
  const { flags, rest } = leadingFlags(trimmed.slice(end));
  return { keyword: trimmed.slice(0, end), flags, rest: rest.trim() };
}

/** Words that begin with "--", up to one that does not, or to "--" by itself. */
function leadingFlags(text: string): { readonly flags: readonly string[]; readonly rest: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && space.test(text.charAt(at))) at += 1;
    if (!text.startsWith('--', at)) return { flags, rest: text.slice(at) };
    const { word, end } = flagAt(text, at);
    at = end;
    if (word === '--') return { flags, rest: text.slice(at) };
    flags.push(word);
  }
}

function flagAt(text: string, from: number): { readonly word: string; readonly end: number } {
  let word = '';
  let quote = '';
  let at = from;
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && space.test(character)) break;
    if (character === '\\') word += text.charAt((at += 1));
    else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else word += character;
  }
  return { word, end: at };
}

/** Blanks outside of quotes part words; quotes and escapes stay, for `expandWord`. @param escape the file's escape character */
export function splitWords(text: string, escape = '\\'): readonly string[] {
  const words: string[] = [];
  let start = -1;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && space.test(character)) {
      if (start >= 0) words.push(text.slice(start, at));
      start = -1;
      continue;
    }
    if (start < 0) start = at;
    if (character === escape && quote !== "'") at += 1;
    else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
  }
  if (start >= 0) words.push(text.slice(start));
  return words;
}

/** Of a JSON list the strings; null: it is none. @throws AppError invalid: a list of something else */
export function jsonWords(text: string): readonly string[] | null {
  if (!text.startsWith('[')) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  if (value.every((each) => typeof each === 'string')) return value;
  throw new AppError('invalid', 'when using JSON array syntax, arrays must be comprised of strings only');
}

/** A JSON list's strings, or what blanks part. */
export function jsonOrBlankWords(text: string): readonly string[] {
  return jsonWords(text) ?? (text === '' ? [] : text.split(/[\t\v\f\r ]+/));
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** @param legacy KEY VALUE, where the value is the rest of the line */
export interface KeyValues {
  readonly pairs: readonly KeyValue[];
  readonly legacy: boolean;
}

/** Of ENV and LABEL: KEY=VALUE words, or the older KEY VALUE; quotes stay. @throws AppError invalid */
export function keyValues(name: string, rest: string, escape = '\\'): KeyValues {
  const words = splitWords(rest, escape);
  const [first] = words;
  if (first === undefined) return { pairs: [], legacy: false };
  if (!first.includes('=')) return { pairs: [legacyPair(name, rest)], legacy: true };
  const pairs = words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0) throw new AppError('invalid', `Syntax error - can't find = in ${goQuote(word)}. Must be of the form: name=value`);
    return { key: word.slice(0, equals), value: word.slice(equals + 1) };
  });
  return { pairs, legacy: false };
}

function legacyPair(name: string, rest: string): KeyValue {
  const end = rest.search(/[\t\v\f\r ]/);
  if (end < 0) throw new AppError('invalid', `${name} must have two arguments`);
  return { key: rest.slice(0, end), value: rest.slice(end).replace(/^[\t\v\f\r ]+/, '') };
}

const listed = /^(RUN|CMD|ENTRYPOINT|SHELL|VOLUME|ADD|COPY)$/;

/** What is wrong with a line before anybody asks what its instruction means: BuildKit's parser looks first. @throws AppError invalid */
export function checkSyntax(name: string, rest: string, escape: string): void {
  if (name === 'ENV' || name === 'LABEL') keyValues(name, rest, escape);
  else if (listed.test(name)) jsonWords(rest);
  else if (name === 'HEALTHCHECK') jsonWords(rest.replace(/^\S+\s*/, ''));
  else if (name === 'ONBUILD') {
    const { keyword, rest: behind } = splitInstruction(rest);
    if (keyword.toUpperCase() !== 'ONBUILD') checkSyntax(keyword.toUpperCase(), behind, escape);
  }
}
