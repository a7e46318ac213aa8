/** The words of Go's scanner for text that is no JSON. @param thrown what this host's own parser said, which knows the place */
export function syntaxError(text: string, thrown: unknown): string {
  const at = placeOf(text, thrown instanceof Error ? thrown.message : '');
  const character = text[at];
  if (character === undefined) return 'unexpected EOF';
  const quoted = character === "'" ? String.raw`'\''` : `'${character}'`;
  return `invalid character ${quoted} ${expectedAt(text, at)}`;
}

function expectedAt(text: string, at: number): string {
  let last = at - 1;
  while (last >= 0 && ' \t\r\n'.includes(text[last] ?? '')) last -= 1;
  const before = text[last];
  if (before === '{') return 'looking for beginning of object key string';
  if (before === undefined || '[:,'.includes(before)) return 'looking for beginning of value';
  return '}]'.includes(before) ? 'after top-level value' : 'in literal or after value';
}

/** V8 tells the position, Gecko line and column; where neither is told the text stopped too early. */
function placeOf(text: string, message: string): number {
  const position = /position (\d{1,9})/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const [, line, column] = /line (\d{1,9}) column (\d{1,9})/.exec(message) ?? [];
  if (line === undefined || column === undefined) return text.length;
  let start = 0;
  for (let left = Number(line) - 1; left > 0; left -= 1) start = text.indexOf('\n', start) + 1;
  return start + Number(column) - 1;
}
