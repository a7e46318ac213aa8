import type { Miss, ObjectFinding, Want } from '../check/finding.ts';
import type { RelationWord } from '../check/match.ts';
import type { Matcher } from '../format/matcher.ts';
import { familiarReference } from '../references.ts';
import type { Words } from './catalogue.ts';

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What a field is called in a sentence. */
const nouns: Readonly<Record<string, string>> = {
  exitCode: 'exit code',
  pid: 'process id',
  startedAt: 'start time',
  restartCount: 'number of restarts',
  workingDir: 'working directory',
  hostname: 'host name',
  memory: 'memory limit',
  memorySwap: 'memory and swap limit',
  cpus: 'CPU limit',
  pidsLimit: 'process limit',
  capAdd: 'list of added capabilities',
  capDrop: 'list of dropped capabilities',
  networkMode: 'network mode',
  restartPolicy: 'restart policy',
  stopSignal: 'stop signal',
  containers: 'list of containers',
  users: 'number of containers that have it',
  createdAt: 'time of creation',
  readonlyMounts: 'list of read-only mounts',
  subnet: 'subnet',
  gateway: 'gateway',
  comm: 'program',
  uid: 'user id',
  capEff: 'set of effective capabilities',
  noNewPrivs: 'no-new-privileges flag',
  seccomp: 'seccomp mode',
  nsPid: 'process id in its own namespace',
  uidInside: 'user id in its own namespace',
  root: 'root directory',
  links: 'list of network interfaces',
  addresses: 'list of addresses',
  pinged: 'number of pings received',
  device: 'device number',
};

/** What is either there or not. */
const features: Readonly<Record<string, readonly [article: string, noun: string]>> = {
  tty: ['a ', 'terminal'],
  openStdin: ['an ', 'open standard input'],
  autoRemove: ['', 'automatic removal'],
  attached: ['an ', 'attached terminal'],
  oomKilled: ['an ', 'out-of-memory kill'],
  anonymous: ['a ', 'name of the engine’s own'],
  readonlyRoot: ['a ', 'read-only root file system'],
  init: ['an ', 'init process of its own'],
  privileged: ['', 'privileges'],
  hostRoot: ["the host's ", 'root file system among its mounts'],
};

/** `env.NAME` is "environment variable NAME". */
const prefixes: Readonly<Record<string, (key: string) => string>> = {
  env: (key) => `environment variable ${key}`,
  labels: (key) => `label ${key}`,
  ports: (key) => `published port of ${key}`,
  mounts: (key) => mountNoun(key),
  values: (key) => key,
  networks: (key) => `address in ${key}`,
  attributes: (key) => key,
  query: (key) => key,
  namespaces: (key) => `${key} namespace`,
  cgroup: (key) => `cgroup file ${key}`,
  kernel: (key) => nounOf(key),
};

export function nounOf(field: string): string {
  const dot = field.indexOf('.');
  const prefixed = dot < 0 ? undefined : prefixes[field.slice(0, dot)];
  return prefixed === undefined ? (nouns[field] ?? field) : prefixed(field.slice(dot + 1));
}

/** Of a container `mounts./data`, of a process `mounts./proc.type`. */
function mountNoun(key: string): string {
  const [, path = key, field] = /^(.*)\.(type|readonly|options|device|values\.[^.]+)$/.exec(key) ?? [];
  return field === undefined ? `mount at ${path}` : `${nounOf(field)} of the mount at ${path}`;
}

const quote = (value: string): string => `“${value}”`;
const articleOf = (noun: string): string => (/^[aeiou]/i.test(noun) ? 'an' : 'a');
const operandText = (operand: string): string => (operand === 'host' ? 'the host' : operand.slice(operand.indexOf(':') + 1));

/** What is wanted, to stand after a noun: "exit code 0", "exit code other than 0". */
export function relationText(relation: RelationWord, expected: string): string {
  switch (relation) {
    case 'equal':
      return expected;
    case 'not':
      return `other than ${expected}`;
    case 'one-of':
      return `one of ${expected}`;
    case 'at-least':
      return `at least ${expected}`;
    case 'at-most':
      return `at most ${expected}`;
    case 'more-than':
      return `more than ${expected}`;
    case 'less-than':
      return `less than ${expected}`;
    case 'contains':
      return `with ${quote(expected)} in it`;
    case 'prefix-of':
      return `a beginning of ${quote(expected)}`;
    case 'same-as':
      return expected === 'entry' ? 'the same as when this step began' : `the same as that of ${operandText(expected)}`;
    case 'differs-from':
      return expected === 'entry' ? 'another than when this step began' : `another than that of ${operandText(expected)}`;
  }
}

const relationWords: readonly RelationWord[] = [
  'not',
  'one-of',
  'at-least',
  'at-most',
  'more-than',
  'less-than',
  'contains',
  'prefix-of',
  'same-as',
  'differs-from',
];

export function matcherText(matcher: Matcher): string {
  if (typeof matcher !== 'object') return String(matcher);
  const given = new Map<string, unknown>(Object.entries(matcher));
  return relationWords
    .flatMap((word) => (given.has(word) ? [relationText(word, [given.get(word)].flat().map(String).join(', '))] : []))
    .join(' and ');
}

/** A file's field is behind its path: `files./note.content`. */
const fileField = /^files\.(.*)\.(exists|type|mode|owner|group|size|device|content)$/;

/** The clause that says what is not as wanted of `it`. */
export function missClause(miss: Miss): string {
  const { field, relation, expected, actual } = miss;
  const ofFile = fileField.exec(field);
  if (ofFile !== null) return fileClause(`its file ${ofFile[1] ?? ''}`, { ...miss, field: ofFile[2] ?? '' });
  const feature = features[field];
  if (feature !== undefined && actual !== null) return actual === 'true' ? `it has ${feature.join('')}` : `it has no ${feature[1]}`;
  if (field === 'id' && expected === 'entry') return 'it is another one than when this step began';
  if (field === 'startedAt' && expected === 'entry') return 'it was started again since this step began';
  if (field === 'state') return `it is ${actual ?? 'gone'}, not ${relationText(relation, expected)}`;
  if (field === 'name') return `it is named ${actual ?? 'nothing'}, not ${relationText(relation, expected)}`;
  if (field === 'image') return `it is from ${actual ?? 'nothing'}, not from ${imageText(relation, expected)}`;
  if (actual === null || (actual === '' && relation === 'not' && expected === '')) return `it has no ${nounOf(field)}`;
  const other = operandText(expected);
  if (relation === 'differs-from' && expected !== 'entry') return `its ${nounOf(field)} is that of ${other}`;
  if (relation === 'same-as' && expected !== 'entry') return `its ${nounOf(field)} is not that of ${other}`;
  const value = actual === '' ? 'empty' : actual;
  if (relation === 'contains') return `its ${nounOf(field)} is ${value}, without ${quote(expected)} in it`;
  return relation === 'equal'
    ? `its ${nounOf(field)} is ${value}, not ${expected === '' ? 'empty' : expected}`
    : `its ${nounOf(field)} is ${value}; it has to be ${relationText(relation, expected)}`;
}

const imageText = (relation: RelationWord, expected: string): string =>
  relation === 'equal' ? familiarReference(expected) : relationText(relation, expected);

export function fileClause(file: string, { field, relation, expected, actual }: Miss): string {
  if (field === 'exists') return actual === 'true' ? `${file} is still there` : `${file} is not there`;
  if (field === 'content')
    return `${file} says ${quote(actual ?? '')}, not ${relation === 'equal' ? quote(expected) : relationText(relation, expected)}`;
  const noun = field === 'owner' || field === 'group' ? `${field} id` : field;
  return `the ${noun} of ${file} is ${actual ?? 'unknown'}, not ${relationText(relation, expected)}`;
}

const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** What may stand before and after the noun: "running" "web from nginx" "with a terminal and exit code 0". */
export function describe(
  noun: string,
  wanted: readonly Want[],
  { plural = false, article = true }: { readonly plural?: boolean; readonly article?: boolean } = {},
): string {
  const of = (field: string): string[] =>
    wanted.flatMap((want) =>
      want.field === field
        ? [want.field === 'image' && typeof want.matcher !== 'object' ? familiarReference(String(want.matcher)) : matcherText(want.matcher)]
        : [],
    );
  const isOther = ({ field, matcher }: Want): boolean =>
    field === 'state' && typeof matcher === 'object' && typeof matcher.not === 'string';
  const state = wanted.some(isOther) ? [] : of('state');
  const others = wanted.flatMap((want) =>
    isOther(want) ? [`that ${plural ? 'are' : 'is'} ${matcherText(want.matcher).replace(/^other than/, 'not')}`] : [],
  );
  const names = wanted.flatMap(({ field, matcher }) =>
    field === 'name' ? [typeof matcher === 'object' ? `named ${matcherText(matcher)}` : String(matcher)] : [],
  );
  const core = [...state, plural ? `${noun}s` : noun, ...names, ...of('image').map((image) => `from ${image}`)].join(' ');
  const rest = attributes(wanted.filter(({ field }) => field !== 'state' && field !== 'name' && field !== 'image'));
  return [article && !plural ? `${articleOf(core)} ${core}` : core, ...(rest === '' ? [] : [rest]), ...others].join(' ');
}

/** "with exit code 0 and a terminal, without automatic removal" */
export function attributes(wanted: readonly Want[]): string {
  const without = wanted.flatMap(({ field, matcher }) =>
    matcher === false && features[field] !== undefined ? [features[field].join('')] : [],
  );
  const kept = wanted.filter(({ matcher }) => isAsAtEntry(matcher)).map(({ field }) => nounOf(field));
  const rest = wanted.filter(
    ({ field, matcher }) => !isAsAtEntry(matcher) && !(matcher === false && features[field] !== undefined) && !isMentioned(field, wanted),
  );
  const said = [...rest.map(attribute), ...(kept.length === 0 ? [] : [`the same ${list.format(kept)} as when this step began`])];
  const parts = [
    ...(said.length === 0 ? [] : [`with ${list.format(said)}`]),
    ...(without.length === 0 ? [] : [`without ${list.format(without)}`]),
  ];
  return parts.join(', ');
}

const isAsAtEntry = (matcher: Matcher): boolean =>
  typeof matcher === 'object' && matcher['same-as'] === 'entry' && Object.keys(matcher).length === 1;

/** A file whose content or type is told need not be said to exist. */
function isMentioned(field: string, wanted: readonly Want[]): boolean {
  const ofFile = fileField.exec(field);
  const told = ['content', 'type'].map((name) => `files.${ofFile?.[1] ?? ''}.${name}`);
  return ofFile?.[2] === 'exists' && wanted.some((want) => told.includes(want.field));
}

function attribute({ field, matcher }: Want): string {
  const feature = features[field];
  if (feature !== undefined && matcher === true) return feature.join('');
  const ofFile = fileField.exec(field);
  if (ofFile !== null) return filePhrase(ofFile[1] ?? '', ofFile[2] ?? '', matcher);
  if (typeof matcher === 'object' && matcher.not === '') return `${articleOf(nounOf(field))} ${nounOf(field)}`;
  if (typeof matcher === 'object') return `${articleOf(nounOf(field))} ${nounOf(field)} ${matcherText(matcher)}`;
  return `${nounOf(field)} ${String(matcher)}`;
}

export function filePhrase(path: string, field: string, matcher: Matcher): string {
  if (field === 'exists') return matcher === false ? `no file ${path}` : `a file ${path}`;
  if (field === 'type' && typeof matcher === 'string') return `${articleOf(matcher)} ${matcher} ${path}`;
  if (field === 'content')
    return `a file ${path} saying ${typeof matcher === 'object' ? `something ${matcherText(matcher)}` : quote(String(matcher))}`;
  return `${field === 'owner' || field === 'group' ? `${field} id` : field} ${matcherText(matcher)} of ${path}`;
}

export const actualOf = (miss: Miss): string =>
  miss.actual === null ? `no ${nounOf(miss.field)}` : `${nounOf(miss.field)} ${miss.actual}`;

/** What is expected begins the item of a list. What the kernel and the exec log say begins with a name, which stays as it is. */
export function asItem<T>(wordsOf: (finding: T) => Words): (finding: T) => Words {
  return (finding) => {
    const words = wordsOf(finding);
    return { ...words, expected: capital(words.expected) };
  };
}

/** Of an object of the engine. @param noun what it is: "container" */
export function objectWords(noun: string, { ok, wanted, subject, miss }: ObjectFinding): Words {
  const expected = describe(noun, wanted);
  if (ok) return { expected, actual: subject ?? '', sentence: `There is ${expected}.` };
  if (subject === null || miss === null) {
    const telling = wanted.filter(({ field }) => field === 'name' || field === 'image');
    const sentence = `There is no ${describe(noun, telling.length > 0 ? telling : wanted, { article: false })}.`;
    return { expected, actual: 'nothing like it', sentence };
  }
  const apart = wanted.filter(({ field }) => field === 'image' || field === 'state');
  const who = miss.field === 'name' ? describe(noun, apart) : subject;
  return { expected, actual: actualOf(miss), sentence: `There is ${who}, but ${missClause(miss)}.` };
}

/** "the Docker host", a container's name or "volume NAME", of "guest", "container:NAME" or "volume:NAME". */
export const placeName = (where: string): string =>
  where === 'guest' ? 'the Docker host' : where.replace(/^container:/, '').replace(/^volume:/, 'volume ');
