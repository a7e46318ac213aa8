type Read = (offset: number, count: number) => Uint8Array | Promise<Uint8Array>;

/**
 * Reads a sparse file of an archive as the file it is.
 * @param extents offset and size, in turn, of what is there, in order
 * @param read of what is there, one behind the other
 */
export function readSparse(extents: Float64Array, size: number, read: Read): Read {
  const starts = startsOf(extents);
  return async (offset, count) => {
    const end = Math.min(size, offset + count);
    const bytes = new Uint8Array(Math.max(0, end - offset));
    for (let index = firstBehind(extents, offset); (extents[2 * index] ?? end) < end; index += 1) {
      const [begin = 0, length = 0] = extents.subarray(2 * index, 2 * index + 2);
      const [from, to] = [Math.max(begin, offset), Math.min(begin + length, end)];
      for (let at = from; at < to;) {
        const piece = await read((starts[index] ?? 0) + at - begin, to - at);
        if (piece.length === 0) return bytes.subarray(0, at - offset);
        bytes.set(piece, at - offset);
        at += piece.length;
      }
    }
    return bytes;
  };
}

/** Where the bytes of each extent begin. */
function startsOf(extents: Float64Array): Float64Array {
  const starts = new Float64Array(extents.length / 2);
  for (let index = 1; index < starts.length; index += 1) starts[index] = (starts[index - 1] ?? 0) + (extents[2 * index - 1] ?? 0);
  return starts;
}

/** The first extent that ends behind an offset. */
function firstBehind(extents: Float64Array, offset: number): number {
  let [low, high] = [0, extents.length / 2];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((extents[2 * middle] ?? 0) + (extents[2 * middle + 1] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
