/** A text without the characters at its end that are in a set. A pattern for it (`/\0+$/`) would begin again at every one of them, wherever it stands. */
export function trimEndOf(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
