import { RegistryError } from './errors.ts';

/** A blob of a repository. */
export interface BlobLink {
  /** Bytes. */
  readonly size: number;
  /** Unix nanoseconds of the last time that a client that pushes asked for it or brought it. */
  seen: bigint;
}

/** What is known of a manifest without its bytes, which are in the store of contents. */
export interface ManifestRecord {
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** Digests of the config and the layers. */
  readonly blobs: readonly string[];
  /** Of an index's manifests. */
  readonly manifests: readonly string[];
  /** Digest of what it is about (`subject`), which need not be there. */
  readonly subject: string | null;
}

/** Everything is by digest. Names of others are not found in it, though the bytes are kept once. */
export interface Repository {
  readonly name: string;
  readonly blobs: Map<string, BlobLink>;
  readonly manifests: Map<string, ManifestRecord>;
  readonly tags: Map<string, string>;
}

/** Of all repositories of a host: far more than anybody pushes by hand, and few enough for a checkpoint. */
const most = { repositories: 1000, manifests: 5000, references: 100_000, tags: 20_000, blobs: 20_000 };
/** A push may be cut and go on that much later; blobs that no manifest names are let go then. */
const unnamedNanoseconds = 3600n * 1_000_000_000n;

export class Repositories {
  readonly #repositories = new Map<string, Repository>();

  find(name: string): Repository | undefined {
    return this.#repositories.get(name);
  }

  /** By name; also those that have no manifest yet. */
  all(): readonly Repository[] {
    return [...this.#repositories.values()];
  }

  /** Whether a repository needs the contents. */
  names(digest: string): boolean {
    return this.all().some(({ blobs, manifests }) => blobs.has(digest) || manifests.has(digest));
  }

  /** @throws RegistryError DENIED: there are too many */
  linkBlob(name: string, digest: string, link: BlobLink): void {
    const repository = this.#forWrite(name);
    this.#checkRoom('blobs', repository.blobs.has(digest) ? 0 : 1, ({ blobs }) => blobs.size);
    repository.blobs.set(digest, link);
    this.#repositories.set(name, repository);
  }

  /** @param tag besides its digest; null: none @throws RegistryError DENIED */
  putManifest(name: string, digest: string, { manifest, tag }: { readonly manifest: ManifestRecord; readonly tag: string | null }): void {
    const repository = this.#forWrite(name);
    if (!repository.manifests.has(digest)) {
      this.#checkRoom('manifests', 1, ({ manifests }) => manifests.size);
      this.#checkRoom('references', referencesOf(manifest), ({ manifests }) =>
        [...manifests.values()].reduce((sum, each) => sum + referencesOf(each), 0),
      );
    }
    if (tag !== null && !repository.tags.has(tag)) this.#checkRoom('tags', 1, ({ tags }) => tags.size);
    repository.manifests.set(digest, manifest);
    if (tag !== null) repository.tags.set(tag, digest);
    this.#repositories.set(name, repository);
  }

  /** With its tags, and with the blobs that only it named. */
  deleteManifest(repository: Repository, digest: string): void {
    const blobs = repository.manifests.get(digest)?.blobs ?? [];
    repository.manifests.delete(digest);
    for (const [tag, of] of repository.tags) if (of === digest) repository.tags.delete(tag);
    const named = namedBlobs(repository);
    for (const blob of blobs) if (!named.has(blob)) repository.blobs.delete(blob);
    this.#forgetIfEmpty(repository);
  }

  deleteBlob(repository: Repository, digest: string): void {
    repository.blobs.delete(digest);
    this.#forgetIfEmpty(repository);
  }

  /** Lets go of blobs whose manifest never came. @param now Unix nanoseconds @returns whether there were any */
  forgetUnnamed(now: bigint): boolean {
    let any = false;
    for (const repository of this.all()) {
      const named = namedBlobs(repository);
      for (const [digest, { seen }] of repository.blobs) {
        if (named.has(digest) || now - seen < unnamedNanoseconds) continue;
        repository.blobs.delete(digest);
        any = true;
      }
      this.#forgetIfEmpty(repository);
    }
    return any;
  }

  replace(repositories: readonly Repository[]): void {
    this.#repositories.clear();
    for (const repository of repositories) this.#repositories.set(repository.name, repository);
  }

  /** @throws RegistryError DENIED */
  #forWrite(name: string): Repository {
    const found = this.#repositories.get(name);
    if (found !== undefined) return found;
    if (this.#repositories.size >= most.repositories) throw full('repositories');
    return { name, blobs: new Map(), manifests: new Map(), tags: new Map() };
  }

  #checkRoom(what: keyof typeof most, added: number, count: (repository: Repository) => number): void {
    const there = added === 0 ? 0 : this.all().reduce((sum, repository) => sum + count(repository), 0);
    if (there + added > most[what]) throw full(what);
  }

  #forgetIfEmpty({ name, blobs, manifests }: Repository): void {
    if (blobs.size + manifests.size === 0) this.#repositories.delete(name);
  }
}

function referencesOf({ blobs, manifests }: ManifestRecord): number {
  return blobs.length + manifests.length;
}

export function namedBlobs({ manifests }: Repository): ReadonlySet<string> {
  return new Set([...manifests.values()].flatMap(({ blobs }) => blobs));
}

function full(what: keyof typeof most): RegistryError {
  return new RegistryError('DENIED', `this registry holds at most ${most[what]} ${what}`);
}
