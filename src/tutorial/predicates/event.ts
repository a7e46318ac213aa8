import { z } from 'zod';
import type { EngineEventEntry } from '../../protocol/log.ts';
import { assess, type FieldTest } from '../check/candidates.ts';
import { boolean, number, text } from '../check/container-fields.ts';
import type { Miss, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { definePredicate, type Countable, type Found } from '../check/predicate.ts';
import { findContainer, splitOperand, containerName, type Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { asItem, attributes, capital, describe, missClause } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { matcher, matcherMap, type Matcher } from '../format/matcher.ts';
import { imageAliases } from '../references.ts';

const eventTypes = ['container', 'image', 'network', 'volume', 'daemon'] as const;
const fieldShape = /* @__PURE__ */ lazily(() => ({
  name: matcher().optional().describe('Name of the object.'),
  image: matcher().optional().describe('Image reference of the container, normalised.'),
  exitCode: matcher().optional().describe('Exit code, of die and exec_die.'),
  signal: matcher().optional().describe('Signal number, of kill.'),
  tty: matcher().optional().describe('Whether the container has a terminal.'),
  openStdin: matcher().optional().describe('Whether its standard input is kept open.'),
  autoRemove: matcher().optional().describe('Whether it is removed at its end.'),
  oomKilled: matcher().optional().describe('Whether the kernel killed it for want of memory.'),
  attributes: matcherMap().optional().describe('Other facts or attributes of the event by name.'),
}));
const stage = /* @__PURE__ */ lazily(() => z.strictObject({ action: z.string().min(1).describe('Action of the event.'), ...fieldShape() }));
type EventStage = z.infer<ReturnType<typeof stage>>;

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      type: z.enum(eventTypes).describe('What kind of object it happened to.'),
      action: z.string().min(1).describe("What happened, in Docker's words: create, start, die, destroy, exec_create …"),
      ...fieldShape(),
      then: z
        .array(stage())
        .min(1)
        .optional()
        .describe('What happened to the same object afterwards, in this order, other events in between.'),
    })
    .describe('It happened, since the step was entered.'),
);
export type EventPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly type: string;
  readonly stages: readonly { readonly action: string; readonly wanted: readonly Want[] }[];
  /** How many stages the nearest object went through. */
  readonly reached: number;
  readonly subject: string | null;
  readonly miss: Miss | null;
}

type Field = Exclude<keyof EventStage, 'action' | 'attributes'>;
type Read = (entry: EngineEventEntry, observation: Observation) => Reading | undefined;

const numberFact =
  (key: string): Read =>
  (entry) =>
    mapFact(factOf(entry, key), (value) => number(Number(value)));
const booleanFact =
  (key: string): Read =>
  (entry) =>
    mapFact(factOf(entry, key), (value) => boolean(value === 'true'));

const eventFields: Readonly<Record<Field, Read>> = {
  name: (entry) => mapFact(factOf(entry, 'name'), text),
  image: (entry, { engine }) => mapFact(factOf(entry, 'image'), (image) => ({ kind: 'image', value: imageAliases(engine.images, image) })),
  exitCode: numberFact('exitCode'),
  signal: numberFact('signal'),
  tty: booleanFact('tty'),
  openStdin: booleanFact('openStdin'),
  autoRemove: booleanFact('autoRemove'),
  oomKilled: booleanFact('oomKilled'),
};

const isField = (key: string): key is Field => Object.hasOwn(eventFields, key);

function factOf({ facts, actor }: EngineEventEntry, key: string): string | undefined {
  const fact = facts[key];
  if (typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean') return String(fact);
  if (Array.isArray(fact)) return fact.map(String).join(' ');
  return actor.attributes[key];
}

const mapFact = (fact: string | undefined, make: (value: string) => Reading): Reading | undefined =>
  fact === undefined ? undefined : make(fact);

interface StageWant extends Want {
  readonly read: Read;
}

function stageWants(stage: EventStage): StageWant[] {
  const fields = Object.keys(stage)
    .filter(isField)
    .flatMap((field) => wantOf(field, stage[field], eventFields[field]));
  const attributes = Object.entries(stage.attributes ?? {}).flatMap(([key, matcher]) =>
    wantOf(`attributes.${key}`, matcher, (entry) => mapFact(factOf(entry, key), text)),
  );
  return [...fields, ...attributes];
}

const wantOf = (field: string, matcher: Matcher | undefined, read: Read): StageWant[] =>
  matcher === undefined ? [] : [{ field, matcher, read }];

function stageAssessment(stage: EventStage, entry: EngineEventEntry, observation: Observation): ReturnType<typeof assess> {
  const tests = stageWants(stage).map((want): FieldTest => ({
    ...want,
    reading: want.read(entry, observation),
    operand: (name) => operand(name, want.field, observation),
  }));
  return assess(tests);
}

/** Of the object that a relation names, only its name can be compared with an event's. */
function operand(name: string, field: string, observation: Observation): Reading | undefined {
  const [kind, of] = splitOperand(name);
  const container = kind === 'container' && field === 'name' ? findContainer(observation.engine, of) : undefined;
  return container === undefined ? undefined : text(containerName(container));
}

interface Course {
  readonly reached: number;
  readonly score: number;
  readonly miss: Miss | null;
  readonly entry: EngineEventEntry | undefined;
}

/** How far one object went through the stages, earliest event first. */
function courseOf(stages: readonly EventStage[], entries: readonly EngineEventEntry[], observation: Observation): Course {
  let reached = 0;
  let rest = entries;
  let last: EngineEventEntry | undefined;
  for (const stage of stages) {
    const assessed = rest.map((entry, index) => ({
      entry,
      index,
      ...stageAssessment(stage, entry, observation),
      // Docker puts the words of an exec behind its action: `exec_create: sh -c …`.
      acted: entry.action === stage.action || entry.action.startsWith(`${stage.action}: `),
    }));
    const found = assessed.find(({ acted, miss }) => acted && miss === null);
    if (found === undefined) {
      const near = assessed
        .filter(({ acted }) => acted)
        .toReversed()
        .toSorted((a, b) => b.score - a.score)[0];
      return { reached, score: near?.score ?? -1, miss: near?.miss ?? null, entry: near?.entry ?? last };
    }
    reached += 1;
    last = found.entry;
    rest = rest.slice(found.index + 1);
  }
  return { reached, score: Number.POSITIVE_INFINITY, miss: null, entry: last };
}

const stagesOf = ({ type: _type, then, ...first }: EventPredicate): readonly EventStage[] => [first, ...(then ?? [])];

function courses(match: EventPredicate, observation: Observation): Course[] {
  const byActor = new Map<string, EngineEventEntry[]>();
  for (const entry of observation.log) {
    if (entry.kind !== 'event' || entry.type !== match.type || entry.sequence <= observation.horizon) continue;
    byActor.set(entry.actor.id, [...(byActor.get(entry.actor.id) ?? []), entry]);
  }
  return [...byActor.values()].map((entries) => courseOf(stagesOf(match), entries, observation));
}

function shapeOf(match: EventPredicate): Finding['stages'] {
  return stagesOf(match).map((stage) => ({
    action: stage.action,
    wanted: stageWants(stage).map(({ field, matcher }) => ({ field, matcher })),
  }));
}

function find(match: EventPredicate, observation: Observation): Found<Finding> {
  const stages = shapeOf(match);
  const best = courses(match, observation)
    .toReversed()
    .toSorted((a, b) => b.reached - a.reached || b.score - a.score)[0];
  const near = best !== undefined && (best.reached > 0 || best.score >= 0) ? best : undefined;
  const ok = near?.reached === stages.length;
  const subject = near?.entry === undefined ? null : (factOf(near.entry, 'name') ?? near.entry.actor.id);
  return {
    finding: { ok, type: match.type, stages, reached: near?.reached ?? 0, subject, miss: near?.miss ?? null },
    identity: near?.entry?.actor.id ?? '',
  };
}

const list = new Intl.ListFormat('en', { type: 'conjunction' });

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
  'container exec_die': ['had another process end', 'has had another process end'],
  'container rename': ['was renamed', 'has been renamed'],
  'image pull': ['was pulled', 'has been pulled'],
  'image tag': ['was tagged', 'has been tagged'],
  'image delete': ['was deleted', 'has been deleted'],
  'volume create': ['was made', 'has been made'],
  'volume destroy': ['was removed', 'has been removed'],
  'network create': ['was made', 'has been made'],
  'network connect': ['was connected', 'has been connected'],
  'network disconnect': ['was disconnected', 'has been disconnected'],
  'network destroy': ['was removed', 'has been removed'],
};

const deedOf = (type: string, action: string): Deed =>
  deeds[`${type} ${action}`] ?? [`had the event ${action}`, `has had the event ${action}`];

/** Name and image tell which object is meant; the rest tells how it went. */
const isTelling = ({ field }: Want): boolean => field === 'name' || field === 'image';
const tellingOf = ({ stages }: Pick<Finding, 'stages'>): readonly Want[] => stages[0]?.wanted.filter(isTelling) ?? [];

/** A prune happens to no one object. */
const isPrune = ({ stages }: Pick<Finding, 'stages'>): boolean => stages.length === 1 && stages[0]?.action === 'prune';

/** "a container from nginx was created with a terminal and ended with exit code 0" */
function phraseOf(finding: Pick<Finding, 'type' | 'stages'>): string {
  if (isPrune(finding)) return `${finding.type}s were pruned`;
  const stages = finding.stages.map(({ action, wanted }, index) => {
    const how = attributes(wanted.filter((want) => index > 0 || !isTelling(want)));
    if (action === 'kill' && how.startsWith('with signal ')) return how.replace('with', 'was sent');
    return [deedOf(finding.type, action)[0], ...(how === '' ? [] : [how])].join(' ');
  });
  return `${describe(finding.type, tellingOf(finding))} ${list.format(stages)}`;
}

function words(finding: Finding): Words {
  const { type, stages, reached, subject, miss } = finding;
  const expected = phraseOf(finding);
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
    sentence: isPrune(finding)
      ? `No ${type}s have been pruned since this step began.`
      : `No ${describe(type, tellingOf(finding), { article: false })} ${perfect} since this step began.`,
  };
}

export const predicate = definePredicate({ timing: 'edge', find, words: { en: asItem(words) } });

/** Counts objects that went through all stages. */
export const countable: Countable<EventPredicate> = {
  count: (match, observation) => courses(match, observation).filter(({ reached }) => reached === stagesOf(match).length).length,
  phrase: { en: (match, many) => `${many ? 'times' : 'time'} that ${phraseOf({ type: match.type, stages: shapeOf(match) })}` },
};
