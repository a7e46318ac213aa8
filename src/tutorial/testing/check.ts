import { english } from '../catalogue/en.ts';
import { createMemory, evaluate, type Outcome } from '../check/evaluate.ts';
import type { Observation } from '../check/observation.ts';
import { predicate as schema } from '../format/predicate.ts';

/** A predicate as a tutorial writes it, looked at once. */
export const check = (predicate: unknown, observation: Observation): Promise<Outcome> =>
  evaluate(schema().parse(predicate), observation, { memory: createMemory(), catalogue: english });

/** What the learner is told is missing; "ok" for nothing. */
export const sentence = async (predicate: unknown, observation: Observation): Promise<string> =>
  (await check(predicate, observation)).failing?.sentence ?? 'ok';
