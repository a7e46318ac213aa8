import type { ImageSummary } from '../../protocol/engine-api.ts';
import type { ImagePredicate, Matcher } from '../../protocol/tutorial-check.ts';
import { assess, nearest, type FieldTest } from '../check/candidates.ts';
import { bytes, number, text, textMap } from '../check/container-fields.ts';
import type { LeafResult, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { splitOperand, type Scene } from '../check/scene.ts';
import type { EngineSnapshot } from '../facts.ts';
import { familiarReference, findImage, imageAliases } from '../references.ts';

type Field = Exclude<keyof ImagePredicate, 'labels'>;

export const imageFields: Readonly<Record<Field, (image: ImageSummary, engine: EngineSnapshot) => Reading>> = {
  name: ({ Id, RepoTags }, { images }) => ({ kind: 'image', value: imageAliases(images, RepoTags[0] ?? Id, Id) }),
  id: ({ Id }) => text(Id),
  size: ({ Size }) => bytes(Size),
  containers: ({ Id }, { containers }) => number(containers.filter(({ Image }) => Image === Id).length),
};

const isField = (key: string): key is Field => Object.hasOwn(imageFields, key);

function tests(match: ImagePredicate, image: ImageSummary, scene: Scene): FieldTest[] {
  const fields = Object.keys(match)
    .filter(isField)
    .flatMap((field) => {
      const matcher = match[field];
      return matcher === undefined ? [] : [fieldTest(field, matcher, image, scene)];
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

function fieldTest(field: Field, matcher: Matcher, image: ImageSummary, scene: Scene): FieldTest {
  return {
    field,
    matcher,
    reading: imageFields[field](image, scene.engine),
    operand: (operand) => {
      const [kind, name] = splitOperand(operand);
      const engine = kind === 'entry' ? scene.entry : scene.engine;
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

export function imageWants(match: ImagePredicate): readonly Want[] {
  const labels = Object.entries(match.labels ?? {}).map(([key, matcher]) => ({ field: `labels.${key}`, matcher }));
  const fields = Object.keys(match)
    .filter(isField)
    .flatMap((field) => (match[field] === undefined ? [] : [{ field, matcher: match[field] }]));
  return [...fields, ...labels];
}

const assessed = (match: ImagePredicate, scene: Scene) =>
  scene.engine.images.map((item) => ({ item, assessment: assess(tests(match, item, scene)) }));

export function checkImage(match: ImagePredicate, scene: Scene): LeafResult {
  const wanted = imageWants(match);
  const best = nearest(assessed(match, scene));
  const near =
    best !== undefined &&
    (best.assessment.miss === null || best.assessment.score > 0 || (match.name === undefined && match.id === undefined));
  if (!near) return { finding: { predicate: 'image', ok: false, wanted, subject: null, miss: null }, identity: '' };
  const { item, assessment } = best;
  return {
    finding: {
      predicate: 'image',
      ok: assessment.miss === null,
      wanted,
      subject: familiarReference(item.RepoTags[0] ?? item.Id),
      miss: assessment.miss,
    },
    identity: item.Id,
  };
}

export const countImages = (match: ImagePredicate, scene: Scene): number =>
  assessed(match, scene).filter(({ assessment }) => assessment.miss === null).length;
