import { z } from 'zod';
import type { ImageSummary } from '../../protocol/engine-api.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { bytes, number, text, textMap } from '../check/container-fields.ts';
import type { ObjectFinding, Want } from '../check/finding.ts';
import { definePredicate, type Countable, type Found } from '../check/predicate.ts';
import type { Reading } from '../check/match.ts';
import { splitOperand, type Observation } from '../check/observation.ts';
import type { EngineSnapshot } from '../facts.ts';
import { asItem, describe, objectWords } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { matcher, matcherMap, type Matcher } from '../format/matcher.ts';
import { familiarReference, findImage, imageAliases } from '../references.ts';

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      name: matcher().optional().describe('A reference that points at it, normalised.'),
      id: matcher().optional().describe('Image id, sha256:…'),
      size: matcher().optional().describe('Bytes.'),
      containers: matcher().optional().describe('Number of containers made from it.'),
      labels: matcherMap().optional().describe('Labels by name.'),
    })
    .describe('An image exists whose fields all match.'),
);
export type ImagePredicate = z.infer<ReturnType<typeof schema>>;

type Field = Exclude<keyof ImagePredicate, 'labels'>;

export const imageFields: Readonly<Record<Field, (image: ImageSummary, engine: EngineSnapshot) => Reading>> = {
  name: ({ Id, RepoTags }, { images }) => ({ kind: 'image', value: imageAliases(images, RepoTags[0] ?? Id, Id) }),
  id: ({ Id }) => text(Id),
  size: ({ Size }) => bytes(Size),
  containers: ({ Id }, { containers }) => number(containers.filter(({ Image }) => Image === Id).length),
};

const isField = (key: string): key is Field => Object.hasOwn(imageFields, key);

function tests(match: ImagePredicate, image: ImageSummary, observation: Observation): FieldTest[] {
  const fields = Object.keys(match)
    .filter(isField)
    .flatMap((field) => {
      const matcher = match[field];
      return matcher === undefined ? [] : [fieldTest(field, matcher, image, observation)];
    });
  const labels = textMap(image.Labels);
  const labelTests = Object.entries(match.labels ?? {}).map(([key, matcher]) => ({
    field: `labels.${key}`,
    matcher,
    reading: labels[key],
    operand: () => undefined,
  }));
  return [...fields, ...labelTests];
}

function fieldTest(field: Field, matcher: Matcher, image: ImageSummary, observation: Observation): FieldTest {
  return {
    field,
    matcher,
    reading: imageFields[field](image, observation.engine),
    operand: (operand) => {
      const [kind, name] = splitOperand(operand);
      const engine = kind === 'entry' ? observation.entry : observation.engine;
      const other =
        kind === 'entry'
          ? findImage(engine.images, image.RepoTags[0] ?? image.Id)
          : kind === 'image'
            ? findImage(engine.images, name)
            : undefined;
      return other === undefined ? undefined : imageFields[field](other, engine);
    },
  };
}

function wants(match: ImagePredicate): readonly Want[] {
  const labels = Object.entries(match.labels ?? {}).map(([key, matcher]) => ({ field: `labels.${key}`, matcher }));
  const fields = Object.keys(match)
    .filter(isField)
    .flatMap((field) => (match[field] === undefined ? [] : [{ field, matcher: match[field] }]));
  return [...fields, ...labels];
}

const assessed = (match: ImagePredicate, observation: Observation) =>
  observation.engine.images.map((item) => ({ item, assessment: assess(tests(match, item, observation)) }));

function find(match: ImagePredicate, observation: Observation): Found<ObjectFinding> {
  const wanted = wants(match);
  const best = nearest(assessed(match, observation));
  const near =
    best !== undefined &&
    (best.assessment.miss === null || best.assessment.score > 0 || (match.name === undefined && match.id === undefined));
  if (!near) return { finding: { ok: false, wanted, subject: null, miss: null }, identity: '' };
  const { item, assessment } = best;
  return {
    finding: {
      ok: assessment.miss === null,
      wanted,
      subject: familiarReference(item.RepoTags[0] ?? item.Id),
      miss: assessment.miss,
    },
    identity: item.Id,
  };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: asItem((finding: ObjectFinding) => objectWords('image', finding)) },
});

export const countable: Countable<ImagePredicate> = {
  count: (match, observation) => assessed(match, observation).filter(({ assessment }) => assessment.miss === null).length,
  phrase: { en: (match, many) => describe('image', wants(match), { plural: many, article: false }) },
};
