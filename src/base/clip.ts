import { fromUtf8, utf8 } from './bytes.ts';

/**
 * The first so many characters of a text, as a text of its own: a slice of a large one would keep all of it in memory for as long as the slice lives
 * (V8's sliced strings), which is what a log that truncates wants least. @param limit characters, the mark of what is missing ("…") not counted
 */
export function clip(text: string, limit: number): string {
  const copy = fromUtf8(utf8(text.slice(0, limit)));
  return text.length > limit ? `${copy}…` : copy;
}
