import { AppError, toAppError } from '../../../src/base/errors.ts';
import type { Directive } from '../../../src/tutorial/format/directive.ts';
import type { StepTrials } from '../../../src/tutorial/format/trials.ts';
import type { Predicate } from '../../../src/tutorial/predicates/registry.ts';
import {
  openTutorial,
  perform,
  resolveTutorial,
  type ResolvedStep,
  type Tutorial,
  type TutorialSession,
} from '../../../src/tutorial/index.ts';
import { substitute } from '../../../src/tutorial/substitute.ts';
import { parseDuration } from '../../../src/tutorial/quantities.ts';
import type { Lab } from '../lab.ts';
import { worldTime } from '../world-time.ts';
import { flipsOf } from './flip.ts';

/** A trial that did not go as it must. */
export class TrialFailure extends Error {}

/** Milliseconds on the lab's clock: how long nothing is done, how long what a command set going may still take, and the most that passing may take. */
const idle = 2000;
const aftermath = 500;
const budget = 30_000;
const tick = 250;
/** Milliseconds of the world's time after which a trial gives up on lines that never end, whatever they print. */
const mostOfTheWorld = 20_000;

export interface TrialContext {
  readonly lab: Lab;
  readonly tutorial: Tutorial;
  readonly trials: Readonly<Record<string, StepTrials>>;
  readonly seed: string;
  /** Told what is typed. */
  readonly typed: (directive: Directive) => void;
  /** Told of each session, so that its state can be reported. */
  readonly opened: (session: TutorialSession) => void;
}

/** A session standing at the entry of the step, what the step needs done by the steps' own solutions: once, then the guest goes back to that moment. */
async function atEntry(context: TrialContext, id: string): Promise<TutorialSession> {
  const name = `${context.tutorial.manifest.id} ${context.seed} ${id}`;
  // What happened before the step is in no log after going back: who asks for it needs it done again.
  const moments = looksBack(context.tutorial) ? undefined : context.lab.moments;
  if ((await moments?.goBack(name)) === true) return entered(context, id);
  const session = await doneUpTo(context, id);
  await moments?.keep(name);
  return session;
}

/** In a guest in which the steps before are done. */
async function entered(context: TrialContext, id: string): Promise<TutorialSession> {
  const { id: tutorial, version } = context.tutorial.manifest;
  const order = context.tutorial.steps.map(({ front }) => front.id);
  // Every step before, needed or not: entering another one first would have its setup carried out.
  const done = order.slice(0, order.indexOf(id)).map((step) => [step, 'done'] as const);
  const session = openSession(context, { tutorial, version, seed: context.seed, steps: Object.fromEntries(done) });
  await session.start();
  await enterUnlessCurrent(session, id);
  const problem = session.state.current?.problem ?? null;
  if (problem !== null) throw new TrialFailure(`at entry, gone back to: ${problem}`);
  return session;
}

const looksBack = ({ steps }: Tutorial): boolean => steps.some(({ front }) => JSON.stringify(front).includes('"since":"tutorial"'));

async function doneUpTo(context: TrialContext, id: string): Promise<TutorialSession> {
  const { lab } = context;
  await lab.guest.reset();
  const session = openSession(context);
  await session.start();
  for (const needed of needsOf(context.tutorial, id)) {
    await enterUnlessCurrent(session, needed);
    await play(context, session, stepOf(context, needed).front.solution);
    await passes(context, session, `the step ${needed} that it needs`);
  }
  await enterUnlessCurrent(session, id);
  const problem = session.state.current?.problem ?? null;
  if (problem !== null) throw new TrialFailure(`at entry: ${problem}`);
  return session;
}

function openSession({ lab, tutorial, seed, opened }: TrialContext, progress?: ReturnType<TutorialSession['progress']>): TutorialSession {
  const session = openTutorial({
    tutorial,
    facts: lab.facts,
    guest: lab.guest,
    clock: lab.clock,
    terminal: (index) => lab.terminal(index),
    seed,
    ...(progress === undefined ? {} : { progress }),
  });
  opened(session);
  return session;
}

async function enterUnlessCurrent(session: TutorialSession, id: string): Promise<void> {
  const { current, steps } = session.state;
  if (current?.id === id && steps.find((step) => step.id === id)?.state === 'active') return;
  await session.enter(id);
}

export function stepOf({ tutorial, seed }: Pick<TrialContext, 'tutorial' | 'seed'>, id: string): ResolvedStep {
  const step = resolveTutorial(tutorial, seed).steps.find(({ front }) => front.id === id);
  if (step === undefined) throw new TrialFailure(`there is no step ${id}`);
  return step;
}

/** The variables of the attempt put in. */
export function trialsOfStep({ tutorial, trials, seed }: Pick<TrialContext, 'tutorial' | 'trials' | 'seed'>, id: string): StepTrials {
  const found = trials[id];
  if (found === undefined) throw new TrialFailure(`there are no trials of ${id}`);
  return substitute(found, resolveTutorial(tutorial, seed).vars);
}

/** Steps that must be done before, in order. */
function needsOf({ steps }: Tutorial, id: string): readonly string[] {
  const wanted = new Set<string>();
  const visit = (needed: string): void => {
    for (const before of steps.find(({ front }) => front.id === needed)?.needs ?? []) {
      visit(before);
      wanted.add(before);
    }
  };
  visit(id);
  return steps.map(({ front }) => front.id).filter((step) => wanted.has(step));
}

/** Types directives. @throws AppError `cancelled` when one waits in vain: nothing stirred for the lab's patience, or too much for too long */
async function play(context: TrialContext, session: TutorialSession, directives: readonly Directive[]): Promise<void> {
  const { patience, onStir } = context.lab;
  const abort = new AbortController();
  let current: Directive | undefined;
  let quiet = setTimeout(() => abort.abort(), patience);
  const most = worldTime.setTimeout(() => abort.abort(), mostOfTheWorld);
  const stirs = onStir(() => {
    clearTimeout(quiet);
    quiet = setTimeout(() => abort.abort(), patience);
  });
  const onDirective = (directive: Directive): void => {
    current = directive;
    context.typed(directive);
  };
  try {
    session.touch();
    await perform(directives, { ...session.directiveContext(0), onDirective }, abort.signal);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    throw new AppError('cancelled', `waited in vain at ${JSON.stringify(current)}: ${toAppError(error).message}`, { cause: error });
  } finally {
    stirs.dispose();
    clearTimeout(quiet);
    worldTime.clearTimeout(most);
  }
}

const stateOf = (session: TutorialSession): string =>
  session.state.steps.find(({ id }) => id === session.state.current?.id)?.state ?? 'none';

async function passes({ lab }: TrialContext, session: TutorialSession, what: string): Promise<void> {
  for (let waited = 0; waited <= budget; waited += tick) {
    await session.look();
    if (stateOf(session) === 'passed') return;
    await lab.letPass(tick);
  }
  throw new TrialFailure(
    `${what} must pass: ${session.state.current?.failure ?? session.state.current?.sentence ?? 'nothing was looked at'}`,
  );
}

/** Looks again when a thing that holds has held for as long as any `for` of the check asks, and what came of the commands is over. */
async function staysOpen(context: TrialContext, session: TutorialSession, what: string, time = aftermath): Promise<void> {
  await session.look();
  const { check } = stepOf(context, session.state.current?.id ?? '').front;
  await context.lab.letPass(Math.max(time, longestFor(check) + aftermath));
  await session.look();
  const failure = session.state.current?.failure ?? null;
  if (failure !== null) throw new AppError('internal', failure);
  if (stateOf(session) !== 'active') throw new TrialFailure(`${what} must not pass`);
}

function longestFor({ all, any, not, for: held, container, file, kernel, processes, http }: Predicate): number {
  const own = [held, container?.for, file?.for, kernel?.for, processes?.for, http?.for].map((duration) =>
    duration === undefined ? 0 : parseDuration(duration),
  );
  return Math.max(...own, ...[...(all ?? []), ...(any ?? []), ...(not === undefined ? [] : [not])].map(longestFor));
}

/** M0: nothing done, then a command that does nothing. */
export async function nothing(context: TrialContext, id: string): Promise<void> {
  const session = await atEntry(context, id);
  await staysOpen(context, session, 'doing nothing', idle);
  await play(context, session, [{ run: 'true' }]);
  await staysOpen(context, session, 'a command that does nothing');
}

/** S, and S′ with another route. */
export async function solves(context: TrialContext, id: string, route?: readonly Directive[]): Promise<TutorialSession> {
  const session = await atEntry(context, id);
  await play(context, session, route ?? stepOf(context, id).front.solution);
  await passes(context, session, route === undefined ? 'the solution' : 'the accepted route');
  return session;
}

/** S goes on: what the following step builds on is there. Nothing is said where that one builds on a step that this one does without. */
export async function leadsOn(context: TrialContext, session: TutorialSession, id: string, next: string): Promise<void> {
  const done = [...needsOf(context.tutorial, id), id];
  if (!needsOf(context.tutorial, next).every((needed) => done.includes(needed))) return;
  await session.enter(next);
  const problem = session.state.current?.problem ?? null;
  if (problem !== null) throw new TrialFailure(`entering ${next}: ${problem}`);
  await staysOpen(context, session, `the solution of the step before, for ${next},`);
}

/** M1: the solution without one line. */
export async function leavesOut(context: TrialContext, id: string, line: number): Promise<void> {
  const session = await atEntry(context, id);
  await playUnlessStuck(
    context,
    session,
    stepOf(context, id).front.solution.filter((_, index) => index !== line),
  );
  await staysOpen(context, session, `the solution without line ${line}`);
}

/** Without its line a solution may wait in vain, for a prompt, a fact or a thing to answer with: that is as good as not passing. */
async function playUnlessStuck(context: TrialContext, session: TutorialSession, directives: readonly Directive[]): Promise<void> {
  try {
    await play(context, session, directives);
  } catch (error) {
    if (!(error instanceof AppError) || (error.kind !== 'cancelled' && error.kind !== 'not_found')) throw error;
  }
}

/** M2: a near miss, and the hint that it must raise. */
export async function rejects(context: TrialContext, id: string, name: string): Promise<void> {
  const session = await atEntry(context, id);
  const reject = trialsOfStep(context, id).reject[name];
  if (reject === undefined) throw new TrialFailure(`there is no near miss ${name}`);
  await play(context, session, reject.run);
  await staysOpen(context, session, 'the near miss');
  if (reject.hint !== undefined) await raises(context, session, reject.hint);
}

/** A program in the background may take its time to end, and with it the hint to come. */
async function raises({ lab }: TrialContext, session: TutorialSession, hint: string): Promise<void> {
  const shown = (): string | undefined => session.state.current?.hint?.id;
  for (let waited = 0; waited <= budget && shown() !== hint; waited += tick) {
    await lab.letPass(tick);
    await session.look();
  }
  if (shown() !== hint) throw new TrialFailure(`it must raise the hint ${hint}, but raised ${shown() ?? 'none'}`);
  if (stateOf(session) !== 'active') throw new TrialFailure('the near miss must not pass');
}

/** M3: after the solution, every value of the check matters. */
export async function everyValueMatters(context: TrialContext, id: string): Promise<void> {
  const session = await solves(context, id);
  const { control, flips } = flipsOf(stepOf(context, id).front.check);
  const [unchanged, ...changed] = await session.probe([control, ...flips.map(({ predicate }) => predicate)]);
  if (unchanged?.ok !== true)
    throw new TrialFailure(`the unchanged check does not hold in one look: ${unchanged?.failing?.sentence ?? ''}`);
  const alive = new Set<string>();
  const problems: string[] = [];
  flips.forEach(({ path, negated, leaf }, index) => {
    if (changed[index]?.ok === false) alive.add(leaf);
    else if (!negated) problems.push(path);
  });
  for (const leaf of new Set(flips.filter(({ negated }) => negated).map((flip) => flip.leaf))) if (!alive.has(leaf)) problems.push(leaf);
  if (problems.length > 0) throw new TrialFailure(`the check passes whatever stands at ${problems.join(', ')}`);
}

/** Whether undoing everything can be seen: some positive leaf looks at what is there now. */
export function looksAtWhatIsThere({ all, any, container, network, volume, kernel, processes, file, count }: Predicate): boolean {
  const inside = [...(all ?? []), ...(any ?? [])];
  return (
    container !== undefined ||
    network !== undefined ||
    volume !== undefined ||
    kernel !== undefined ||
    processes !== undefined ||
    (file !== undefined && file.in !== 'guest') ||
    count?.container !== undefined ||
    inside.some(looksAtWhatIsThere)
  );
}

/** M4: the solution and the removal of every container, network and volume, both before anyone looked. */
export async function undone(context: TrialContext, id: string): Promise<void> {
  const session = await atEntry(context, id);
  const gate = createGate();
  const late = openSession(
    {
      ...context,
      lab: {
        ...context.lab,
        terminal: (index) => context.lab.terminal(index),
        letPass: (time) => context.lab.letPass(time),
        facts: gate.guard(context.lab.facts),
      },
    },
    session.progress(),
  );
  await late.start();
  await enterUnlessCurrent(late, id);
  gate.close();
  await play(context, session, stepOf(context, id).front.solution);
  const { containers, networks, volumes } = await context.lab.facts.sync();
  const own = networks.map(({ Name }) => Name).filter((name) => !['bridge', 'host', 'none'].includes(name));
  const undoing = [
    ['docker rm -f', ...containers.map(({ Id }) => Id.slice(0, 12))],
    ['docker network rm', ...own],
    ['docker volume rm', ...volumes.map(({ Name }) => Name)],
  ];
  for (const [command = '', ...names] of undoing)
    if (names.length > 0) await play(context, session, [{ run: [command, ...names].join(' ') }]);
  // A look takes the state as it was told last, which may be a moment old: what was undone is told first.
  await context.lab.facts.sync();
  gate.open();
  await staysOpen(context, late, 'what was undone');
}

/** R: after a reset the guest is as it was, and the step can be solved again. */
export async function startsOver(context: TrialContext, id: string): Promise<void> {
  await context.lab.guest.reset();
  const fresh = openSession(context);
  await fresh.start();
  const before = await pictureOf(context.lab);
  fresh.dispose();
  const session = await solves(context, id);
  const steps = session.state.steps.map((step) => step.id).join();
  await session.reset();
  const after = await pictureOf(context.lab);
  if (after !== before) throw new TrialFailure(`the reset left ${after} of ${before}`);
  if (session.state.steps.some(({ state }) => state !== 'locked' && state !== 'ready' && state !== 'active'))
    throw new TrialFailure('the reset left a step passed');
  if (session.state.steps.map((step) => step.id).join() !== steps) throw new TrialFailure('the reset changed the steps');
  await solves(context, id);
}

async function pictureOf({ facts }: Lab): Promise<string> {
  const { containers, images, networks, volumes } = await facts.sync();
  return JSON.stringify({
    containers: containers.map(({ Name }) => Name),
    images: images.map(({ Id }) => Id).toSorted(),
    networks: networks.map(({ Name }) => Name).toSorted(),
    volumes: volumes.map(({ Name }) => Name).toSorted(),
  });
}

/** Holds looks at the engine back while it is closed. */
function createGate() {
  let opened: Promise<void> = Promise.resolve();
  let release = (): void => undefined;
  return {
    close(): void {
      opened = new Promise((resolve) => {
        release = resolve;
      });
    },
    open: (): void => release(),
    guard: (facts: Lab['facts']): Lab['facts'] => ({
      snapshot: () => opened.then(() => facts.snapshot()),
      sync: () => opened.then(() => facts.sync()),
      logSince: (after) => facts.logSince(after),
      subscribeLog: (after, listener) => facts.subscribeLog(after, listener),
      unsubscribeLog: (subscription) => facts.unsubscribeLog(subscription),
      inspectGuest: (queries) => facts.inspectGuest(queries),
      probe: (request) => facts.probe(request),
      watchExecs: (wanted) => facts.watchExecs(wanted),
    }),
  };
}
