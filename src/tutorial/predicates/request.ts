import { z } from 'zod';
import type { ApiRequestEntry } from '../../protocol/log.ts';
import { assess, nearest, testField, type FieldTest } from '../check/candidates.ts';
import { boolean, number, text } from '../check/container-fields.ts';
import type { Miss, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { definePredicate, type Countable, type Found } from '../check/predicate.ts';
import { containerName, findContainer, type Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { asItem, attributes, capital, relationText } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { matcher, matcherMap, type Matcher } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      method: z.string().min(1).describe('HTTP method.'),
      path: z
        .string()
        .startsWith('/')
        .describe('Path without the version; * stands for one segment, {web} for the container web by name, id or prefix of its id.'),
      query: matcherMap()
        .optional()
        .describe('Query parameters by name; a boolean is compared as Docker reads it (1, true / 0, false, absent).'),
      status: matcher().optional().describe('Status of the answer; below 400 unless given.'),
      transport: matcher().optional().describe('unix, tcp, cli or page.'),
      while: z
        .strictObject({
          type: z.enum(['container', 'image', 'network', 'volume']).describe('What kind of object it happened to.'),
          action: z.string().min(1).describe("What happened, in Docker's words."),
          name: matcher().optional().describe('Name of the object.'),
        })
        .optional()
        .describe('An event that happened while the streaming answer was open.'),
      closedBy: matcher().optional().describe('Who ended the streaming answer: client or server.'),
    })
    .describe('The engine was asked for it, since the step was entered.'),
);
export type RequestPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly method: string;
  readonly path: string;
  readonly wanted: readonly Want[];
  /** Whether the nearest request had the method and the path. */
  readonly seen: boolean;
  readonly miss: Miss | null;
}

/** A path pattern segment by segment: * is any, {web} is the container of that name however it was called. */
function pathMatches(pattern: string, path: string, observation: Observation): boolean {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  return (
    wanted.length === parts.length && wanted.every((segment, index) => segmentMatches(segment, decode(parts[index] ?? ''), observation))
  );
}

function segmentMatches(wanted: string, part: string, observation: Observation): boolean {
  const name = /^\{(.+)\}$/.exec(wanted)?.[1];
  if (name === undefined) return wanted === '*' || wanted === part;
  const meant = findContainer(observation.engine, part) ?? findContainer(observation.entry, part);
  return part === name || (meant !== undefined && containerName(meant) === name);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Docker reads everything but these as true (httputils.BoolValue). */
const isTrue = (value: string | undefined): boolean =>
  value !== undefined && !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());

const wantsBoolean = (matcher: Matcher): boolean =>
  typeof matcher === 'boolean' || (typeof matcher === 'object' && typeof matcher.not === 'boolean');

function queryReading(query: Readonly<Record<string, string>>, name: string, matcher: Matcher): Reading | undefined {
  const value = query[name];
  if (wantsBoolean(matcher)) return boolean(isTrue(value));
  return value === undefined ? undefined : text(value);
}

const succeeded: Matcher = { 'at-most': 399 };

function tests(match: RequestPredicate, entry: ApiRequestEntry, observation: Observation): FieldTest[] {
  const operand = (): undefined => undefined;
  const fields: FieldTest[] = Object.entries(match.query ?? {}).map(([name, matcher]) => ({
    field: `query.${name}`,
    matcher,
    reading: queryReading(entry.query, name, matcher),
    operand,
  }));
  fields.push({ field: 'status', matcher: match.status ?? succeeded, reading: number(entry.status), operand });
  if (match.transport !== undefined) fields.push({ field: 'transport', matcher: match.transport, reading: text(entry.transport), operand });
  if (match.while !== undefined)
    fields.push({ field: 'while', matcher: true, reading: boolean(eventsDuring(entry, match.while, observation) > 0), operand });
  if (match.closedBy !== undefined)
    fields.push({ field: 'closedBy', matcher: match.closedBy, reading: closedBy(entry, observation), operand });
  return fields;
}

/** How many such events there were between the request and the end of its answer. */
function eventsDuring(
  { sequence }: ApiRequestEntry,
  { type, action, name }: NonNullable<RequestPredicate['while']>,
  { log }: Observation,
): number {
  const end = log.find((entry) => entry.kind === 'request-closed' && entry.request === sequence)?.sequence ?? Number.POSITIVE_INFINITY;
  return log.filter((entry) => {
    if (entry.kind !== 'event' || entry.sequence <= sequence || entry.sequence >= end) return false;
    if (entry.type !== type || entry.action !== action) return false;
    const called = entry.actor.attributes['name'];
    const reading = called === undefined ? undefined : text(called);
    return name === undefined || testField({ field: 'name', matcher: name, reading, operand: () => undefined }) === null;
  }).length;
}

function closedBy({ sequence }: ApiRequestEntry, { log }: Observation): Reading | undefined {
  const closed = log.find((entry) => entry.kind === 'request-closed' && entry.request === sequence);
  return closed?.kind === 'request-closed' ? text(closed.by) : undefined;
}

function wantsOf(match: RequestPredicate): readonly Want[] {
  const query = Object.entries(match.query ?? {}).map(([name, matcher]) => ({ field: `query.${name}`, matcher }));
  const during = match.while === undefined ? undefined : true;
  const rest = Object.entries({ status: match.status, transport: match.transport, while: during, closedBy: match.closedBy });
  return [...query, ...rest.flatMap(([field, matcher]) => (matcher === undefined ? [] : [{ field, matcher }]))];
}

function assessed(match: RequestPredicate, observation: Observation) {
  const asked = observation.log
    .filter((entry) => entry.kind === 'request')
    .filter(
      ({ sequence, method, path }) =>
        sequence > observation.horizon && method === match.method && pathMatches(match.path, path, observation),
    );
  return asked.map((item) => ({ item, assessment: assess(tests(match, item, observation)) }));
}

function find(match: RequestPredicate, observation: Observation): Found<Finding> {
  const best = nearest(assessed(match, observation));
  const miss = best?.assessment.miss ?? null;
  return {
    finding: {
      ok: best !== undefined && miss === null,
      method: match.method,
      path: match.path,
      wanted: wantsOf(match),
      seen: best !== undefined,
      miss,
    },
    identity: best === undefined ? '' : String(best.item.sequence),
  };
}

/** How a request came. */
const ways: Readonly<Record<string, string>> = {
  unix: 'over its socket',
  tcp: 'over the network',
  cli: 'with the command docker',
  page: 'from this page',
};

/** What a request asks for. */
const errands: Readonly<Record<string, string>> = {
  'GET /version': 'tell its version',
  'GET /info': 'tell about itself',
  'GET /events': 'tell what happens',
  'GET /containers/json': 'list containers',
  'GET /images/json': 'list images',
  'POST /containers/create': 'create a container',
  'POST /images/create': 'pull an image',
  'GET /system/df': 'tell what takes how much space',
  'POST /networks/create': 'make a network',
};

const errandsOfOne: readonly (readonly [RegExp, string])[] = [
  [/^GET \/containers\/([^/]+)\/json$/, 'describe'],
  [/^GET \/containers\/([^/]+)\/logs$/, 'give the logs of'],
  [/^GET \/containers\/([^/]+)\/top$/, 'list the processes of'],
  [/^POST \/containers\/([^/]+)\/start$/, 'start'],
  [/^POST \/containers\/([^/]+)\/stop$/, 'stop'],
  [/^POST \/containers\/([^/]+)\/kill$/, 'send a signal to'],
  [/^POST \/containers\/([^/]+)\/pause$/, 'freeze'],
  [/^POST \/containers\/([^/]+)\/unpause$/, 'unfreeze'],
  [/^POST \/containers\/([^/]+)\/wait$/, 'wait for the end of'],
  [/^POST \/containers\/([^/]+)\/exec$/, 'run another process in'],
  [/^DELETE \/containers\/([^/]+)$/, 'remove'],
  [/^GET \/networks\/([^/]+)$/, 'describe the network'],
  [/^DELETE \/networks\/([^/]+)$/, 'remove the network'],
];

function errand(method: string, path: string): string {
  const request = `${method} ${path}`;
  for (const [pattern, verb] of errandsOfOne) {
    const segment = pattern.exec(request)?.[1];
    if (segment !== undefined)
      return `${verb} ${segment === '*' ? (path.startsWith('/containers/') ? 'a container' : 'any') : segment.replace(/^\{|\}$/g, '')}`;
  }
  return errands[request] ?? `answer ${request}`;
}

/** Parameters that can be said better than by their name: with it, and without it. */
const parameters: Readonly<Record<string, readonly [said: (value: string) => string, missing: (value: string) => string]>> = {
  'GET /containers/json all=true': [() => ', stopped ones too', () => 'not those that have stopped'],
  'GET /containers/json all=false': [() => ', only running ones', () => 'also those that have stopped'],
  'GET /containers/*/logs follow=true': [() => ' and to follow them', () => 'without following them'],
  'GET /containers/*/logs follow=false': [() => '', () => 'following them'],
  'GET /containers/*/logs stdout=true': [() => '', () => 'without what goes to standard output'],
  'POST /containers/create name': [(value) => ` named ${value}`, (value) => `not one named ${value}`],
};

const parameterOf = (method: string, path: string, field: string, value: string) =>
  parameters[`${method} ${general(path)} ${field}=${value}`] ?? parameters[`${method} ${general(path)} ${field}`];

/** "/containers/{web}/logs" as "/containers/*\/logs": what is said of a parameter does not depend on the container. */
const general = (path: string): string => path.replace(/\{[^{}/]+\}/, '*');

/** "list containers, stopped ones too", "create a container named web, and it refused with 409" */
function phraseOf({ method, path, wanted }: Pick<Finding, 'method' | 'path' | 'wanted'>): string {
  return wanted.reduce((said, want) => said + detail(method, path, want), errand(method, path));
}

function detail(method: string, path: string, want: Want): string {
  const field = want.field.replace(/^query\./, '');
  const value = typeof want.matcher === 'object' ? undefined : String(want.matcher);
  const known = value === undefined ? undefined : parameterOf(method, path, field, value);
  if (known !== undefined && value !== undefined) return known[0](value);
  if (field === 'status')
    return value === undefined ? '' : `, and it ${Number(value) >= 400 ? `refused with ${value}` : `answered ${value}`}`;
  if (field === 'while') return ', and had the answer open while it happened';
  if (field === 'transport' && value !== undefined) return ` ${ways[value] ?? `by ${value}`}`;
  return field === 'closedBy' ? `, which the ${value ?? ''} ended` : ` ${attributes([{ ...want, field }])}`;
}

function requestMiss(method: string, path: string, { field, relation, expected, actual }: Miss): string {
  const name = field.replace(/^query\./, '');
  const known = relation === 'equal' ? parameterOf(method, path, name, expected) : undefined;
  if (known !== undefined) return known[1](expected);
  if (field === 'status')
    return `it answered ${actual ?? 'nothing'}, not ${relation === 'at-most' ? 'with success' : relationText(relation, expected)}`;
  if (field === 'closedBy') return actual === null ? 'the answer has not ended yet' : `the answer was ended by the ${actual}`;
  if (field === 'while') return 'what was to be seen did not happen while the answer was open';
  if (field === 'transport')
    return relation === 'equal' && ways[expected] !== undefined
      ? `not ${ways[expected]}`
      : `by ${actual ?? 'another way'}, not by ${relationText(relation, expected)}`;
  return actual === null ? `without ${name}` : `with ${name} ${actual}, not ${relationText(relation, expected)}`;
}

function words(finding: Finding): Words {
  const { ok, method, path, seen, miss } = finding;
  const phrase = phraseOf(finding);
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

export const predicate = definePredicate({ timing: 'edge', find, words: { en: asItem(words) } });

export const countable: Countable<RequestPredicate> = {
  count: (match, observation) => assessed(match, observation).filter(({ assessment }) => assessment.miss === null).length,
  phrase: { en: (match, many) => `${many ? 'requests' : 'request'} to ${phraseOf({ ...match, wanted: wantsOf(match) })}` },
};
