/** `npm run test:long` asks for the long version of each suite that has one. */
export const isLong = process.env['LONG'] === '1';

/** Of what a suite does at random; `SEED=…` repeats a run. */
export const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** mulberry32. @returns 0 to below 1, the same ones for the same seed */
export function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
