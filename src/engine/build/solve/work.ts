/** What there is to do for each step of a plan, and what its result depends on. */
import { utf8 } from '../../../base/bytes.ts';
import type { DisposableStore } from '../../../base/disposable.ts';
import { AppError } from '../../../base/errors.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';
import type { Needs } from '../../containers/context.ts';
import { digestOf } from '../../content/verified.ts';
import type { BuildImages } from '../../images/builds.ts';
import type { BuildCache } from '../cache/build-cache.ts';
import type { ReceivedContext } from '../context/receive.ts';
import type { SourceFiles } from '../context/source-files.ts';
import type { CopyStep, Mount, RunStep, Source, Step } from '../plan/model.ts';
import type { BaseImages } from './base.ts';
import { copyStep, makeDirectory, sourceDigest, type CopyContext, type CopySources } from './copy-step.ts';
import { openLayers } from './layer-files.ts';
import { runWork, type MountedLayers, type RunContext, type Secrets } from './run-work.ts';
import type { Solved, Solving, StepWork } from './solve.ts';

export type WorkContext = RunContext &
  CopyContext &
  Needs<'views' | 'volumes'> & { readonly builds: BuildImages; readonly cache: BuildCache };

export interface WorkParts {
  readonly files: ReceivedContext;
  readonly request: { readonly network: string; readonly host: Partial<HostConfig>; readonly secrets: Secrets };
  readonly layersOf: BaseImages['layersOf'];
  readonly held: DisposableStore;
}

interface Surroundings {
  readonly below: Solved;
  /** A stage that a step reads from. */
  readonly from: Parameters<Solving['workOf']>[2];
  readonly signal: AbortSignal;
}

export function stepWorks(context: WorkContext, parts: WorkParts): Solving['workOf'] {
  const works = new Works(context, parts);
  return (step, below, from, signal) => works.of(step, { below, from, signal });
}

class Works {
  readonly #context: WorkContext;
  readonly #parts: WorkParts;
  #contextLayer: Promise<string> | null = null;

  constructor(context: WorkContext, parts: WorkParts) {
    this.#context = context;
    this.#parts = parts;
  }

  async of(step: Step, surroundings: Surroundings): Promise<StepWork> {
    const layers = this.#context.builds.directories(surroundings.below.diffIds);
    if (step.kind === 'run') return this.#run(step, layers, surroundings);
    if (step.kind !== 'workdir') return this.#copy(step, layers, surroundings);
    const { path, user, name } = step;
    return {
      digest: digestOf(utf8(JSON.stringify(['workdir', path, user]))),
      description: name,
      perform: () => makeDirectory(this.#context, { layers, path, user }),
    };
  }

  async #copy(step: CopyStep & Step, layers: readonly string[], { from, signal }: Surroundings): Promise<StepWork> {
    const { kind, sources, files, exclude, destination, chown, chmod, unpack } = step;
    const address = kind === 'add' ? sources.find((source) => /^(?:https?|git|ssh):\/\/|^git@/.test(source)) : undefined;
    if (address !== undefined)
      throw new AppError('unavailable', `failed to load ${address}: the builder fetches nothing yet; COPY a file instead`);
    const asked = { sources, fetched: new Map(), files, exclude };
    const read = await this.#digest(step.from, from, asked);
    return {
      digest: digestOf(utf8(JSON.stringify([kind, destination, chown, chmod, unpack, read]))),
      description: step.name,
      perform: () =>
        this.#reading(step.from, from, (files) =>
          copyStep(this.#context, { ...asked, kind, layers, destination, chown, chmod, unpack, from: files }, signal),
        ),
    };
  }

  async #run(step: RunStep, layers: readonly string[], { from, signal }: Surroundings): Promise<StepWork> {
    const shown = new Map<Mount, MountedLayers>();
    for (const mount of step.mounts)
      if (mount.type === 'bind' || (mount.type === 'cache' && mount.from.kind !== 'scratch')) {
        const digest = await this.#digest(mount.from, from, { sources: [mount.source], fetched: new Map(), files: [], exclude: [] });
        const diffIds = mount.from.kind === 'local' ? [await this.#localLayer(signal)] : await this.#layersOf(mount.from, from);
        const record = mount.from.kind === 'stage' ? from(mount.from.stage).record : '';
        shown.set(mount, { directories: this.#context.builds.directories(diffIds), digest, record });
      }
    const { network, host, secrets } = this.#parts.request;
    return runWork(this.#context, step, { layers, network, host, shown, secrets });
  }

  /** Of what a step reads; that of layers is remembered, for they never change. */
  async #digest(source: Source, from: Surroundings['from'], asked: Omit<CopySources, 'from'>): Promise<string> {
    if (asked.sources.length === 0 || source.kind === 'local')
      return this.#reading(source, from, (files) => sourceDigest({ ...asked, from: files }));
    const { sources, files, exclude } = asked;
    const key = JSON.stringify([await this.#layersOf(source, from), sources, files, exclude]);
    const { digests } = this.#context.cache;
    const digest = digests.get(key) ?? (await this.#reading(source, from, (opened) => sourceDigest({ ...asked, from: opened })));
    digests.set(key, digest);
    return digest;
  }

  async #reading<T>(source: Source, from: Surroundings['from'], use: (files: SourceFiles) => Promise<T>): Promise<T> {
    if (source.kind === 'local') return use(this.#parts.files.files);
    const { builds } = this.#context;
    const diffIds = await this.#layersOf(source, from);
    this.#parts.held.add(builds.hold(diffIds));
    const { files, release } = await openLayers(this.#context, builds.directories(diffIds));
    try {
      return await use(files);
    } finally {
      await release();
    }
  }

  async #layersOf(source: Source, from: Surroundings['from']): Promise<readonly string[]> {
    if (source.kind === 'stage') return from(source.stage).diffIds;
    return source.kind === 'image' ? this.#parts.layersOf(source) : [];
  }

  /** The whole context as a layer, for mounts. @returns its diff ID */
  #localLayer(signal: AbortSignal): Promise<string> {
    this.#contextLayer ??= this.#makeLocalLayer(signal);
    return this.#contextLayer;
  }

  async #makeLocalLayer(signal: AbortSignal): Promise<string> {
    const { builds, cache } = this.#context;
    const { files, held } = this.#parts;
    const key = digestOf(utf8(`context ${files.tree.treeDigest}`));
    const cached = cache.find(key);
    if (cached !== undefined) {
      cache.use(cached);
      held.add(builds.hold([cached.diffId]));
      return cached.diffId;
    }
    const all = { sources: ['/'], fetched: new Map(), files: [], exclude: [], from: files.files };
    const step = await copyStep(
      this.#context,
      { ...all, kind: 'copy', layers: [], destination: '/', chown: '', chmod: '', unpack: null },
      signal,
    );
    try {
      const { diffId, size } = held.add(await builds.take(step.written, signal));
      cache.add({ key, parent: '', type: 'source.local', description: 'local source for context', diffId, size });
      return diffId;
    } finally {
      await step.discard();
    }
  }
}
