import { z } from 'zod';
import type { LogEntry } from '../../protocol/log.ts';
import { containerFields, containerMaps } from '../check/container-fields.ts';
import { equal, readingText, type Reading } from '../check/match.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import { findContainer, type Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { asItem, nounOf } from '../catalogue/en-fields.ts';
import type { EngineSnapshot } from '../facts.ts';
import { lazily } from '../format/lazily.ts';
import { findImage } from '../references.ts';
import { imageFields } from './image.ts';
import { networkFields } from './network.ts';

/** A fact that an answer is compared with. */
export const fact = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      container: z.string().min(1).optional().describe('Name of a container.'),
      image: z.string().min(1).optional().describe('Reference of an image.'),
      network: z.string().min(1).optional().describe('Name of a network.'),
      field: z.string().min(1).describe('Its field, as in the predicate of that name; of a map with the key behind a dot: ports.80/tcp.'),
    })
    .refine(
      ({ container, image, network }) => [container, image, network].filter((of) => of !== undefined).length === 1,
      'a fact is of one container, one image or one network',
    )
    .meta({ id: 'fact' }),
);
export type FactRef = z.infer<ReturnType<typeof fact>>;

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      equals: fact().optional().describe('The answer is this fact.'),
      'prefix-of': fact().optional().describe('The answer is a prefix of this fact.'),
      'at-least': z.number().int().min(1).optional().describe('Least number of characters of a prefix; 4 unless given.'),
    })
    .refine(
      (answer) => (answer.equals === undefined) !== (answer['prefix-of'] === undefined),
      'an answer is compared by equals or by prefix-of',
    )
    .refine((answer) => answer['at-least'] === undefined || answer['prefix-of'] !== undefined, 'at-least belongs to prefix-of')
    .describe('What the learner answered is true.'),
);
export type AnswerPredicate = z.infer<ReturnType<typeof schema>>;

interface Finding {
  readonly ok: boolean;
  readonly fact: FactRef;
  readonly relation: 'equals' | 'prefix-of';
  readonly atLeast: number;
  readonly given: string | null;
  /** Why it is not ok. */
  readonly why: 'nothing-given' | 'too-short' | 'wrong' | 'no-such-fact' | null;
}

const isKey = <T extends object>(table: T, key: PropertyKey): key is keyof T => Object.hasOwn(table, key);

/** The fact that an answer is compared with, or that show me answers with; undefined when there is no such object or field. */
export function readFact(
  { container, image, network, field }: FactRef,
  engine: EngineSnapshot,
  log: readonly LogEntry[],
): Reading | undefined {
  const foundContainer = container === undefined ? undefined : findContainer(engine, container);
  if (foundContainer !== undefined) {
    const [map, key] = mapField(field);
    if (isKey(containerMaps, map)) return containerMaps[map](foundContainer)[key];
    return isKey(containerFields, field) ? containerFields[field](foundContainer, engine, log) : undefined;
  }
  const foundNetwork = network === undefined ? undefined : engine.networks.find(({ Name }) => Name === network);
  if (foundNetwork !== undefined) return isKey(networkFields, field) ? networkFields[field](foundNetwork) : undefined;
  const foundImage = image === undefined ? undefined : findImage(engine.images, image);
  return foundImage !== undefined && isKey(imageFields, field) ? imageFields[field](foundImage, engine) : undefined;
}

/** Whether a fact names a field that exists. */
export function isFactField({ container, network, field }: FactRef): boolean {
  if (network !== undefined) return isKey(networkFields, field);
  return container === undefined ? isKey(imageFields, field) : isKey(containerFields, field) || isKey(containerMaps, mapField(field)[0]);
}

/** `ports.80/tcp` is the key `80/tcp` of the map `ports`. */
function mapField(field: string): readonly [map: string, key: string] {
  const dot = field.indexOf('.');
  return dot < 0 ? ['', ''] : [field.slice(0, dot), field.slice(dot + 1)];
}

function find(match: AnswerPredicate, observation: Observation): Found<Finding> {
  const relation = match.equals === undefined ? 'prefix-of' : 'equals';
  const asked = match.equals ?? match['prefix-of'];
  const atLeast = match['at-least'] ?? 4;
  const why = asked === undefined ? 'no-such-fact' : problem(asked, relation, atLeast, observation);
  const finding: Finding = {
    ok: why === null,
    fact: asked ?? { field: '' },
    relation,
    atLeast,
    given: observation.answer,
    why,
  };
  return { finding, identity: observation.answer ?? '' };
}

function problem(fact: FactRef, relation: Finding['relation'], atLeast: number, observation: Observation): Finding['why'] {
  const given = observation.answer;
  if (given === null || given === '') return 'nothing-given';
  const reading = readFact(fact, observation.engine, observation.log);
  if (reading === undefined) return 'no-such-fact';
  if (relation === 'equals') return equal(reading, given) ? null : 'wrong';
  if (withoutAlgorithm(given).length < atLeast) return 'too-short';
  return withoutAlgorithm(readingText(reading)).startsWith(withoutAlgorithm(given)) ? null : 'wrong';
}

/** `docker images` shows ids without their `sha256:`. */
const withoutAlgorithm = (id: string): string => id.replace(/^sha256:/, '').toLowerCase();

function words({ ok, fact, relation, atLeast, given, why }: Finding): Words {
  const of = fact.container ?? fact.image ?? fact.network ?? '';
  const what = `the ${nounOf(fact.field)} of ${of}`;
  const wanted = relation === 'equals' ? what : `the beginning of ${what}`;
  const expected = `the answer is ${wanted}`;
  const actual = given ?? 'no answer';
  if (ok) return { expected, actual, sentence: `${actual} is right.` };
  const sentences = {
    'nothing-given': 'The question is not answered yet.',
    'too-short': `That is too short to be sure: at least ${atLeast} characters are needed.`,
    wrong: `${actual} is not ${wanted}.`,
    'no-such-fact': `There is no ${of} that the answer could be compared with.`,
  } as const;
  return { expected, actual, sentence: sentences[why ?? 'wrong'] };
}

export const predicate = definePredicate({ timing: 'edge', find, words: { en: asItem(words) } });
