/** RFC 7230, token. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*/;
const parameter = /^\s*;\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[^"\\]|\\.)*")/;

/** What Go's mime.ParseMediaType makes of a Content-Type header. */
export function parseMediaType(header: string): { readonly type: string } | { readonly error: string } {
  const semicolon = header.indexOf(';');
  const type = (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase();
  const wrong = checkType(type);
  if (wrong !== '') return { error: `mime: ${wrong}` };
  let rest = semicolon < 0 ? '' : header.slice(semicolon);
  while (rest.replace(/^\s*;?\s*/, '') !== '') {
    const [found] = parameter.exec(rest) ?? [];
    if (found === undefined) return { error: 'mime: invalid media parameter' };
    rest = rest.slice(found.length);
  }
  return { type };
}

function checkType(text: string): string {
  const [main = ''] = token.exec(text) ?? [];
  if (main === '') return 'no media type';
  const behind = text.slice(main.length);
  if (behind === '') return '';
  if (!behind.startsWith('/')) return 'expected slash after first token';
  const [sub = ''] = token.exec(behind.slice(1)) ?? [];
  if (sub === '') return 'expected token after slash';
  return behind.length > sub.length + 1 ? 'unexpected content after media subtype' : '';
}
