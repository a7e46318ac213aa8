/** Names that are nobody's outside (RFC 6761, 6762, 7686). */
const reserved: ReadonlySet<string> = new Set(['localhost', 'local', 'invalid', 'onion', 'arpa']);

/** Whether a name can be one of the world's: several labels of letters, digits, "-" and "_". @param name in lower case */
export function isOutsideName(name: string): boolean {
  const labels = name.split('.');
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || name.length > 253 || reserved.has(last) || /^\d+$/.test(last)) return false;
  return labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
}
