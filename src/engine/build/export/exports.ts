/** What a build was for: an image in the store, or archives that are read by who asked (moby/buildkit: exporter). */
import { AppError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../base/streams.ts';
import { tarOf } from '../../../base/tar/write.ts';
import { fullString, familiarString, parseReference, type Reference } from '../../../grammar/reference.ts';
import type { BuildArchive, BuildOutput } from '../../../protocol/build-progress.ts';
import type { BuildImages } from '../../images/builds.ts';
import type { BuildPlan } from '../plan/model.ts';
import { openLayers } from '../solve/layer-files.ts';
import type { Solved } from '../solve/solve.ts';
import { WatchedVertex, type Watcher } from '../solve/watched.ts';
import { builtConfig } from './image-config.ts';

type OpenContext = Parameters<typeof openLayers>[0];

export interface Exporting {
  readonly context: OpenContext & { readonly builds: BuildImages };
  readonly request: { readonly names: readonly string[]; readonly outputs: readonly BuildOutput[] };
  readonly names: readonly Reference[];
  readonly watcher: Watcher;
  readonly signal: AbortSignal;
}

export interface Built {
  readonly plan: BuildPlan;
  readonly solved: Solved;
}

/** One output after the other. @throws AppError what the guest says; cancelled where who asked reads no further */
export async function exportAll(exporting: Exporting, built: Built): Promise<void> {
  for (const [index, output] of exporting.request.outputs.entries()) await exportOne(exporting, built, output, index);
}

function exportOne(exporting: Exporting, built: Built, output: BuildOutput, index: number): Promise<void> {
  switch (output) {
    case 'none':
      return Promise.resolve();
    case 'image':
      return exportImage(exporting, built);
    case 'local':
    case 'tar':
      return exportTree(exporting, built, output, index);
    case 'docker':
    case 'oci':
      return exportArchive(exporting, built, output, index);
  }
}

function vertexOf({ watcher }: Exporting, { solved }: Built, name: string, index: number): WatchedVertex {
  return new WatchedVertex(watcher, name, solved.vertex === null ? [] : [solved.vertex], `${solved.key} ${index}`);
}

function configOf({ watcher }: Exporting, { plan: { target }, solved: { diffIds, times } }: Built): Uint8Array {
  return builtConfig(target, { diffIds, times, now: watcher.clock.now() });
}

async function exportImage(exporting: Exporting, built: Built): Promise<void> {
  const { context, request, names, signal } = exporting;
  const vertex = vertexOf(exporting, built, 'exporting to image', 0);
  const id = await vertex.while(async () => {
    const layersDone = vertex.status('exporting layers');
    const config = configOf(exporting, built);
    layersDone();
    const added = await context.builds.add(config, built.solved.diffIds, names, signal);
    vertex.status(`writing image ${added}`)();
    for (const typed of request.names) vertex.status(`naming to ${fullString(parseReference(typed))}`)();
    return added;
  });
  tellImage(exporting, built, id);
}

function tellImage({ names, watcher }: Exporting, { plan: { unusedArguments } }: Built, id: string): void {
  watcher.say({ kind: 'image', id, names: names.map(familiarString), unusedArguments });
}

/** The target's files as who runs in it sees them. */
function exportTree(exporting: Exporting, built: Built, output: 'local' | 'tar', index: number): Promise<void> {
  const { context } = exporting;
  const vertex = vertexOf(exporting, built, output === 'local' ? 'exporting to client directory' : 'exporting to client tarball', index);
  return vertex.while(async () => {
    const { files, release } = await openLayers(context, context.builds.directories(built.solved.diffIds));
    try {
      const done = vertex.status(output === 'local' ? 'copying files' : 'sending tarball');
      const root = { path: '/', isFolder: true, modified: 0 };
      const bytes = await sent(exporting, index, tarOf(files.walk(root)));
      done(output === 'local' ? bytes : 0);
    } finally {
      await release();
    }
  });
}

async function exportArchive(exporting: Exporting, built: Built, output: 'docker' | 'oci', index: number): Promise<void> {
  const { context, names } = exporting;
  const vertex = vertexOf(exporting, built, `exporting to ${output} image format`, index);
  const id = await vertex.while(async () => {
    const layersDone = vertex.status('exporting layers');
    const archive = await context.builds.archive({ config: configOf(exporting, built), diffIds: built.solved.diffIds, names }, output);
    layersDone();
    const done = vertex.status('sending tarball');
    await sent(exporting, index, archive.source);
    done();
    return archive.id;
  });
  tellImage(exporting, built, id);
}

/** @returns its bytes, once all of it was read */
function sent({ watcher, signal }: Exporting, output: number, source: ByteSource): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const stop = (reason: unknown): void => {
      source.cancel(reason);
      reject(reason instanceof Error ? reason : new AppError('cancelled', 'nobody reads what the build puts out'));
    };
    const leave = (): void => stop(signal.reason);
    const over = (settle: () => void): void => {
      signal.removeEventListener('abort', leave);
      settle();
    };
    const watched: ByteSource = {
      async read() {
        try {
          const chunk = await source.read();
          bytes += chunk?.length ?? 0;
          if (chunk === null) over(() => resolve(bytes));
          return chunk;
        } catch (thrown) {
          over(() => stop(thrown));
          throw thrown;
        }
      },
      cancel: (reason) => over(() => stop(reason)),
    };
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    watcher.say({ kind: 'archive', output, source: watched } satisfies BuildArchive);
  });
}
