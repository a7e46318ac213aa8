import type { Vars } from './vars.ts';

/** `${NAME}`; `$${NAME}` stands for the text itself. */
const variable = /\$(\$?)\{([A-Z][A-Z0-9_]*)\}/g;

/** Names used in a text, in order. */
export function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(variable)].flatMap(([, escaped, name]) => (escaped === '' && name !== undefined ? [name] : []));
}

/** @param asText what becomes of a value before it stands in the text */
export function substituteText(text: string, vars: Vars, asText: (value: string) => string = (value) => value): string {
  return text.replace(variable, (whole, escaped: string, name: string) => {
    const value = vars[name];
    if (escaped !== '') return whole.slice(1);
    return value === undefined ? whole : asText(value);
  });
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** For text and attributes of HTML. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

/** Every text in a value, keys of objects too; the shape stays. */
export function substitute<T>(value: T, vars: Vars): T;
export function substitute(value: unknown, vars: Vars): unknown {
  if (typeof value === 'string') return substituteText(value, vars);
  if (Array.isArray(value)) return value.map((item: unknown) => substitute(item, vars));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [substituteText(key, vars), substitute<unknown>(item, vars)]));
}
