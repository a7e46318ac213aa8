/** Languages in which checks speak. Each predicate has its own words (predicates/), in all of them. */
export const locales = ['en'] as const;
export type Locale = (typeof locales)[number];

/** What a leaf says in one language. `sentence` is a whole sentence for the learner; it never names the command. */
export interface Words {
  readonly expected: string;
  readonly actual: string;
  readonly sentence: string;
}

/** What is said around the words of the predicates, in one language. */
export interface Catalogue {
  readonly locale: Locale;
  /** Holds already and must go on holding. @param left milliseconds */
  held(words: Words, left: number): Words;
  /** What must not be so. @param ok whether it indeed is not so */
  not(words: Words, ok: boolean): Words;
  /** What a step builds on is not there. @param sentence what is missing @param needed titles of the steps that make it */
  lacking(sentence: string, needed: readonly string[]): string;
  /** Show me typed all of the solution, and the check does not hold. @param sentence what is missing */
  unproven(sentence: string): string;
  /** What a step begins with could not be put there. @param reason the engine's words */
  unprepared(reason: string): string;
  /** What show me left behind is all that there is. */
  leftover(): string;
}
