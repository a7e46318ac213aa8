/** A plan carried out: stages side by side, each step taken from the cache or done (moby/buildkit: solver). */
import { utf8 } from '../../../base/bytes.ts';
import type { DisposableStore } from '../../../base/disposable.ts';
import { AppError, toAppError } from '../../../base/errors.ts';
import { digestOf } from '../../content/verified.ts';
import type { BuildImages } from '../../images/builds.ts';
import { chainIds } from '../../images/chain.ts';
import type { BuildCache, CacheRecord } from '../cache/build-cache.ts';
import type { BuildPlan, Source, StagePlan, Step } from '../plan/model.ts';
import { WatchedVertex, type Watcher } from './watched.ts';
import type { WrittenStep } from './write-step.ts';

/** Layers, and where they came from. */
export interface Solved {
  /** Of what the layers are made from: what stands on them is cached under it. */
  readonly key: string;
  /** The record of the topmost; '' where that is an image's, or there is none. */
  readonly record: string;
  /** Bottom first. */
  readonly diffIds: readonly string[];
  /** Unix nanoseconds at which each step's layer was made, in their order. */
  readonly times: readonly bigint[];
  /** Something below was done anew although it may have been cached: what stands on it is done, too. */
  readonly isRedone: boolean;
  readonly vertex: WatchedVertex | null;
}

/** What is to be done for a step. */
export interface StepWork {
  /** Of the instruction and of what it reads beside the layers below. */
  readonly digest: string;
  /** In the cache's list. */
  readonly description: string;
  readonly perform: (vertex: WatchedVertex, signal: AbortSignal) => Promise<WrittenStep>;
}

export interface Solving {
  readonly images: BuildImages;
  readonly cache: BuildCache;
  readonly watcher: Watcher;
  /** Diff IDs of an image that is here, bottom first. @throws AppError not_found */
  readonly layersOf: (source: Extract<Source, { readonly kind: 'image' }>) => Promise<readonly string[]>;
  /** @param from what a step reads from, solved */
  readonly workOf: (step: Step, below: Solved, from: (stage: StagePlan) => Solved, signal: AbortSignal) => Promise<StepWork>;
  /** One stage after the other, for who tells of them line by line. */
  readonly isSerial: boolean;
  /** Keeps layers until the build is over. */
  readonly held: DisposableStore;
}

/** @throws AppError of the step that failed first; the others are called off and over then */
export async function solve(solving: Solving, { stages, target }: BuildPlan, client: AbortSignal): Promise<Solved> {
  const control = new AbortController();
  const { signal } = control;
  const leave = (): void => control.abort(client.reason);
  client.addEventListener('abort', leave, { once: true });
  if (client.aborted) leave();
  const solved = new Map<StagePlan, Promise<Solved>>();
  let before: Promise<unknown> = Promise.resolve();
  for (const stage of stages) {
    const needs = Promise.all([...stage.needs.map((each) => solved.get(each)), ...(solving.isSerial ? [before] : [])]);
    const done = needs.then(async () => solveStage(solving, stage, await results(stage, solved), signal));
    // The others are called off, and waited for below.
    done.catch((thrown: unknown) => control.abort(thrown));
    solved.set(stage, done);
    before = done;
  }
  const settled = await Promise.allSettled(solved.values());
  client.removeEventListener('abort', leave);
  client.throwIfAborted();
  if (signal.aborted) throw signal.reason;
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  const result = await solved.get(target);
  if (result === undefined) throw new Error('the target is not among the stages of its plan');
  return result;
}

type Results = ReadonlyMap<StagePlan, Solved>;

async function results({ needs }: StagePlan, solved: ReadonlyMap<StagePlan, Promise<Solved>>): Promise<Results> {
  const found = new Map<StagePlan, Solved>();
  for (const each of needs) {
    const result = await solved.get(each);
    if (result !== undefined) found.set(each, result);
  }
  return found;
}

async function solveStage(solving: Solving, stage: StagePlan, needs: Results, signal: AbortSignal): Promise<Solved> {
  const from = (needed: StagePlan): Solved => {
    const found = needs.get(needed);
    if (found === undefined) throw new Error(`stage ${needed.name} was not planned for`);
    return found;
  };
  let state = await begin(solving, stage, from);
  for (const step of stage.steps) {
    signal.throwIfAborted();
    state = await solveStep(solving, step, { below: state, from, signal }).catch((thrown: unknown) => Promise.reject(at(step, thrown)));
  }
  return state;
}

/** With the lines of the Dockerfile that it is about. */
function at({ lines }: Step, thrown: unknown): AppError {
  const { kind, message, detail } = toAppError(thrown);
  if (kind === 'cancelled' || detail['line'] !== undefined) return toAppError(thrown);
  return new AppError(kind, message, { detail: { ...detail, line: lines.start, endLine: lines.end }, cause: thrown });
}

async function begin(solving: Solving, { from: source, fromName }: StagePlan, from: (stage: StagePlan) => Solved): Promise<Solved> {
  const { images, held, watcher, layersOf } = solving;
  if (source.kind === 'stage') return from(source.stage);
  const nothing = { key: digestOf(utf8('scratch')), record: '', diffIds: [], times: [], isRedone: false, vertex: null };
  if (source.kind !== 'image') return nothing;
  const diffIds = await layersOf(source);
  held.add(images.hold(diffIds));
  const key = chainIds(diffIds).at(-1) ?? nothing.key;
  const vertex = fromName === null ? null : new WatchedVertex(watcher, fromName, [], key);
  await vertex?.while(() => Promise.resolve());
  return { ...nothing, key, diffIds, vertex };
}

interface StepSurroundings {
  readonly below: Solved;
  readonly from: (stage: StagePlan) => Solved;
  readonly signal: AbortSignal;
}

async function solveStep(solving: Solving, step: Step, { below, from, signal }: StepSurroundings): Promise<Solved> {
  const { cache, watcher, workOf } = solving;
  const inputs = below.vertex === null ? [] : [below.vertex];
  const vertex = new WatchedVertex(watcher, step.name, inputs, `${below.key} ${step.lines.start}`);
  let work: StepWork;
  try {
    work = await workOf(step, below, from, signal);
  } catch (thrown) {
    // It tells what it wants when it is about to be done.
    await vertex.while(() => Promise.reject(thrown as Error));
    throw thrown;
  }
  const key = digestOf(utf8(`${below.key} ${work.digest}`));
  const isRedone = below.isRedone || !step.isCached;
  const cached = isRedone ? undefined : cache.find(key);
  if (cached !== undefined) cache.use(cached);
  const record = cached ?? (await make(solving, work, { key, below, vertex, signal, replaces: isRedone }));
  hold(solving, record);
  if (cached !== undefined) vertex.end({ cached: true });
  return {
    key,
    record: record.id,
    diffIds: [...below.diffIds, record.diffId],
    times: [...below.times, record.created],
    isRedone,
    vertex,
  };
}

interface Making {
  readonly key: string;
  readonly below: Solved;
  readonly vertex: WatchedVertex;
  readonly signal: AbortSignal;
  readonly replaces: boolean;
}

function make({ images, cache }: Solving, work: StepWork, { key, below, vertex, signal, replaces }: Making): Promise<CacheRecord> {
  return vertex.while(async () => {
    const step = await work.perform(vertex, signal);
    try {
      const layer = await images.take(step.written, signal);
      try {
        const { diffId, size } = layer;
        return cache.add({ key, parent: below.record, type: 'regular', description: work.description, diffId, size }, replaces);
      } finally {
        layer.dispose();
      }
    } finally {
      await step.discard();
    }
  });
}

/** Neither pruned nor swept while the build goes on. */
function hold({ images, cache, held }: Solving, { id, diffId }: CacheRecord): void {
  cache.hold(id);
  held.add({ dispose: () => cache.release(id) });
  held.add(images.hold([diffId]));
}
