/** JSON with whole numbers beyond 2^53 as they are, bigints too: JavaScript writes 2 ** 60 as 1152921504606847000, which is another number. */
export function jsonText(value: unknown): string {
  const text = quickly(value);
  // Most have none, and a replacer is slow.
  if (text !== null && !/\d{16}/.test(text)) return text;
  // No text of the value begins like this: it would have to know what is drawn here.
  const mark = `int:${Math.random()}:`;
  const marked = JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' || (typeof item === 'number' && Number.isInteger(item) && !Number.isSafeInteger(item))
      ? `${mark}${BigInt(item)}`
      : item,
  );
  return marked
    .split(`"${mark}`)
    .map((part, index) => (index === 0 ? part : part.replace('"', '')))
    .join('');
}

/** null where there is a bigint in it, which JSON.stringify refuses. */
function quickly(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    if (thrown instanceof TypeError) return null;
    throw thrown;
  }
}
