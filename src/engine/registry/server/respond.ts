import { utf8 } from '../../../base/bytes.ts';
import type { HttpResponse } from '../../../protocol/http.ts';
import { RegistryError } from './errors.ts';

export type Headers = Readonly<Record<string, string>>;

export function empty(status: number, headers: Headers = {}): HttpResponse {
  return { status, headers, body: null };
}

export function json(value: unknown, headers: Headers = {}): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body: utf8(`${JSON.stringify(value)}\n`) };
}

/** Names of one answer of a list. */
const longestPage = 1000;

/**
 * One page of names (distribution-spec, "Listing Tags").
 * @param names sorted by code unit
 * @param path of the list, for the link to what follows
 * @throws RegistryError PAGINATION_NUMBER_INVALID
 */
export function page(
  names: readonly string[],
  query: URLSearchParams,
  path: string,
): { readonly names: readonly string[]; readonly headers: Headers } {
  const asked = query.get('n');
  if (asked !== null && !/^\d{1,9}$/.test(asked))
    throw new RegistryError('PAGINATION_NUMBER_INVALID', 'invalid number of results requested', { detail: { n: asked.slice(0, 32) } });
  const count = Math.min(asked === null ? longestPage : Number(asked), longestPage);
  const last = query.get('last');
  const rest = last === null ? names : names.filter((name) => name > last);
  const shown = rest.slice(0, count);
  const end = shown.at(-1);
  if (end === undefined || shown.length === rest.length) return { names: shown, headers: {} };
  return { names: shown, headers: { link: nextLink(path, { last: end, n: String(count) }) } };
}

/** RFC 8288. */
export function nextLink(path: string, query: Readonly<Record<string, string>>): string {
  return `<${path}?${new URLSearchParams(query).toString()}>; rel="next"`;
}
