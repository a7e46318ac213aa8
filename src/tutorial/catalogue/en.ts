import type { Catalogue } from './catalogue.ts';
import { capital } from './en-fields.ts';

const list = new Intl.ListFormat('en', { type: 'conjunction' });
const seconds = new Intl.NumberFormat('en', { style: 'unit', unit: 'second', unitDisplay: 'long', maximumFractionDigits: 1 });

/** "A container web" becomes "no container web". */
const negated = (expected: string): string =>
  /^an? /i.test(expected) ? expected.replace(/^an? /i, 'no ') : `not that ${expected.charAt(0).toLowerCase()}${expected.slice(1)}`;

export const english: Catalogue = {
  locale: 'en',
  held: (words, left) => ({
    ...words,
    sentence: `${words.sentence.replace(/\.$/, '')}; it has to stay so for ${seconds.format(Math.max(left, 100) / 1000)} more.`,
  }),
  not(words, ok) {
    const expected = negated(words.expected);
    return {
      expected: capital(expected),
      actual: words.actual,
      sentence: ok ? `As it should be: ${expected}.` : `It should be: ${expected}.`,
    };
  },
  lacking: (sentence, needed) =>
    `${sentence} This step builds on it${needed.length === 0 ? '' : `: do once more what ${list.format(needed.map((title) => `“${title}”`))} asks for`}.`,
  unproven: (sentence) =>
    `All was typed, but the step is not done.${sentence === '' ? '' : ` ${sentence}`} Put that right, then try again.`,
  unprepared: (reason) =>
    `What this step begins with could not be set up: ${reason.replace(/\.$/, '')}. Begin the step again to have it tried once more, or start the tutorial over.`,
  leftover: () => 'What was shown to you is still there. Remove it, then do it yourself.',
};
