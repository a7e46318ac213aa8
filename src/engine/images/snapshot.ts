/** Images in a checkpoint: their records. The contents stay in the blob store, by digest; so whoever restores must have the store. */
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import type { ImmutableTree } from '../../base/file-tree.ts';
import { configSchema, descriptorSchema, parseDocument } from '../registry/oci.ts';
import { contentsOfRegistries, openRegistries, registriesSchema, type ParsedRegistries } from '../registry/server/registries.ts';
import type { ImagesContext } from './context.ts';
import type { RestoredLayer, StoredLayer } from './layer-store.ts';
import type { ImageRecord } from './records.ts';
import { parseReference, type Reference } from '../../grammar/reference.ts';
import { reopenLayer, type Unpacking } from './unpack.ts';

const imageSchema = z.object({
  id: z.string(),
  parent: z.string(),
  manifests: z.array(descriptorSchema),
  blobs: z.array(z.string()),
  size: z.number(),
  taggedAt: z.string().regex(/^\d+$/).transform(BigInt),
  /** Removed, while containers stand on it. */
  isGone: z.boolean(),
});

const layerSchema = z.union([
  z.object({ diffId: z.string(), directory: z.string(), blob: descriptorSchema }),
  // On the guest's disk, which is in the machine's state.
  z.object({ diffId: z.string(), directory: z.string(), tar: descriptorSchema, size: z.number() }),
]);

const imagesSchema = z.object({
  images: z.array(imageSchema),
  /** Full names to IDs. */
  names: z.array(z.tuple([z.string(), z.string()])),
  layers: z.array(layerSchema),
  /** Directories of layers that nobody needs any more and that the guest's disk has still. */
  going: z.array(z.string()).default([]),
  registries: registriesSchema.default([]),
});

export type ImagesSnapshot = z.input<typeof imagesSchema>;

/** Records with what they name brought in from the store. */
export interface RestoredImages {
  readonly images: readonly { readonly image: ImageRecord; readonly isGone: boolean }[];
  readonly names: readonly { readonly reference: Reference; readonly id: string }[];
  readonly layers: readonly RestoredLayer[];
  readonly going: readonly string[];
  readonly registries: ParsedRegistries;
  /** For the machine, which needs them before it goes on: the guest may have files of them open. */
  readonly trees: readonly (readonly [directory: string, tree: ImmutableTree])[];
}

/** Pulls under way are not in it, nor the layers they have brought so far, which nobody names. */
export function snapshotImages({
  records,
  layers,
  layerHost,
  registries,
}: Pick<ImagesContext, 'records' | 'layers' | 'layerHost' | 'registries'>): ImagesSnapshot {
  const used = new Set([...records.everything().flatMap(({ image }) => image.config.rootfs.diff_ids), ...layers.kept()]);
  return {
    images: records.everything().map(({ image, isGone }) => ({
      id: image.id,
      parent: image.parent,
      manifests: [...image.manifests.values()],
      blobs: [...image.blobs],
      size: image.size,
      taggedAt: image.taggedAt.toString(),
      isGone,
    })),
    names: records.allNames().map(([name, id]): [string, string] => [name, id]),
    layers: layers.all().flatMap(([diffId, layer]) => (used.has(diffId) ? [snapshotLayer(diffId, layer)] : [])),
    going: [...layerHost.going()],
    registries: [...registries.snapshot()],
  };
}

function snapshotLayer(diffId: string, { directory, size, source: { kind, descriptor } }: StoredLayer): ImagesSnapshot['layers'][number] {
  return kind === 'blob' ? { diffId, directory, blob: descriptor } : { diffId, directory, tar: descriptor, size };
}

/**
 * Reads what a snapshot names from the store: configs, and layers' trees with the inode numbers they had. Nothing changes yet.
 * @throws AppError not_found for contents that are not in the store any more; invalid for no snapshot
 */
export async function openImages(unpacking: Unpacking, snapshot: unknown): Promise<RestoredImages> {
  const parsed = imagesSchema.safeParse(snapshot);
  if (!parsed.success) throw new AppError('invalid', `not a snapshot of images: ${parsed.error.issues[0]?.message ?? 'malformed'}`);
  const saved = parsed.data;
  const images = await Promise.all(
    saved.images.map(async ({ id, parent, manifests, blobs, size, taggedAt, isGone }) => {
      const config = parseDocument(configSchema, await unpacking.content.read(id), 'image config');
      const byDigest = new Map(manifests.map((manifest) => [manifest.digest, manifest]));
      return { image: { id, config, parent, manifests: byDigest, blobs: new Set(blobs), size, taggedAt }, isGone };
    }),
  );
  const names = saved.names.map(([name, id]) => ({ reference: parseReference(name), id }));
  const layers: RestoredLayer[] = [];
  for (const layer of saved.layers) {
    const { diffId, directory } = layer;
    if ('tar' in layer)
      layers.push({ diffId, directory, size: layer.size, tree: null, source: { kind: 'directory', descriptor: layer.tar } });
    else {
      const descriptor = layer.blob;
      layers.push({ diffId, directory, ...(await reopenLayer(unpacking, { descriptor, diffId })), source: { kind: 'blob', descriptor } });
    }
  }
  const trees = layers.flatMap(({ directory, tree }) => (tree === null ? [] : [[directory, tree] as const]));
  const registries = await openRegistries(unpacking.content, saved.registries);
  return { images, names, layers, going: saved.going, registries, trees };
}

/** Digests of the contents that a snapshot needs. */
export function contentsOf({ images, layers, registries = [] }: ImagesSnapshot): readonly string[] {
  return [
    ...images.flatMap(({ id, manifests, blobs, isGone }) => [id, ...manifests.map(({ digest }) => digest), ...(isGone ? [] : blobs)]),
    ...layers.flatMap((layer) => ('blob' in layer ? [layer.blob.digest] : [])),
    ...contentsOfRegistries(registries),
  ];
}

/** In place of all there is; pulls under way are given up, and what they bring is discarded. */
export function restoreImages(
  { records, layers, layerHost, content, background, registries }: ImagesContext,
  restored: RestoredImages,
): void {
  background.stop();
  records.replace(restored.images, restored.names);
  layers.replace(restored.layers);
  layerHost.resume(restored.going);
  registries.restore(restored.registries);
  content.sweep();
}
