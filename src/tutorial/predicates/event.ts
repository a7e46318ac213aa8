import type { EngineEventEntry } from '../../protocol/log.ts';
import type { EventPredicate, EventStage, Matcher } from '../../protocol/tutorial-check.ts';
import { assess, type FieldTest } from '../check/candidates.ts';
import { boolean, number, text } from '../check/container-fields.ts';
import type { EventFinding, LeafResult, Miss, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { findContainer, splitOperand, containerName, type Scene } from '../check/scene.ts';
import { imageAliases } from '../references.ts';

type Field = Exclude<keyof EventStage, 'action' | 'attributes'>;
type Read = (entry: EngineEventEntry, scene: Scene) => Reading | undefined;

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

function stageAssessment(stage: EventStage, entry: EngineEventEntry, scene: Scene): ReturnType<typeof assess> {
  const tests = stageWants(stage).map((want): FieldTest => ({
    ...want,
    reading: want.read(entry, scene),
    operand: (name) => operand(name, want.field, scene),
  }));
  return assess(tests);
}

/** Of the object that a relation names, only its name can be compared with an event's. */
function operand(name: string, field: string, scene: Scene): Reading | undefined {
  const [kind, of] = splitOperand(name);
  const container = kind === 'container' && field === 'name' ? findContainer(scene.engine, of) : undefined;
  return container === undefined ? undefined : text(containerName(container));
}

interface Course {
  readonly reached: number;
  readonly score: number;
  readonly miss: Miss | null;
  readonly entry: EngineEventEntry | undefined;
}

/** How far one object went through the stages, earliest event first. */
function courseOf(stages: readonly EventStage[], entries: readonly EngineEventEntry[], scene: Scene): Course {
  let reached = 0;
  let rest = entries;
  let last: EngineEventEntry | undefined;
  for (const stage of stages) {
    const assessed = rest.map((entry, index) => ({
      entry,
      index,
      ...stageAssessment(stage, entry, scene),
      acted: entry.action === stage.action,
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

function courses(match: EventPredicate, scene: Scene): Course[] {
  const byActor = new Map<string, EngineEventEntry[]>();
  for (const entry of scene.log) {
    if (entry.kind !== 'event' || entry.type !== match.type || entry.sequence <= scene.horizon) continue;
    byActor.set(entry.actor.id, [...(byActor.get(entry.actor.id) ?? []), entry]);
  }
  return [...byActor.values()].map((entries) => courseOf(stagesOf(match), entries, scene));
}

export function eventShape(match: EventPredicate): EventFinding['stages'] {
  return stagesOf(match).map((stage) => ({
    action: stage.action,
    wanted: stageWants(stage).map(({ field, matcher }) => ({ field, matcher })),
  }));
}

export function checkEvent(match: EventPredicate, scene: Scene): LeafResult {
  const stages = eventShape(match);
  const best = courses(match, scene)
    .toReversed()
    .toSorted((a, b) => b.reached - a.reached || b.score - a.score)[0];
  const near = best !== undefined && (best.reached > 0 || best.score >= 0) ? best : undefined;
  const ok = near?.reached === stages.length;
  const subject = near?.entry === undefined ? null : (factOf(near.entry, 'name') ?? near.entry.actor.id);
  return {
    finding: { predicate: 'event', ok, type: match.type, stages, reached: near?.reached ?? 0, subject, miss: near?.miss ?? null },
    identity: near?.entry?.actor.id ?? '',
  };
}

/** Objects that went through all stages. */
export const countEvents = (match: EventPredicate, scene: Scene): number =>
  courses(match, scene).filter(({ reached }) => reached === stagesOf(match).length).length;
