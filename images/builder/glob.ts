/** Path patterns: `*` matches within one component, `**` any number of them. */

function toPattern(glob: string): string {
  return glob
    .split('**')
    .map((part) => part.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replace(/\*/g, '[^/]*'))
    .join('.*');
}

/** A predicate over paths without a leading slash; a pattern also matches everything below what it names. */
export function matcher(globs: readonly string[]): (path: string) => boolean {
  if (globs.length === 0) return () => false;
  const pattern = new RegExp(`^(?:${globs.map(toPattern).join('|')})(?:/|$)`);
  return (path) => pattern.test(path);
}
