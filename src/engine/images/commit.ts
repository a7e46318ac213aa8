import { AppError } from '../../base/errors.ts';
import { familiarString, type Reference } from '../../grammar/reference.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import type { ContainerConfig } from '../../protocol/engine-api.ts';
import { addImage } from './add-image.ts';
import { logImageEvent, whileRunning, type ImagesContext } from './context.ts';
import { emptyTar, takeDirectory } from './directory-layers.ts';
import { writeConfig } from './image-config.ts';
import type { LayerOrigin } from './layer-store.ts';
import type { PackedLayer } from './unpack.ts';
import { nameMade } from './tag.ts';

export interface CommitOptions {
  /** The image below. */
  readonly imageId: string;
  readonly container: string;
  /** What the image says, and what the container was made of. */
  readonly config: ContainerConfig;
  readonly containerConfig: ContainerConfig;
  readonly author: string;
  readonly comment: string;
  readonly reference: Reference | null;
  readonly signal: AbortSignal;
}

/**
 * An image of a layer upon another image (daemon/commit.go, image.NewChildImage).
 * @param layer where what was changed lies
 * @returns its ID, and its name where it was given one
 */
export async function commitImage(
  context: ImagesContext,
  layer: LayerOrigin,
  options: CommitOptions,
): Promise<{ readonly id: string; readonly name: string }> {
  const below = context.records.getEvenIfRemoved(options.imageId);
  if (below === undefined) throw new AppError('not_found', `No such image: ${options.imageId}`);
  return whileRunning(context, 'commit', options.signal, async (signal) => {
    const taken = await takeDirectory(context, layer, signal);
    try {
      const isEmpty = taken.diffId === emptyTar;
      const created = context.clock.now();
      const { os, architecture, variant, history = [] } = below.config;
      const step = {
        created: rfc3339Nano(created),
        ...said('created_by', (options.containerConfig.Cmd ?? []).join(' ')),
        ...said('author', options.author),
        ...said('comment', options.comment),
        ...(isEmpty ? { empty_layer: true } : {}),
      };
      const config = writeConfig({
        os,
        architecture,
        variant,
        author: options.author,
        config: options.config,
        container: options.container,
        containerConfig: options.containerConfig,
        created,
        history: [...history, step],
        diffIds: [...below.config.rootfs.diff_ids, ...(isEmpty ? [] : [taken.diffId])],
      });
      const layers = [...layersOf(context, below.config.rootfs.diff_ids), ...(isEmpty ? [] : [taken])];
      const parent = context.records.get(below.id) === undefined ? '' : below.id;
      const id = await addImage(context, { config, layers, manifest: null, parent }, signal);
      signal.throwIfAborted();
      logImageEvent(context.log, 'create', { actor: id, name: id, image: context.records.get(id) ?? null });
      if (options.reference !== null) nameMade(context, options.reference, id);
      return { id, name: options.reference === null ? '' : familiarString(options.reference) };
    } finally {
      taken.dispose();
    }
  });
}

function said(name: string, text: string): Readonly<Record<string, string>> {
  return text === '' ? {} : { [name]: text };
}

function layersOf({ layers }: ImagesContext, diffIds: readonly string[]): PackedLayer[] {
  return diffIds.map((diffId) => {
    const layer = layers.get(diffId);
    if (layer === undefined) throw new AppError('internal', `layer ${diffId} of an image is not there`);
    return { diffId, descriptor: layer.source.descriptor };
  });
}
