/** What the image store knows: images by ID, and names to IDs. */
import { AppError } from '../../base/errors.ts';
import type { Descriptor, OciConfig } from '../registry/oci.ts';
import type { LayerStore } from './layer-store.ts';
import { familiarString, fullName, fullString, isDigest, parseReference, withDefaultTag, type Reference } from '../../grammar/reference.ts';
import type { ResolvedImage } from './store.ts';

export interface ImageRecord {
  /** sha256:… of the config, which is what Docker calls an image's ID. */
  readonly id: string;
  readonly config: OciConfig;
  /** The image it was committed on; '': none. */
  parent: string;
  /** Manifests it came by, or was given here, by digest; their bytes and the config's are in the content store. */
  readonly manifests: Map<string, Descriptor>;
  /** Digests of the layers' blobs that the manifests name; another image may have the same layers in other blobs. */
  readonly blobs: Set<string>;
  /** Bytes of all layers, unpacked; one that stands twice counts twice. */
  readonly size: number;
  /** Unix nanoseconds; 0n: never tagged. */
  taggedAt: bigint;
}

export class ImageRecords {
  readonly #images = new Map<string, ImageRecord>();
  /** Full form of a name to an image ID. */
  readonly #names = new Map<string, { readonly reference: Reference; readonly id: string }>();
  /** Images that are gone while containers still stand on them. */
  readonly #removed = new Map<string, ImageRecord>();

  all(): readonly ImageRecord[] {
    return [...this.#images.values()];
  }

  get(id: string): ImageRecord | undefined {
    return this.#images.get(id);
  }

  getEvenIfRemoved(id: string): ImageRecord | undefined {
    return this.#images.get(id) ?? this.#removed.get(id);
  }

  /** Images that were committed on this one. */
  childrenOf(id: string): readonly ImageRecord[] {
    return this.all().filter(({ parent }) => parent === id);
  }

  /** Whether a digest is of the config, a manifest or a layer's blob of an image, also of one that is gone while containers stand on it. */
  names(digest: string): boolean {
    const image = this.getEvenIfRemoved(digest);
    return image !== undefined || [...this.#images.values()].some(({ manifests, blobs }) => manifests.has(digest) || blobs.has(digest));
  }

  add(image: ImageRecord): void {
    this.#removed.delete(image.id);
    this.#images.set(image.id, image);
  }

  /** @param keep a container needs its layers still */
  remove(id: string, keep: boolean): void {
    const image = this.#images.get(id);
    if (image !== undefined && keep) this.#removed.set(id, image);
    this.#images.delete(id);
  }

  /** Forgets removed images that `isUsed` no longer holds. @returns diff IDs of all that stay */
  usedLayers(isUsed: (id: string) => boolean): ReadonlySet<string> {
    for (const id of this.#removed.keys()) if (!isUsed(id)) this.#removed.delete(id);
    return new Set([...this.#images.values(), ...this.#removed.values()].flatMap((image) => image.config.rootfs.diff_ids));
  }

  /** Every name, as its full form, with its image's ID. */
  allNames(): readonly (readonly [name: string, id: string])[] {
    return [...this.#names].map(([name, { id }]) => [name, id]);
  }

  /** Every image, also those that are gone while containers stand on them. */
  everything(): readonly { readonly image: ImageRecord; readonly isGone: boolean }[] {
    return [
      ...this.all().map((image) => ({ image, isGone: false })),
      ...[...this.#removed.values()].map((image) => ({ image, isGone: true })),
    ];
  }

  /** In place of all there is. */
  replace(
    images: readonly { readonly image: ImageRecord; readonly isGone: boolean }[],
    names: readonly { readonly reference: Reference; readonly id: string }[],
  ): void {
    for (const known of [this.#images, this.#removed, this.#names]) known.clear();
    for (const { image, isGone } of images) (isGone ? this.#removed : this.#images).set(image.id, image);
    for (const { reference, id } of names) this.name(reference, id);
  }

  /** A name that stood for another image stands for this one from now on. */
  name(reference: Reference, id: string): void {
    this.#names.set(fullString(reference), { reference, id });
  }

  unname(reference: Reference): void {
    this.#names.delete(fullString(reference));
  }

  idOf(reference: Reference): string | undefined {
    const exact: Reference = reference.digest === null ? withDefaultTag(reference) : { ...reference, tag: null };
    return this.#names.get(fullString(exact))?.id;
  }

  /** Names of an image, sorted. */
  namesOf(id: string): readonly Reference[] {
    return [...this.#names.values()]
      .filter((name) => name.id === id)
      .map((name) => name.reference)
      .sort((one, other) => (fullString(one) < fullString(other) ? -1 : 1));
  }

  /**
   * Moby's ImageService.GetImage: an ID, a name, or the beginning of an ID, in that order.
   * @throws AppError not_found "No such image: busybox:latest"; invalid for what is not a reference
   */
  find(text: string): { readonly image: ImageRecord; readonly byId: boolean } {
    const id = /^[a-f0-9]{64}$/.test(text) ? `sha256:${text}` : text;
    if (isDigest(id)) {
      const image = this.#images.get(id);
      if (image === undefined) throw new AppError('not_found', `No such image: ${id}`);
      return { image, byId: true };
    }
    const reference = parseReference(text);
    const named = this.#images.get(this.idOf(reference) ?? '');
    if (named !== undefined) return { image: named, byId: false };
    const beginning = this.#byBeginning(text);
    if (beginning !== undefined) return { image: beginning, byId: true };
    throw new AppError('not_found', `No such image: ${familiarString(withDefaultTag(reference))}`);
  }

  #byBeginning(text: string): ImageRecord | undefined {
    const digits = text.replace(/^sha256:/, '');
    if (!/^[a-f0-9]+$/.test(digits)) return undefined;
    const found = this.all().filter((image) => image.id.startsWith(`sha256:${digits}`));
    return found.length === 1 ? found[0] : undefined;
  }
}

export function resolved(image: ImageRecord, layers: LayerStore, byId: boolean): ResolvedImage {
  const topmostFirst = [...new Set([...image.config.rootfs.diff_ids].reverse())];
  return {
    id: image.id,
    config: image.config.config,
    layers: topmostFirst.map((diffId) => ({ diffId, directory: directoryOf(layers, diffId) })),
    os: image.config.os,
    architecture: image.config.architecture,
    size: image.size,
    byId,
  };
}

export function directoryOf(layers: LayerStore, diffId: string): string {
  const layer = layers.get(diffId);
  if (layer === undefined) throw new AppError('internal', `layer ${diffId} of an image is not there`);
  return layer.directory;
}

/** "python:3.11-slim" of those with a tag. */
export function tagsOf(names: readonly Reference[]): readonly string[] {
  return names.filter((name) => name.digest === null).map(familiarString);
}

/** "python@sha256:…" of those with a digest. */
export function digestsOf(names: readonly Reference[]): readonly string[] {
  return names.filter((name) => name.digest !== null).map(familiarString);
}

/**
 * Whether all names are of one repository with at most one tag (moby: isSingleReference): then removing the image by its ID takes them
 * along, and removing the name removes the image.
 */
export function isSingleReference(names: readonly Reference[]): boolean {
  const tags = names.filter((name) => name.digest === null);
  return tags.length <= 1 && new Set(names.map(fullName)).size <= 1;
}
