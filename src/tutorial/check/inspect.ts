import { english } from '../catalogue/en.ts';
import { leafNames, type Predicate } from '../predicates/registry.ts';
import { createMemory, evaluate, type LeafOutcome } from './evaluate.ts';
import { recordReads, type FactRead } from './record-reads.ts';
import type { Observation } from './observation.ts';

/** A look at the facts of a step, as the session took it. */
export interface Look {
  /** Of the step one is in. */
  readonly step: string;
  readonly observation: Observation;
  /** What was found of that step's check; of ways of an `any` only the one that is told. */
  readonly leaves: readonly LeafOutcome[];
  /** What any step of the tutorial checks. */
  checkOf(step: string): Predicate | null;
}

/** A leaf as it is, and what made it so. */
export interface InspectedLeaf extends LeafOutcome {
  /** Whether the learner is told of it; else it is of another way to the same end. */
  readonly told: boolean;
  /** What the check read of engine, log and guest. */
  readonly reads: readonly FactRead[];
  /** Why it could not be looked at; null where it could. */
  readonly failure: string | null;
}

/** Every leaf of a step's check, from the top, with the facts that it reads. @param step any of the tutorial; of one that is not entered nothing is remembered */
export async function inspectCheck(look: Look, step: string = look.step): Promise<readonly InspectedLeaf[]> {
  const check = look.checkOf(step);
  if (check === null) return [];
  const told = step === look.step ? look.leaves : [];
  return Promise.all(leavesIn(check, 'check', look.observation).map((leaf) => inspectLeaf(leaf, told)));
}

interface PlacedLeaf {
  readonly path: string;
  readonly predicate: Predicate;
  readonly observation: Observation;
}

async function inspectLeaf({ path, predicate, observation }: PlacedLeaf, told: readonly LeafOutcome[]): Promise<InspectedLeaf> {
  const recorded = recordReads(observation);
  const name = leafNames.find((candidate) => predicate[candidate] !== undefined) ?? 'container';
  const known = told.find((leaf) => leaf.path === path);
  const unknown: LeafOutcome = { path, predicate: name, timing: 'level', ok: false, expected: '', actual: '', sentence: '' };
  try {
    const { leaves } = await evaluate(predicate, recorded.observation, { memory: createMemory(), catalogue: english });
    return { ...(known ?? leaves[0] ?? unknown), path, told: known !== undefined, reads: recorded.reads(), failure: null };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { ...(known ?? unknown), told: known !== undefined, reads: recorded.reads(), failure };
  }
}

/** With the paths that `evaluate` gives them. */
function leavesIn({ all, any, not, since, for: _held, ...leaf }: Predicate, path: string, observation: Observation): readonly PlacedLeaf[] {
  const seen = since === 'tutorial' ? { ...observation, horizon: 0 } : observation;
  if (all !== undefined) return all.flatMap((part, index) => leavesIn(part, `${path}.all.${index}`, seen));
  if (any !== undefined) return any.flatMap((part, index) => leavesIn(part, `${path}.any.${index}`, seen));
  if (not !== undefined) return leavesIn(not, `${path}.not`, seen);
  const name = leafNames.find((candidate) => leaf[candidate] !== undefined);
  return name === undefined ? [] : [{ path: `${path}.${name}`, predicate: leaf, observation: seen }];
}
