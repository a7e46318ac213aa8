import type { ImageConfig } from '../../protocol/engine-api.ts';

/** One layer of an image, as a directory of the guest's. */
export interface ImageLayer {
  /** sha256:… of the uncompressed tar (OCI image-spec, config, rootfs.diff_ids). */
  readonly diffId: string;
  /** Name of its directory in the guest's layer tree, or the path of one on its disk; short, because an overlay's mount options must fit in one page. */
  readonly directory: string;
}

export interface ResolvedImage {
  /** sha256:… of the config. */
  readonly id: string;
  readonly config: ImageConfig;
  /** Topmost first, as overlay's lowerdir wants them; a layer that stands twice in an image stands here once. */
  readonly layers: readonly ImageLayer[];
  readonly os: string;
  readonly architecture: string;
  /** Bytes of all layers, unpacked: the SizeRootFs of a container that has written nothing. */
  readonly size: number;
  /** Whether `reference` was an ID or a part of one: Docker then shows the ID, not a name. */
  readonly byId: boolean;
}

/** What engine/containers needs of the images. */
export interface ImageStore {
  /**
   * @param reference "busybox", "busybox:latest", "busybox@sha256:…", an ID or the first digits of one
   * @throws AppError not_found "No such image: busybox:latest"; invalid "invalid reference format"
   */
  resolve(reference: string): ResolvedImage;
  /** By ID, for a container made before its image's tags were moved or removed. null: no longer there. */
  byId(id: string): ResolvedImage | null;
  /** A container is gone: frees the layers that were kept for it alone. */
  sweep(): void;
}

/** Which containers use an image; implemented in engine/containers, asked before an image is removed. */
export interface ImageUses {
  /** Containers made from the image with this ID. */
  usersOf(imageId: string): readonly { readonly id: string; readonly running: boolean }[];
  /** Those that have it mounted. */
  mountersOf(imageId: string): readonly string[];
}
