/** Compares as the UTF-8 of both is compared (strcmp), which is not the order of UTF-16. Negative, 0 or positive. */
export function inByteOrder(one: string, other: string): number {
  let at = 0;
  while (at < one.length && at < other.length && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  return (one.codePointAt(at) ?? -1) - (other.codePointAt(at) ?? -1);
}
