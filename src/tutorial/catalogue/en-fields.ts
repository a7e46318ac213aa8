import type { Matcher } from '../../protocol/tutorial-check.ts';
import type { Miss, Want } from '../check/finding.ts';
import type { RelationWord } from '../check/match.ts';
import { familiarReference } from '../references.ts';

/** What a field is called in a sentence. */
const labels: Readonly<Record<string, string>> = {
  exitCode: 'exit code',
  oomKilled: 'out-of-memory kill',
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
  comm: 'program',
  uid: 'user id',
  capEff: 'set of effective capabilities',
  noNewPrivs: 'no-new-privileges flag',
  seccomp: 'seccomp mode',
  nsPid: 'process id in its own namespace',
  id: 'id',
};

/** Yes and no of a field that is either. */
const switches: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  tty: ['has a terminal', 'has no terminal'],
  openStdin: ['keeps its standard input open', 'does not keep its standard input open'],
  autoRemove: ['is removed when it ends', 'is not removed when it ends'],
  oomKilled: ['was killed for want of memory', 'was not killed for want of memory'],
  readonlyRoot: ['has a read-only root file system', 'has a writable root file system'],
  init: ['has an init as its first process', 'has no init of its own'],
  privileged: ['is privileged', 'is not privileged'],
};

const quote = (value: string): string => `“${value}”`;

export function relationText(relation: RelationWord, expected: string): string {
  switch (relation) {
    case 'equal':
      return expected;
    case 'not':
      return `anything but ${expected}`;
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
      return `something with ${quote(expected)}`;
    case 'prefix-of':
      return `a beginning of ${quote(expected)}`;
    case 'same-as':
      return expected === 'entry' ? 'the same as when this step began' : `the same as that of ${operandText(expected)}`;
    case 'differs-from':
      return expected === 'entry' ? 'another than when this step began' : `another than that of ${operandText(expected)}`;
  }
}

const operandText = (operand: string): string => (operand === 'host' ? 'the host' : operand.slice(operand.indexOf(':') + 1));

const relationWords: readonly RelationWord[] = ['not', 'one-of', 'at-least', 'at-most', 'more-than', 'less-than', 'contains', 'prefix-of', 'same-as', 'differs-from'];

function matcherPhrase(matcher: Matcher): string {
  if (typeof matcher !== 'object') return String(matcher);
  const given = new Map<string, unknown>(Object.entries(matcher));
  return relationWords.flatMap((word) => (given.has(word) ? [relationText(word, [given.get(word)].flat().map(String).join(', '))] : [])).join(' and ');
}

/** `env.NAME` is "environment variable NAME". */
function nounOf(field: string): string {
  const [head = '', ...rest] = field.split('.');
  const key = rest.join('.');
  switch (head) {
    case 'env':
      return `environment variable ${key}`;
    case 'labels':
      return `label ${key}`;
    case 'ports':
      return `published port of ${key}`;
    case 'mounts':
      return `mount at ${key}`;
    case 'networks':
      return `address in ${key}`;
    case 'attributes':
      return key;
    case 'query':
      return key;
    case 'namespaces':
      return `${key} namespace`;
    case 'cgroup':
      return `cgroup file ${key}`;
    case 'kernel':
      return nounOf(key);
    default:
      return labels[head] ?? head;
  }
}

/** A file's field is behind its path: `files./note.content`. */
const fileField = /^files\.(.*)\.(exists|type|mode|owner|group|size|content)$/;

/** Of a thing called `it`, the clause that says what is not as wanted. */
export function missClause(miss: Miss, it = 'it', its = 'its'): string {
  const { field, relation, expected, actual } = miss;
  const ofFile = fileField.exec(field);
  if (ofFile !== null) return fileClause(`${its} file ${ofFile[1] ?? ''}`, { ...miss, field: ofFile[2] ?? '' });
  const named = switches[field];
  if (named !== undefined && actual !== null) return `${it} ${named[actual === 'true' ? 0 : 1]}`;
  if (relation === 'same-as' && expected === 'entry' && field === 'id') return `${it} is another one than when this step began`;
  if (relation === 'same-as' && expected === 'entry' && field === 'startedAt') return `${it} was started again since this step began`;
  if (field === 'state') return `${it} is ${actual ?? 'gone'}, not ${relationText(relation, expected)}`;
  if (field === 'image' && relation === 'equal') return `${it} was made from ${actual ?? 'nothing'}, not from ${familiarReference(expected)}`;
  if (actual === null) return `${it} has no ${nounOf(field)}`;
  const value = actual === '' ? 'empty' : actual;
  return relation === 'equal' ? `${its} ${nounOf(field)} is ${value}, not ${expected === '' ? 'empty' : expected}` : `${its} ${nounOf(field)} is ${value}; it has to be ${relationText(relation, expected)}`;
}

export function fileClause(file: string, { field, relation, expected, actual }: Miss): string {
  if (field === 'exists') return actual === 'true' ? `${file} is still there` : `${file} is not there`;
  if (field === 'content') return `${file} says ${quote(actual ?? '')}, not ${relation === 'equal' ? quote(expected) : relationText(relation, expected)}`;
  const noun = field === 'owner' || field === 'group' ? `${field} id` : field;
  return `the ${noun} of ${file.replace(/^The/, 'the')} is ${actual ?? 'unknown'}, not ${relationText(relation, expected)}`;
}

/** What is wanted of a field, to stand in a list: "running", "made from nginx", "exit code 0". */
export function wantPhrase({ field, matcher }: Want): string {
  const named = switches[field];
  if (named !== undefined && typeof matcher !== 'object') return `which ${named[String(matcher) === 'true' ? 0 : 1]}`;
  if (field === 'name') return `named ${matcherPhrase(matcher)}`;
  if (field === 'state') return matcherPhrase(matcher);
  if (field === 'image') return `made from ${typeof matcher === 'object' ? matcherPhrase(matcher) : familiarReference(String(matcher))}`;
  const ofFile = fileField.exec(field);
  if (ofFile !== null) return filePhrase(`file ${ofFile[1] ?? ''}`, ofFile[2] ?? '', matcher);
  return `${nounOf(field)} ${matcherPhrase(matcher)}`;
}

export function filePhrase(file: string, field: string, matcher: Matcher): string {
  if (field === 'exists') return matcher === true ? `with a ${file}` : `without a ${file}`;
  return field === 'content' ? `${file} saying ${quote(matcherPhrase(matcher))}` : `${field} of ${file} ${matcherPhrase(matcher)}`;
}

/** Of what is read at a place: "file /x", "exit code 0" … */
export const wantList = (wanted: readonly Want[]): string => wanted.map(wantPhrase).join(', ');
