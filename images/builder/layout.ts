/** Writes an OCI image layout (image-layout.md): blobs by digest and one index. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './digest.ts';
import { type LockedBlob } from './lock.ts';
import { MEDIA_TYPES, PLATFORM, type Descriptor } from './oci.ts';

export class Layout {
  readonly #target: string;
  /** Written beside the target and put in its place when complete, so that a failed build leaves the old layout alone. */
  readonly #folder: string;
  readonly #blobs = new Map<string, LockedBlob>();
  readonly #manifests: object[] = [];

  constructor(folder: string) {
    this.#target = folder;
    this.#folder = `${folder}.new`;
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(join(this.#folder, 'blobs/sha256'), { recursive: true });
  }

  /** `role` is for the lock's readers. */
  addBlob(data: Buffer, mediaType: string, role: string): Descriptor {
    const hex = sha256(data);
    const digest = `sha256:${hex}`;
    writeFileSync(join(this.#folder, 'blobs/sha256', hex), data);
    this.#blobs.set(digest, { digest, size: data.length, role });
    return { mediaType, digest, size: data.length };
  }

  addJson(value: object, mediaType: string, role: string): Descriptor {
    return this.addBlob(Buffer.from(JSON.stringify(value)), mediaType, role);
  }

  addManifest(manifest: object, reference: string): void {
    const descriptor = this.addJson(manifest, MEDIA_TYPES.manifest, `manifest ${reference}`);
    // The second annotation is what containerd reads: `ref.name` alone is a tag to it.
    const annotations = { 'org.opencontainers.image.ref.name': reference, 'io.containerd.image.name': reference };
    this.#manifests.push({ ...descriptor, annotations, platform: PLATFORM });
  }

  /** Writes the index, puts the layout in place and returns every blob, largest first. */
  close(): LockedBlob[] {
    writeFileSync(join(this.#folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: this.#manifests };
    writeFileSync(join(this.#folder, 'index.json'), JSON.stringify(index, null, 2) + '\n');
    rmSync(this.#target, { recursive: true, force: true });
    renameSync(this.#folder, this.#target);
    return [...this.#blobs.values()].sort((left, right) => right.size - left.size || (left.digest < right.digest ? -1 : 1));
  }
}
