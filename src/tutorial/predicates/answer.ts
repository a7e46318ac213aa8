import type { LogEntry } from '../../protocol/log.ts';
import type { AnswerPredicate, FactRef } from '../../protocol/tutorial-check.ts';
import { containerFields } from '../check/container-fields.ts';
import type { AnswerFinding, LeafResult } from '../check/finding.ts';
import { equal, readingText, type Reading } from '../check/match.ts';
import { findContainer, type Scene } from '../check/scene.ts';
import type { EngineSnapshot } from '../facts.ts';
import { findImage } from '../references.ts';
import { imageFields } from './image.ts';

const isKey = <T extends object>(table: T, key: PropertyKey): key is keyof T => Object.hasOwn(table, key);

/** The fact that an answer is compared with, or that show me answers with; undefined when there is no such object or field. */
export function readFact({ container, image, field }: FactRef, engine: EngineSnapshot, log: readonly LogEntry[]): Reading | undefined {
  const foundContainer = container === undefined ? undefined : findContainer(engine, container);
  if (foundContainer !== undefined && isKey(containerFields, field)) return containerFields[field](foundContainer, engine, log);
  const foundImage = image === undefined ? undefined : findImage(engine.images, image);
  return foundImage !== undefined && isKey(imageFields, field) ? imageFields[field](foundImage, engine) : undefined;
}

/** Whether a fact names a field that exists. */
export const isFactField = ({ container, field }: FactRef): boolean =>
  container === undefined ? isKey(imageFields, field) : isKey(containerFields, field);

export function checkAnswer(match: AnswerPredicate, scene: Scene): LeafResult {
  const relation = match.equals === undefined ? 'prefix-of' : 'equals';
  const fact = match.equals ?? match['prefix-of'];
  const atLeast = match['at-least'] ?? 4;
  const why = fact === undefined ? 'no-such-fact' : problem(fact, relation, atLeast, scene);
  const finding: AnswerFinding = {
    predicate: 'answer',
    ok: why === null,
    fact: fact ?? { field: '' },
    relation,
    atLeast,
    given: scene.answer,
    why,
  };
  return { finding, identity: scene.answer ?? '' };
}

function problem(fact: FactRef, relation: AnswerFinding['relation'], atLeast: number, scene: Scene): AnswerFinding['why'] {
  const given = scene.answer;
  if (given === null || given === '') return 'nothing-given';
  const reading = readFact(fact, scene.engine, scene.log);
  if (reading === undefined) return 'no-such-fact';
  if (relation === 'equals') return equal(reading, given) ? null : 'wrong';
  if (withoutAlgorithm(given).length < atLeast) return 'too-short';
  return withoutAlgorithm(readingText(reading)).startsWith(withoutAlgorithm(given)) ? null : 'wrong';
}

/** `docker images` shows ids without their `sha256:`. */
const withoutAlgorithm = (id: string): string => id.replace(/^sha256:/, '').toLowerCase();
