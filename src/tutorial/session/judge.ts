import type { Catalogue } from '../catalogue/catalogue.ts';
import { createMemory, evaluate, needsPolling, type Outcome } from '../check/evaluate.ts';
import type { Hint } from '../format/step.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { Observation } from '../check/observation.ts';
import type { Clock } from '../clock.ts';
import { predicatesOf } from '../load/tutorial.ts';
import { chooseHint, untilNextHint, type ShownHint } from './hints.ts';
import type { ResolvedStep } from './resolve-tutorial.ts';
import type { Visit } from './visit.ts';

/** How a step stands by one look at the facts. */
export interface Judgement {
  readonly outcome: Outcome;
  readonly hint: ShownHint | null;
  /** The learner did something since the step was entered. */
  readonly begun: boolean;
  /** What the step builds on was there at some time since it was entered. */
  readonly based: boolean;
  /** What the check holds of is what show me left behind. */
  readonly stale: boolean;
  /** Why the step cannot be done as things are. */
  readonly problem: string | null;
}

/** @param needed titles of the steps that this one needs */
export async function judge(visit: Visit, needed: readonly string[], observation: Observation, catalogue: Catalogue): Promise<Judgement> {
  const tools = { memory: visit.memory, catalogue };
  const { was, check, hints } = visit.step.front;
  const before = was === undefined || visit.based ? null : await evaluate(was, observation, tools, 'was');
  const based = before?.ok ?? true;
  const outcome = await evaluate(check, observation, tools, 'check');
  const stale = visit.leftover !== null && outcome.standing === visit.leftover;
  const begun =
    visit.begun || observation.answer !== null || observation.log.some((entry) => entry.sequence > observation.horizon && isDeed(entry));
  const holds = async (when: Parameters<typeof evaluate>[0], id: string): Promise<boolean> =>
    (await evaluate(when, observation, tools, `hints.${id}`)).ok;
  return {
    outcome,
    hint: outcome.ok ? null : await chooseHint(begun ? hints : onlyTimed(hints), observation.now - visit.enteredAt, holds),
    begun,
    based,
    stale,
    problem: !based ? catalogue.lacking(before?.failing?.sentence ?? '', needed) : stale ? catalogue.leftover() : null,
  };
}

const onlyTimed = (hints: Readonly<Record<string, Hint>>): Readonly<Record<string, Hint>> =>
  Object.fromEntries(Object.entries(hints).filter(([, { when }]) => when === undefined));

/** Anything that came to be, but for what the page itself asks the engine and what containers ask for by themselves. */
const isDeed = (entry: LogEntry): boolean =>
  !['request-closed', 'trouble', 'dns', 'outside'].includes(entry.kind) && (entry.kind !== 'request' || entry.transport !== 'page');

/** What the check holds of before anything was done; null when it does not hold. */
export async function standingOf({ front }: ResolvedStep, observation: Observation, catalogue: Catalogue): Promise<string | null> {
  return (await evaluate(front.check, observation, { memory: createMemory(), catalogue })).standing;
}

/** Milliseconds between looks at what does not announce itself: 2 Hz. */
export const pollEvery = 500;

/** Milliseconds until time alone may have changed how a step stands; null when only an event can. @param visible whether to poll */
export function untilNextLook({ step, outcome, failure, enteredAt }: Visit, clock: Clock, visible: boolean): number | null {
  const polled = visible && (failure !== null || predicatesOf(step.front).some(needsPolling));
  const waits = [outcome?.wait ?? null, untilNextHint(step.front.hints, clock.now() - enteredAt), polled ? pollEvery : null];
  const due = waits.filter((wait) => wait !== null);
  return due.length === 0 ? null : Math.min(...due);
}
