import { z } from 'zod';
import type { Volume } from '../../protocol/engine-api.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { boolean, number, text, textMap } from '../check/container-fields.ts';
import type { ObjectFinding, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { splitOperand, type Observation } from '../check/observation.ts';
import { definePredicate, type Countable, type Found } from '../check/predicate.ts';
import type { EngineSnapshot } from '../facts.ts';
import { asItem, describe, objectWords } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { matcher, matcherMap } from '../format/matcher.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      name: matcher().optional().describe('Name.'),
      anonymous: matcher().optional().describe('Whether nobody gave it a name.'),
      users: matcher().optional().describe('Number of containers that have it, running or not.'),
      createdAt: matcher().optional().describe('When it was made, to the second; for same-as: entry.'),
      labels: matcherMap().optional().describe('Labels by name.'),
    })
    .describe('A volume exists whose fields all match.'),
);
export type VolumePredicate = z.infer<ReturnType<typeof schema>>;

type Field = Exclude<keyof VolumePredicate, 'labels'>;

/** What Docker puts on a volume that nobody gave a name (volume/service). */
const anonymousLabel = 'com.docker.volume.anonymous';

const volumeFields: Readonly<Record<Field, (volume: Volume, engine: EngineSnapshot) => Reading>> = {
  name: ({ Name }) => text(Name),
  anonymous: ({ Labels }) => boolean(Object.hasOwn(Labels ?? {}, anonymousLabel)),
  users: ({ Name }, { containers }) => number(containers.filter(({ Mounts }) => Mounts.some((mount) => mount.Name === Name)).length),
  createdAt: ({ CreatedAt }) => text(CreatedAt),
};

const isField = (key: string): key is Field => Object.hasOwn(volumeFields, key);

function wants(match: VolumePredicate): readonly Want[] {
  const labels = Object.entries(match.labels ?? {}).map(([key, matcher]) => ({ field: `labels.${key}`, matcher }));
  const fields = Object.keys(match)
    .filter(isField)
    .flatMap((field) => (match[field] === undefined ? [] : [{ field, matcher: match[field] }]));
  return [...fields, ...labels];
}

function readingOf(volume: Volume, field: string, engine: EngineSnapshot): Reading | undefined {
  return isField(field) ? volumeFields[field](volume, engine) : textMap(volume.Labels)[field.slice('labels.'.length)];
}

function tests(match: VolumePredicate, volume: Volume, { engine, entry }: Observation): FieldTest[] {
  return wants(match).map((want) => ({
    ...want,
    reading: readingOf(volume, want.field, engine),
    operand: (operand) => {
      const [kind, name] = splitOperand(operand);
      const there = kind === 'entry' ? entry : engine;
      const other = there.volumes.find(({ Name }) => Name === (kind === 'entry' ? volume.Name : kind === 'volume' ? name : ''));
      return other === undefined ? undefined : readingOf(other, want.field, there);
    },
  }));
}

const assessed = (match: VolumePredicate, observation: Observation) =>
  observation.engine.volumes.map((item) => ({ item, assessment: assess(tests(match, item, observation)) }));

function find(match: VolumePredicate, observation: Observation): Found<ObjectFinding> {
  const wanted = wants(match);
  const best = nearest(assessed(match, observation));
  const near = best !== undefined && (best.assessment.miss === null || best.assessment.score > 0 || match.name === undefined);
  if (!near) return { finding: { ok: false, wanted, subject: null, miss: null }, identity: '' };
  const { item, assessment } = best;
  return {
    finding: { ok: assessment.miss === null, wanted, subject: item.Name, miss: assessment.miss },
    identity: `${item.Name} ${item.CreatedAt}`,
  };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: asItem((finding: ObjectFinding) => objectWords('volume', finding)) },
});

export const countable: Countable<VolumePredicate> = {
  count: (match, observation) => assessed(match, observation).filter(({ assessment }) => assessment.miss === null).length,
  phrase: { en: (match, many) => describe('volume', wants(match), { plural: many, article: false }) },
};
