import type { EventFinding, Finding, Miss, ObjectFinding, PlaceFinding, Want } from '../check/finding.ts';
import type { Catalogue, Words } from './catalogue.ts';
import { fileClause, filePhrase, missClause, relationText, wantList, wantPhrase } from './en-fields.ts';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const list = new Intl.ListFormat('en', { type: 'conjunction' });
const plural = new Intl.PluralRules('en');

function actualOf(miss: Miss | null): string {
  return miss === null ? 'nothing like it' : miss.actual === null ? `no ${miss.field}` : `${miss.field} ${miss.actual}`;
}

const nouns = { container: 'container', image: 'image', network: 'network' } as const;

/** "a container named web, running". An image or a network is called by its name. */
function objectPhrase({ predicate, wanted }: Pick<ObjectFinding, 'predicate' | 'wanted'>): string {
  const noun = nouns[predicate];
  return `${noun === 'image' ? 'an' : 'a'} ${noun}${wanted.length === 0 ? '' : ` ${wantList(wanted)}`}`;
}

function objectWords(finding: ObjectFinding): Words {
  const expected = objectPhrase(finding);
  if (finding.ok) return { expected, actual: finding.subject ?? '', sentence: `${finding.subject ?? ''} is there: ${wantList(finding.wanted)}.` };
  if (finding.subject === null || finding.miss === null) return { expected, actual: 'nothing like it', sentence: absentSentence(finding) };
  return { expected, actual: actualOf(finding.miss), sentence: `${finding.subject} is there, but ${missClause(finding.miss)}.` };
}

/** Names what would tell the object from others: name and image. */
function absentSentence({ predicate, wanted }: ObjectFinding): string {
  const telling = wanted.filter(({ field }) => field === 'name' || field === 'image');
  return `There is no ${nouns[predicate]} ${wantList(telling.length > 0 ? telling : wanted)} yet.`;
}

const placeName = (where: string): string => (where === 'guest' ? 'the Docker host' : where.slice('container:'.length));

function fileWords({ ok, where, path, wanted, miss, absent }: PlaceFinding): Words {
  const expected = wanted.map(({ field, matcher }) => filePhrase(`file ${path}`, field, matcher)).join(', ');
  const file = `${path} in ${placeName(where)}`;
  if (ok) return { expected, actual: expected, sentence: `${file} is as it should be.` };
  if (absent || miss === null) return { expected, actual: `no ${where}`, sentence: `There is no container ${placeName(where)} whose files could be looked at.` };
  return { expected, actual: actualOf(miss), sentence: `${capital(fileClause(file, miss))}.` };
}

function kernelWords({ ok, where, wanted, miss, absent }: PlaceFinding): Words {
  const name = placeName(where);
  const expected = `${name}: ${wantList(wanted)}`;
  if (ok) return { expected, actual: expected, sentence: `The kernel agrees about ${expected}.` };
  if (absent || miss === null) return { expected, actual: `no ${where}`, sentence: `There is no container ${name} that the kernel could be asked about.` };
  return { expected, actual: actualOf(miss), sentence: `The kernel says of ${name}: ${missClause(miss)}.` };
}

/** What an object went through, in words. */
const deeds: Readonly<Record<string, string>> = {
  'container create': 'was created',
  'container start': 'was started',
  'container die': 'ended',
  'container destroy': 'was removed',
  'container stop': 'was stopped',
  'container kill': 'was sent a signal',
  'container oom': 'ran out of memory',
  'container pause': 'was paused',
  'container unpause': 'went on after a pause',
  'container exec_create': 'was given another process',
  'image pull': 'was pulled',
  'image tag': 'was tagged',
  'image delete': 'was deleted',
};

const deed = (type: string, action: string): string => deeds[`${type} ${action}`] ?? `had the event ${action}`;

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a');

/** Name and image tell which object is meant; the rest tells how it went. */
const isTelling = ({ field }: Want): boolean => field === 'name' || field === 'image';

function eventNoun({ type, stages }: Pick<EventFinding, 'type' | 'stages'>): string {
  const telling = stages[0]?.wanted.filter(isTelling) ?? [];
  return telling.length === 0 ? type : `${type} ${wantList(telling)}`;
}

function eventPhrase(finding: Pick<EventFinding, 'type' | 'stages'>): string {
  const stages = finding.stages.map(({ action, wanted }) => [deed(finding.type, action), ...wanted.filter((want) => !isTelling(want)).map(wantPhrase)].join(', '));
  return `${eventNoun(finding)} that ${list.format(stages)}`;
}

function eventWords(finding: EventFinding): Words {
  const expected = `${article(finding.type)} ${eventPhrase(finding)}`;
  const stage = finding.stages[finding.reached];
  if (finding.ok || stage === undefined) return { expected, actual: finding.subject ?? '', sentence: `${capital(article(finding.type))} ${eventPhrase(finding)} was seen.` };
  const next = deed(finding.type, stage.action);
  if (finding.miss !== null) return { expected, actual: actualOf(finding.miss), sentence: `${finding.subject ?? capital(finding.type)} ${next}, but ${missClause(finding.miss)}.` };
  if (finding.reached > 0) {
    const before = deed(finding.type, finding.stages[finding.reached - 1]?.action ?? '');
    return { expected, actual: before, sentence: `${finding.subject ?? capital(finding.type)} ${before}; what is missing is that it ${next}.` };
  }
  return { expected, actual: 'no such event', sentence: `Since this step began, no ${eventNoun(finding)} ${next}.` };
}

/** What a request asks for, in words. */
const errands: Readonly<Record<string, string>> = {
  'GET /version': 'tell its version',
  'GET /info': 'tell about itself',
  'GET /containers/json': 'list containers',
  'GET /images/json': 'list images',
  'POST /containers/create': 'create a container',
};

const errandOfOne: readonly (readonly [RegExp, string])[] = [
  [/^GET \/containers\/([^/]+)\/json$/, 'describe'],
  [/^GET \/containers\/([^/]+)\/logs$/, 'give the logs of'],
  [/^GET \/containers\/([^/]+)\/top$/, 'list the processes of'],
  [/^POST \/containers\/([^/]+)\/start$/, 'start'],
  [/^POST \/containers\/([^/]+)\/stop$/, 'stop'],
  [/^POST \/containers\/([^/]+)\/kill$/, 'send a signal to'],
  [/^POST \/containers\/([^/]+)\/exec$/, 'run another process in'],
  [/^DELETE \/containers\/([^/]+)$/, 'remove'],
];

function errand(method: string, path: string): string {
  const request = `${method} ${path}`;
  for (const [pattern, verb] of errandOfOne) {
    const segment = pattern.exec(request)?.[1];
    if (segment !== undefined) return `${verb} ${segment === '*' ? 'a container' : segment.replace(/^\{|\}$/g, '')}`;
  }
  return errands[request] ?? `answer ${request}`;
}

/** Parameters whose name says little. */
const parameters: Readonly<Record<string, string>> = {
  'GET /containers/json query.all': 'stopped ones included',
};

function requestPhrase(method: string, path: string, wanted: readonly Want[]): string {
  const details = wanted.map((want) => {
    const said = want.matcher === true ? parameters[`${method} ${path} ${want.field}`] : undefined;
    return said ?? (want.field === 'status' ? `answer ${wantPhrase(want).replace(/^status /, '')}` : wantPhrase(want));
  });
  return [errand(method, path), ...details].join(', ');
}

function requestMiss(method: string, path: string, { field, relation, expected, actual }: Miss): string {
  if (field === 'status') return `it answered ${actual ?? 'nothing'}, not ${relation === 'at-most' ? 'with success' : relationText(relation, expected)}`;
  if (field === 'closedBy') return actual === null ? 'that answer has not ended yet' : `the answer was ended by the ${actual}`;
  if (field === 'transport') return `it came by ${actual ?? 'another way'}, not by ${relationText(relation, expected)}`;
  const said = expected === 'true' ? parameters[`${method} ${path} ${field}`] : undefined;
  if (said !== undefined) return `not with ${said}`;
  const name = field.replace(/^query\./, '');
  return actual === null ? `without ${name}=${expected}` : `with ${name}=${actual}, not ${relationText(relation, expected)}`;
}

/** A noun in the plural for counting. */
function countNoun(of: Finding): string {
  switch (of.predicate) {
    case 'container':
    case 'image':
    case 'network':
      return `${nouns[of.predicate]}s ${wantList(of.wanted)}`.trimEnd();
    case 'event':
      return `times a ${eventPhrase(of)}`;
    case 'request':
      return `requests to ${requestPhrase(of.method, of.path, of.wanted)}`;
    default:
      return 'things';
  }
}

const ids: Readonly<Record<string, string>> = { id: 'id', pid: 'process id', exitCode: 'exit code' };

export const english: Catalogue = {
  locale: 'en',
  container: objectWords,
  image: objectWords,
  network: objectWords,
  file: fileWords,
  kernel: kernelWords,
  event: eventWords,
  request({ ok, method, path, wanted, seen, miss }) {
    const phrase = requestPhrase(method, path, wanted);
    const expected = `the engine asked to ${phrase}`;
    if (ok) return { expected, actual: expected, sentence: `The engine was asked to ${phrase}.` };
    if (!seen || miss === null) return { expected, actual: 'no such request', sentence: `Since this step began, the engine was not asked to ${phrase}.` };
    return { expected, actual: actualOf(miss), sentence: `The engine was asked to ${errand(method, path)}, but ${requestMiss(method, path, miss)}.` };
  },
  exec({ ok, argv, seen, miss }) {
    const expected = `${argv.join(' ')} executed`;
    if (ok) return { expected, actual: expected, sentence: `${argv.join(' ')} was executed.` };
    if (!seen || miss === null) return { expected, actual: 'not executed', sentence: `Since this step began, ${argv[0] ?? ''} was not executed that way.` };
    return { expected, actual: actualOf(miss), sentence: `${argv[0] ?? ''} was executed, but ${missClause(miss)}.` };
  },
  answer({ ok, fact, relation, atLeast, given, why }) {
    const what = `the ${ids[fact.field] ?? fact.field} of ${fact.container ?? fact.image ?? ''}`;
    const expected = relation === 'equals' ? what : `the beginning of ${what}`;
    const actual = given ?? 'no answer';
    if (ok) return { expected, actual, sentence: `${actual} is right.` };
    const sentences = {
      'nothing-given': 'The question is not answered yet.',
      'too-short': `That is too short to tell: give at least ${atLeast} characters.`,
      wrong: `${actual} is not ${expected}.`,
      'no-such-fact': `There is no ${fact.container ?? fact.image ?? 'such thing'} to compare the answer with.`,
    } as const;
    return { expected, actual, sentence: sentences[why ?? 'wrong'] };
  },
  count({ ok, of, found, relation, limit }) {
    const noun = countNoun(of);
    const amount = relation === 'exactly' ? String(limit) : relationText(relation, String(limit));
    const expected = `${amount} ${noun}`;
    const verb = plural.select(found) === 'one' ? 'is' : 'are';
    const said = found === 0 ? 'none' : String(found);
    return { expected, actual: String(found), sentence: ok ? `${capital(noun)}: ${found}, as it should be.` : `Of ${noun}, there ${verb} ${said}; there should be ${amount}.` };
  },
  held(words, left) {
    const seconds = new Intl.NumberFormat('en', { style: 'unit', unit: 'second', unitDisplay: 'long', maximumFractionDigits: 1 }).format(Math.max(left, 100) / 1000);
    return { ...words, sentence: `${words.sentence.replace(/\.$/, '')}; it has to stay so for ${seconds} more.` };
  },
  not(words, ok) {
    const expected = `not ${words.expected}`;
    return { expected, actual: words.actual, sentence: ok ? `As it should be, there is not ${words.expected}.` : `This should not be so: ${words.sentence}` };
  },
};

