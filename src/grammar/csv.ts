import { AppError } from '../base/errors.ts';
import type { Steps } from '../base/steps.ts';

/** The fields of one record, as encoding/csv reads it. @throws AppError invalid in its words */
export function csvFields(text: string, steps?: Steps): readonly string[] {
  if (text === '') throw new AppError('invalid', 'EOF');
  const fields: string[] = [];
  for (let at = 0; at <= text.length; at++) {
    steps?.take();
    const [field, end] = text.charAt(at) === '"' ? quotedField(text, at) : plainField(text, at);
    fields.push(field);
    steps?.take(end - at);
    at = end;
  }
  return fields;
}

/** @returns the field and where its comma is, or the end */
function plainField(text: string, start: number): [field: string, end: number] {
  const comma = text.indexOf(',', start);
  const end = comma === -1 ? text.length : comma;
  const quote = text.slice(start, end).indexOf('"');
  if (quote !== -1) throw parseError(start + quote, 'bare " in non-quoted-field');
  return [text.slice(start, end), end];
}

function quotedField(text: string, start: number): [field: string, end: number] {
  let at = start + 1;
  while (at < text.length && (text.charAt(at) !== '"' || text.charAt(at + 1) === '"')) at += text.charAt(at) === '"' ? 2 : 1;
  const end = at + 1;
  if (at >= text.length || (end < text.length && text.charAt(end) !== ',')) throw parseError(at, 'extraneous or missing " in quoted-field');
  return [text.slice(start + 1, at).replaceAll('""', '"'), end];
}

function parseError(at: number, what: string): AppError {
  return new AppError('invalid', `parse error on line 1, column ${at + 1}: ${what}`);
}
