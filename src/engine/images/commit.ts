import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import { familiarString, type Reference } from '../../grammar/reference.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import type { ContainerConfig } from '../../protocol/engine-api.ts';
import { addImage, takeLayer } from './add-image.ts';
import { logImageEvent, whileRunning, type ImagesContext } from './context.ts';
import { writeConfig } from './image-config.ts';
import type { PackedLayer } from './unpack.ts';
import { nameMade } from './tag.ts';

/** Of a tar without entries: a layer that changes nothing is none (moby: layer.DigestSHA256EmptyTar). */
const emptyTar = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

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
 * @param layer the tar of what was changed
 * @returns its ID, and its name where it was given one
 */
export async function commitImage(
  context: ImagesContext,
  layer: ByteSource,
  options: CommitOptions,
): Promise<{ readonly id: string; readonly name: string }> {
  const below = context.records.getEvenIfRemoved(options.imageId);
  if (below === undefined) throw new AppError('not_found', `No such image: ${options.imageId}`);
  return whileRunning(context, options.signal, async (signal) => {
    const taken = await takeLayer(context, layer, signal);
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
