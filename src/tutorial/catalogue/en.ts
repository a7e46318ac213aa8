import type { AnswerFinding, CountFinding, ExecFinding, Finding, Miss, ObjectFinding, PlaceFinding } from '../check/finding.ts';
import type { Catalogue, Words } from './catalogue.ts';
import { attributes, describe, fileClause, filePhrase, missClause, nounOf, relationText } from './en-fields.ts';
import { eventPhrase, eventWords, requestPhrase, requestWords } from './en-log.ts';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const plural = new Intl.PluralRules('en');
const list = new Intl.ListFormat('en', { type: 'conjunction' });
const seconds = new Intl.NumberFormat('en', { style: 'unit', unit: 'second', unitDisplay: 'long', maximumFractionDigits: 1 });

const actualOf = (miss: Miss): string => (miss.actual === null ? `no ${nounOf(miss.field)}` : `${nounOf(miss.field)} ${miss.actual}`);

function objectWords({ predicate, ok, wanted, subject, miss }: ObjectFinding): Words {
  const expected = describe(predicate, wanted);
  if (ok) return { expected, actual: subject ?? '', sentence: `There is ${expected}.` };
  if (subject === null || miss === null) {
    const telling = wanted.filter(({ field }) => field === 'name' || field === 'image');
    return {
      expected,
      actual: 'nothing like it',
      sentence: `There is no ${describe(predicate, telling.length > 0 ? telling : wanted, { article: false })}.`,
    };
  }
  const who =
    miss.field === 'name'
      ? describe(
          predicate,
          wanted.filter(({ field }) => field === 'image' || field === 'state'),
        )
      : subject;
  return { expected, actual: actualOf(miss), sentence: `There is ${who}, but ${missClause(miss)}.` };
}

const placeName = (where: string): string => (where === 'guest' ? 'the Docker host' : where.slice('container:'.length));

function fileWords({ ok, where, path, wanted, miss, absent }: PlaceFinding): Words {
  const told = wanted.filter(({ field }) => field !== 'exists' || wanted.length === 1);
  const expected = `${list.format(told.map(({ field, matcher }) => filePhrase(path, field, matcher)))} in ${placeName(where)}`;
  if (ok) return { expected, actual: expected, sentence: `There is ${expected}.` };
  if (absent || miss === null)
    return {
      expected,
      actual: `no ${placeName(where)}`,
      sentence: `There is no container ${placeName(where)} whose files could be looked at.`,
    };
  return { expected, actual: actualOf(miss), sentence: `${capital(fileClause(`the file ${path} in ${placeName(where)}`, miss))}.` };
}

function kernelWords({ ok, where, wanted, miss, absent }: PlaceFinding): Words {
  const name = placeName(where);
  const expected = `${name} ${attributes(wanted)}`;
  if (ok) return { expected, actual: expected, sentence: `The kernel has ${expected}.` };
  if (absent || miss === null)
    return { expected, actual: `no ${name}`, sentence: `There is no container ${name} that the kernel could be asked about.` };
  return { expected, actual: actualOf(miss), sentence: `The kernel says of ${name}: ${missClause(miss)}.` };
}

function execWords({ ok, argv, seen, miss }: ExecFinding): Words {
  const expected = `${argv.join(' ')} was executed`;
  if (ok) return { expected, actual: expected, sentence: `${expected}.` };
  if (!seen || miss === null)
    return { expected, actual: 'not executed', sentence: `In this step ${argv.join(' ')} has not been executed.` };
  return { expected, actual: actualOf(miss), sentence: `${expected}, but ${missClause(miss)}.` };
}

function answerWords({ ok, fact, relation, atLeast, given, why }: AnswerFinding): Words {
  const of = fact.container ?? fact.image ?? '';
  const what = `the ${nounOf(fact.field)} of ${of}`;
  const wanted = relation === 'equals' ? what : `the beginning of ${what}`;
  const expected = `the answer is ${wanted}`;
  const actual = given ?? 'no answer';
  if (ok) return { expected, actual, sentence: `${actual} is right.` };
  const sentences = {
    'nothing-given': 'The question is not answered yet.',
    'too-short': `That is too short to be sure: at least ${atLeast} characters are needed.`,
    wrong: `${actual} is not ${wanted}.`,
    'no-such-fact': `There is no ${of} that the answer could be compared with.`,
  } as const;
  return { expected, actual, sentence: sentences[why ?? 'wrong'] };
}

/** What is counted, in the number that goes with it. */
function counted(of: Finding, many: boolean): string {
  switch (of.predicate) {
    case 'container':
    case 'image':
    case 'network':
      return describe(of.predicate, of.wanted, { plural: many, article: false });
    case 'event':
      return `${many ? 'times' : 'time'} that ${eventPhrase(of)}`;
    case 'request':
      return `${many ? 'requests' : 'request'} to ${requestPhrase(of)}`;
    default:
      return many ? 'things' : 'thing';
  }
}

const isMany = (number: number): boolean => plural.select(number) !== 'one';

function countWords({ ok, of, found, relation, limit }: CountFinding): Words {
  const amount = relationText(relation === 'exactly' ? 'equal' : relation, String(limit));
  const expected = `${amount} ${counted(of, isMany(limit))}`;
  const there = `There ${isMany(found) ? 'are' : 'is'} ${found === 0 ? 'no' : found} ${counted(of, isMany(found))}`;
  return { expected, actual: String(found), sentence: ok ? `${there}.` : `${there}; ${amount} ${isMany(limit) ? 'are' : 'is'} wanted.` };
}

/** What is expected begins the item of a list. What the kernel and the exec log say begins with a name, which stays as it is. */
function asItem<T>(wordsOf: (finding: T) => Words): (finding: T) => Words {
  return (finding) => {
    const words = wordsOf(finding);
    return { ...words, expected: capital(words.expected) };
  };
}

/** "A container web" becomes "no container web". */
const negated = (expected: string): string =>
  /^an? /i.test(expected) ? expected.replace(/^an? /i, 'no ') : `not that ${expected.charAt(0).toLowerCase()}${expected.slice(1)}`;

export const english: Catalogue = {
  container: asItem(objectWords),
  image: asItem(objectWords),
  network: asItem(objectWords),
  file: asItem(fileWords),
  kernel: kernelWords,
  event: asItem(eventWords),
  request: asItem(requestWords),
  exec: execWords,
  answer: asItem(answerWords),
  count: asItem(countWords),
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
  leftover: () => 'What was shown to you is still there. Remove it, then do it yourself.',
};
