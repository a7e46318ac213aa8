/** Words nearer than this many edits are taken for what was meant (moby/buildkit: util/suggest). */
const farthest = 3;
/** Longer ones are nobody's slip. */
const longest = 64;

/** The known word that differs least from what was written; null: none is near. @param cased capitals differ from small letters */
export function nearest(written: string, known: readonly string[], cased = false): string | null {
  if (written.length > longest) return null;
  let best: string | null = null;
  let least = farthest;
  for (const word of known) {
    const distance = cased ? editDistance(written, word) : editDistance(written.toLowerCase(), word.toLowerCase());
    if (distance < least) [best, least] = [word, distance];
  }
  return best;
}

/** Levenshtein's. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [at, against] of [...other].entries()) {
      const [left = 0, above = 0, corner = 0] = [next[at], row[at + 1], row[at]];
      next.push(Math.min(left + 1, above + 1, corner + (letter === against ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
