/**
 * Made when first asked for, then kept. Schemas are: what only checks facts need not load zod, and a bundle leaves them out (the call is
 * marked as pure, so that it may).
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
