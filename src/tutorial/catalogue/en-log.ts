import type { EventFinding, Miss, RequestFinding, Want } from '../check/finding.ts';
import { attributes, describe, missClause, relationText } from './en-fields.ts';
import type { Words } from './catalogue.ts';

const list = new Intl.ListFormat('en', { type: 'conjunction' });
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

type Deed = readonly [past: string, perfect: string];

/** What an object went through. */
const deeds: Readonly<Record<string, Deed>> = {
  'container create': ['was created', 'has been created'],
  'container start': ['was started', 'has been started'],
  'container die': ['ended', 'has ended'],
  'container destroy': ['was removed', 'has been removed'],
  'container stop': ['was stopped', 'has been stopped'],
  'container kill': ['was sent a signal', 'has been sent a signal'],
  'container oom': ['ran out of memory', 'has run out of memory'],
  'container pause': ['was paused', 'has been paused'],
  'container unpause': ['went on after a pause', 'has gone on after a pause'],
  'container exec_create': ['was given another process', 'has been given another process'],
  'image pull': ['was pulled', 'has been pulled'],
  'image tag': ['was tagged', 'has been tagged'],
  'image delete': ['was deleted', 'has been deleted'],
};

const deedOf = (type: string, action: string): Deed =>
  deeds[`${type} ${action}`] ?? [`had the event ${action}`, `has had the event ${action}`];

/** Name and image tell which object is meant; the rest tells how it went. */
const isTelling = ({ field }: Want): boolean => field === 'name' || field === 'image';
const tellingOf = ({ stages }: Pick<EventFinding, 'stages'>): readonly Want[] => stages[0]?.wanted.filter(isTelling) ?? [];

/** "a container from nginx was created with a terminal and ended with exit code 0" */
export function eventPhrase(finding: Pick<EventFinding, 'type' | 'stages'>): string {
  const stages = finding.stages.map(({ action, wanted }, index) => {
    const how = attributes(wanted.filter((want) => index > 0 || !isTelling(want)));
    return [deedOf(finding.type, action)[0], ...(how === '' ? [] : [how])].join(' ');
  });
  return `${describe(finding.type, tellingOf(finding))} ${list.format(stages)}`;
}

export function eventWords(finding: EventFinding): Words {
  const { type, stages, reached, subject, miss } = finding;
  const expected = eventPhrase(finding);
  const stage = stages[reached];
  if (finding.ok || stage === undefined) return { expected, actual: subject ?? '', sentence: `${capital(expected)}.` };
  const who = subject ?? capital(describe(type, []));
  const [past, perfect] = deedOf(type, stage.action);
  if (miss !== null)
    return { expected, actual: `${miss.field} ${miss.actual ?? 'unknown'}`, sentence: `${who} ${past}, but ${missClause(miss)}.` };
  if (reached > 0) {
    const [before] = deedOf(type, stages[reached - 1]?.action ?? '');
    return { expected, actual: before, sentence: `${who} ${before}, but it ${perfect.replace(/^has /, 'has not ')} yet.` };
  }
  return {
    expected,
    actual: 'no such event',
    sentence: `No ${describe(type, tellingOf(finding), { article: false })} ${perfect} since this step began.`,
  };
}

/** What a request asks for. */
const errands: Readonly<Record<string, string>> = {
  'GET /version': 'tell its version',
  'GET /info': 'tell about itself',
  'GET /containers/json': 'list containers',
  'GET /images/json': 'list images',
  'POST /containers/create': 'create a container',
  'POST /images/create': 'pull an image',
};

const errandsOfOne: readonly (readonly [RegExp, string])[] = [
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
  for (const [pattern, verb] of errandsOfOne) {
    const segment = pattern.exec(request)?.[1];
    if (segment !== undefined) return `${verb} ${segment === '*' ? 'a container' : segment.replace(/^\{|\}$/g, '')}`;
  }
  return errands[request] ?? `answer ${request}`;
}

/** Parameters that can be said better than by their name: with it, and without it. */
const parameters: Readonly<Record<string, readonly [said: (value: string) => string, missing: (value: string) => string]>> = {
  'GET /containers/json all=true': [() => ', stopped ones too', () => 'not those that have stopped'],
  'GET /containers/json all=false': [() => ', only running ones', () => 'also those that have stopped'],
  'POST /containers/create name': [(value) => ` named ${value}`, (value) => `not one named ${value}`],
};

const parameterOf = (method: string, path: string, field: string, value: string) =>
  parameters[`${method} ${path} ${field}=${value}`] ?? parameters[`${method} ${path} ${field}`];

/** "list containers, stopped ones too", "create a container named web, and it refused with 409" */
export function requestPhrase({ method, path, wanted }: Pick<RequestFinding, 'method' | 'path' | 'wanted'>): string {
  return wanted.reduce((said, want) => said + detail(method, path, want), errand(method, path));
}

function detail(method: string, path: string, want: Want): string {
  const field = want.field.replace(/^query\./, '');
  const value = typeof want.matcher === 'object' ? undefined : String(want.matcher);
  const known = value === undefined ? undefined : parameterOf(method, path, field, value);
  if (known !== undefined && value !== undefined) return known[0](value);
  if (field === 'status')
    return value === undefined ? '' : `, and it ${Number(value) >= 400 ? `refused with ${value}` : `answered ${value}`}`;
  return field === 'closedBy' ? `, which the ${value ?? ''} ended` : ` ${attributes([{ ...want, field }])}`;
}

function requestMiss(method: string, path: string, { field, relation, expected, actual }: Miss): string {
  const name = field.replace(/^query\./, '');
  const known = relation === 'equal' ? parameterOf(method, path, name, expected) : undefined;
  if (known !== undefined) return known[1](expected);
  if (field === 'status')
    return `it answered ${actual ?? 'nothing'}, not ${relation === 'at-most' ? 'with success' : relationText(relation, expected)}`;
  if (field === 'closedBy') return actual === null ? 'the answer has not ended yet' : `the answer was ended by the ${actual}`;
  if (field === 'transport') return `by ${actual ?? 'another way'}, not by ${relationText(relation, expected)}`;
  return actual === null ? `without ${name}` : `with ${name} ${actual}, not ${relationText(relation, expected)}`;
}

export function requestWords(finding: RequestFinding): Words {
  const { ok, method, path, seen, miss } = finding;
  const phrase = requestPhrase(finding);
  const expected = `you asked the engine to ${phrase}`;
  if (ok) return { expected, actual: expected, sentence: `${capital(expected)}.` };
  if (!seen || miss === null)
    return { expected, actual: 'no such request', sentence: `In this step you have not asked the engine to ${errand(method, path)}.` };
  return {
    expected,
    actual: `${miss.field} ${miss.actual ?? 'not given'}`,
    sentence: `You asked the engine to ${errand(method, path)}, but ${requestMiss(method, path, miss)}.`,
  };
}
