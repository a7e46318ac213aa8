import { AppError } from '../../base/errors.ts';
import type { Catalogue, Words } from '../catalogue/catalogue.ts';
import { leafNames, predicates, type LeafName, type Leaves, type Predicate } from '../predicates/registry.ts';
import { parseDuration } from '../quantities.ts';
import type { Checked, Timing } from './predicate.ts';
import type { Observation } from './observation.ts';

/** What is remembered of a predicate between evaluations. One per step entered. */
export interface Memory {
  /** By path: edge leaves that were true. */
  readonly latched: Map<string, LeafOutcome>;
  /** By path: since when what has a `for` holds, and of which object. */
  readonly held: Map<string, { readonly identity: string; readonly since: number }>;
}

export const createMemory = (): Memory => ({ latched: new Map(), held: new Map() });

export interface LeafOutcome extends Words {
  /** Where it stands, e.g. `all.0.container`. */
  readonly path: string;
  readonly predicate: LeafName;
  readonly timing: Timing;
  readonly ok: boolean;
}

export interface Outcome {
  readonly ok: boolean;
  readonly leaves: readonly LeafOutcome[];
  /** What the learner is told when it is not ok. */
  readonly failing: LeafOutcome | null;
  /** Milliseconds until what already holds has held long enough; null when time alone changes nothing. */
  readonly wait: number | null;
  /** Which objects it holds of, or will once it has held long enough; null when it does not hold. */
  readonly standing: string | null;
}

interface Inner extends Omit<Outcome, 'standing'> {
  readonly identity: string;
  /** Only time is missing. */
  readonly pending: boolean;
  /** Leaves of ways that are not told. */
  readonly untold: readonly LeafOutcome[];
}

interface Tools {
  readonly memory: Memory;
  readonly catalogue: Catalogue;
}

export async function evaluate(predicate: Predicate, observation: Observation, tools: Tools, path = ''): Promise<Outcome> {
  const { identity, pending, untold: _untold, ...outcome } = await visit(predicate, observation, tools, path);
  return { ...outcome, standing: outcome.ok || pending ? identity : null };
}

async function visit(predicate: Predicate, observation: Observation, tools: Tools, path: string): Promise<Inner> {
  const seen: Observation = predicate.since === 'tutorial' ? { ...observation, horizon: 0 } : observation;
  const inner = await visitInner(predicate, seen, tools, path);
  return predicate.for === undefined ? inner : hold(inner, predicate.for, observation, tools, path);
}

async function visitInner(predicate: Predicate, observation: Observation, tools: Tools, path: string): Promise<Inner> {
  if (predicate.all !== undefined) return every(await visitAll(predicate.all, observation, tools, join(path, 'all')));
  if (predicate.any !== undefined) return some(await visitAll(predicate.any, observation, tools, join(path, 'any')));
  if (predicate.not !== undefined) return invert(await visit(predicate.not, observation, tools, join(path, 'not')), tools);
  const [leaf] = leavesOf(predicate);
  if (leaf === undefined) throw new AppError('internal', 'a predicate that asks for nothing');
  return visitLeaf(leaf, observation, tools, join(path, leaf.name));
}

const join = (path: string, part: string): string => (path === '' ? part : `${path}.${part}`);

const visitAll = (predicates: readonly Predicate[], observation: Observation, tools: Tools, path: string): Promise<Inner[]> =>
  Promise.all(predicates.map((predicate, index) => visit(predicate, observation, tools, `${path}.${index}`)));

function every(parts: readonly Inner[]): Inner {
  const broken = parts.filter(({ ok }) => !ok);
  const waiting = broken.flatMap(({ wait }) => (wait === null ? [] : [wait]));
  return {
    ok: broken.length === 0,
    leaves: parts.flatMap(({ leaves }) => leaves),
    failing: (broken.find(({ wait }) => wait === null) ?? broken[0])?.failing ?? null,
    wait: waiting.length === 0 ? null : Math.min(...waiting),
    identity: parts.map(({ identity }) => identity).join('\n'),
    pending: broken.length > 0 && broken.every(({ pending }) => pending),
    untold: parts.flatMap(({ untold }) => untold),
  };
}

/** Told is one way: the one that holds, else the one that is furthest, so that a list of leaves is a list of what is to be done. */
function some(parts: readonly Inner[]): Inner {
  const done = ({ leaves }: Inner): number => leaves.filter(({ ok }) => ok).length;
  const told = parts.find(({ ok }) => ok) ?? parts.reduce((best, part) => (done(part) > done(best) ? part : best));
  const untold = [...told.untold, ...parts.flatMap((part) => (part === told ? [] : [...part.leaves, ...part.untold]))];
  if (told.ok) return { ...told, untold };
  const { wait, identity } = every(parts);
  return { ...told, wait, identity, pending: parts.some(({ pending }) => pending), untold };
}

/** Each leaf says the contrary; what holds nothing back is what must not be so. */
function invert(inner: Inner, { catalogue }: Tools): Inner {
  const contrary = (leaf: LeafOutcome): LeafOutcome => ({ ...leaf, ...catalogue.not(leaf, !leaf.ok), ok: !leaf.ok });
  const leaves = [...inner.leaves, ...inner.untold].map(contrary);
  const ok = !inner.ok;
  const failing = ok ? null : (leaves.find((leaf) => !leaf.ok) ?? leaves[0] ?? null);
  return { ok, leaves, failing, wait: null, identity: inner.identity, pending: false, untold: [] };
}

/** What stands behind a predicate's name, with what the predicate makes of it. */
interface Leaf {
  readonly name: LeafName;
  readonly timing: Timing;
  readonly heldFor: string | undefined;
  readonly polled: boolean;
  readonly watchesExecs: boolean;
  check(observation: Observation): Promise<Checked>;
}

function leafOf<K extends LeafName>(name: K, leaves: Leaves): Leaf | null {
  const match = leaves[name];
  if (match === undefined) return null;
  const kind = predicates[name];
  return {
    name,
    timing: kind.timing(match),
    heldFor: kind.heldFor(match),
    polled: kind.polled(match),
    watchesExecs: kind.watchesExecs,
    check: (observation) => kind.check(match, observation),
  };
}

const leavesOf = (predicate: Predicate): readonly Leaf[] =>
  leafNames.map((name) => leafOf(name, predicate)).filter((leaf) => leaf !== null);

async function visitLeaf({ name, timing, heldFor, check }: Leaf, observation: Observation, tools: Tools, path: string): Promise<Inner> {
  const latched = timing === 'edge' ? tools.memory.latched.get(path) : undefined;
  if (latched !== undefined) return single(latched, path);
  const { ok, identity, words } = await check(observation);
  const outcome: LeafOutcome = { path, predicate: name, timing, ok, ...words(tools.catalogue.locale) };
  if (timing === 'edge' && outcome.ok) tools.memory.latched.set(path, outcome);
  return heldFor === undefined ? single(outcome, identity) : hold(single(outcome, identity), heldFor, observation, tools, path);
}

const single = (leaf: LeafOutcome, identity: string): Inner => ({
  ok: leaf.ok,
  leaves: [leaf],
  failing: leaf.ok ? null : leaf,
  wait: null,
  identity,
  pending: false,
  untold: [],
});

function hold(inner: Inner, duration: string, observation: Observation, { memory, catalogue }: Tools, path: string): Inner {
  if (!inner.ok) {
    memory.held.delete(path);
    return inner;
  }
  const known = memory.held.get(path);
  const since = known !== undefined && known.identity === inner.identity ? known.since : observation.now;
  memory.held.set(path, { identity: inner.identity, since });
  const left = since + parseDuration(duration) - observation.now;
  if (left <= 0) return inner;
  const leaves = inner.leaves.map((leaf, index): LeafOutcome =>
    index === inner.leaves.length - 1 ? { ...leaf, ...catalogue.held(leaf, left), ok: false } : leaf,
  );
  return { ...inner, ok: false, leaves, failing: leaves.at(-1) ?? null, wait: left, pending: true };
}

/** Whether only asking again can tell that it changed. */
export const needsPolling = (predicate: Predicate): boolean => someLeaf(predicate, ({ polled }) => polled);

export const asksForExecs = (predicate: Predicate): boolean => someLeaf(predicate, ({ watchesExecs }) => watchesExecs);

function someLeaf(predicate: Predicate, test: (leaf: Leaf) => boolean): boolean {
  const { all, any, not } = predicate;
  const inside = [...(all ?? []), ...(any ?? []), ...(not === undefined ? [] : [not])];
  return leavesOf(predicate).some(test) || inside.some((part) => someLeaf(part, test));
}
