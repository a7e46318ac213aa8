import fc from 'fast-check';
import { Steps } from '../steps.ts';

const sizes = [256, 1024, 4096, 16_384];

/** A text of about so many characters that goes on in the same way however long it gets. */
export type GrowingText = (size: number) => string;

/**
 * Texts as attackers write them: a beginning, pieces repeated as often as the size says, and an end that makes what came before fail.
 * @param pieces that mean something to the parser
 */
export function growingTexts(pieces: readonly string[]): fc.Arbitrary<GrowingText> {
  const piece = fc.constantFrom(...pieces);
  const few = fc.array(piece, { maxLength: 3 }).map((chosen) => chosen.join(''));
  const repeated = fc.array(piece, { minLength: 1, maxLength: 4 }).map((chosen) => chosen.join(''));
  return fc
    .record({ head: few, middle: repeated, second: fc.oneof(fc.constant(''), repeated), tail: few })
    .map(({ head, middle, second, tail }) => {
      const grow: GrowingText = (size) => {
        const share = second === '' ? size : size / 2;
        const rest = second === '' ? '' : second.repeat(Math.ceil(share / second.length));
        return head + middle.repeat(Math.ceil(share / Math.max(1, middle.length))) + rest + tail;
      };
      return Object.assign(grow, { toString: () => JSON.stringify({ head, middle, second, tail }) });
    });
}

/**
 * Gives a parser the same hostile text in growing sizes and holds its steps against n log n; whether it takes or refuses the text is its own affair.
 * @param perCharacter steps allowed for each character and bit of the length
 */
export async function expectNearLinear(
  texts: fc.Arbitrary<GrowingText>,
  parse: (text: string, steps: Steps) => unknown,
  perCharacter = 4,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(texts, async (grow) => {
      for (const size of sizes) {
        const text = grow(size);
        const steps = new Steps();
        await Promise.resolve()
          .then(() => parse(text, steps))
          .catch(() => undefined);
        const allowed = perCharacter * (text.length + 16) * Math.log2(text.length + 16);
        if (steps.taken > allowed) throw new Error(`${steps.taken} steps for ${text.length} characters: ${String(grow)}`);
        if (steps.taken === 0 && text.length > 0) throw new Error(`not one step was counted: ${String(grow)}`);
      }
    }),
    { numRuns: 60, includeErrorInReport: true },
  );
}
