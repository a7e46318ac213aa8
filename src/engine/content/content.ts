import { toDisposable, type Disposable } from '../../base/disposable.ts';
import { AppError } from '../../base/errors.ts';
import { createPace } from '../../base/pace.ts';
import { iterate, readAll, sourceOf, unlessAborted, untilAborted, type ByteSource } from '../../base/streams.ts';
import type { StartSha256 } from './sha256.ts';
import type { Descriptor } from '../registry/oci.ts';
import type { BlobStore, StagedBlob } from './blob-store.ts';
import { Holds } from './holds.ts';
import { Incoming, type Taken } from './incoming.ts';
import { KeyedLock } from './keyed-lock.ts';
import { checkSize, digestOf, largestBlob, verified } from './verified.ts';

/** Bytes of a manifest or a config; containerd takes 8 MiB. */
const largestDocument = 8 * 1024 * 1024;

export interface PutOptions {
  /** Bytes so far; not told for what was there already. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface TakeOptions {
  /** Bytes. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Manifests, configs and layers as the bytes that came, by digest, so that a save or a push gives the same digests. What comes in is verified; what neither
 * a record nor a hold names is deleted behind.
 */
export class Content {
  readonly #blobs: BlobStore;
  readonly #sha256: StartSha256;
  readonly #isUsed: (digest: string) => boolean;
  readonly #holds: Holds;
  readonly #locks = new KeyedLock();
  #sweeping: Promise<void> = Promise.resolve();
  #sweepAgain = false;
  #closed = false;

  /**
   * @param isUsed whether an image's record or a layer names a digest
   * @param holds of this store alone unless given
   */
  constructor(blobs: BlobStore, sha256: StartSha256, isUsed: (digest: string) => boolean, holds = new Holds()) {
    this.#blobs = blobs;
    this.#holds = holds;
    this.#sha256 = sha256;
    this.#isUsed = isUsed;
  }

  /** Keeps digests from being deleted while they come, until a record names them. */
  hold(digests: readonly string[]): Disposable {
    const held = this.#holds.hold(digests);
    return toDisposable(() => {
      held.dispose();
      this.sweep();
    });
  }

  /**
   * Brings a blob into the store, fetching it unless it is there; the caller holds its digest. @returns whether it was fetched
   * @throws AppError invalid when size or digest differ; exhausted for one too large; what the source rejects with
   */
  async put(descriptor: Descriptor, fetch: () => Promise<ByteSource>, { onProgress, signal }: PutOptions = {}): Promise<boolean> {
    checkSize(descriptor);
    return this.#locks.run(descriptor.digest, async () => {
      signal?.throwIfAborted();
      if (await this.#blobs.has(descriptor.digest)) return false;
      const fetched = await (signal === undefined ? fetch() : fetchUnlessAborted(fetch, signal));
      const source = verified(fetched, descriptor, {
        hash: await this.#sha256(),
        ...(onProgress === undefined ? {} : { onProgress }),
      });
      await this.#blobs.put(descriptor.digest, source);
      return true;
    });
  }

  /**
   * Brings in what is known by its digest only when all of it has come, such as a file of an archive.
   * @returns its descriptor without a type; it is held until it is disposed
   * @throws AppError exhausted; what the source rejects with: nothing is left of it then
   */
  async take(source: ByteSource, { limit = largestBlob, signal }: TakeOptions = {}): Promise<Taken> {
    const incoming = await this.receive();
    const pace = createPace();
    try {
      for await (const chunk of iterate(signal === undefined ? source : untilAborted(source, signal))) {
        if (pace.isDue()) await pace.turn();
        if (incoming.size + chunk.length > limit)
          throw new AppError('exhausted', `more than ${limit} bytes are more than this playground can hold`);
        await incoming.write(chunk);
      }
      return await incoming.finish();
    } finally {
      await incoming.abort();
    }
  }

  /** For what comes in more than one piece; whoever receives it bounds it, and finishes or aborts. */
  async receive(): Promise<Incoming> {
    const hash = await this.#sha256();
    return new Incoming(await this.#blobs.stage(), hash, (digest, staged) => this.#keep(digest, staged));
  }

  async #keep(digest: string, staged: StagedBlob): Promise<Disposable> {
    const held = this.hold([digest]);
    try {
      await this.#locks.run(digest, async () => {
        if (!(await this.#blobs.has(digest))) await staged.commit(digest);
      });
      return held;
    } catch (thrown) {
      held.dispose();
      throw thrown;
    }
  }

  /** A manifest or a config, fetched unless it is there. */
  async document(descriptor: Descriptor, fetch: () => Promise<ByteSource>, signal?: AbortSignal): Promise<Uint8Array> {
    checkSize(descriptor, largestDocument);
    const options = signal === undefined ? {} : { signal };
    await this.put(descriptor, fetch, options);
    const kept = await this.read(descriptor.digest);
    if (digestOf(kept) === descriptor.digest) return kept;
    // Spoiled where it lay, as by a power cut: fetched again.
    await this.discard(descriptor.digest);
    await this.put(descriptor, fetch, options);
    return this.read(descriptor.digest);
  }

  /** @throws AppError not_found; exhausted for what is no document */
  async read(digest: string): Promise<Uint8Array> {
    return readAll(await this.#blobs.open(digest), largestDocument);
  }

  /** @throws AppError not_found */
  open(digest: string, range?: { readonly offset: number; readonly count: number }): Promise<ByteSource> {
    return this.#blobs.open(digest, range);
  }

  /** Something made here, such as a config of a build. The caller holds its digest. */
  async add(digest: string, bytes: Uint8Array): Promise<void> {
    await this.put({ mediaType: '', digest, size: bytes.length }, () => Promise.resolve(sourceOf(bytes)));
  }

  /** For a blob that is not what its digest says. */
  async discard(digest: string): Promise<void> {
    await this.#locks.run(digest, () => this.#blobs.delete(digest));
  }

  list(): ReturnType<BlobStore['list']> {
    return this.#blobs.list();
  }

  /** Deletes, behind, what nobody names. A failure leaves it for the next time. */
  sweep(): void {
    if (this.#sweepAgain || this.#closed) return;
    this.#sweepAgain = true;
    this.#sweeping = this.#sweeping.then(async () => {
      this.#sweepAgain = false;
      await this.#deleteUnused().catch(() => undefined);
    });
  }

  /** The store goes on without this one: it deletes nothing any more of what another may need. */
  close(): void {
    this.#closed = true;
  }

  /** Resolves when everything that was to be deleted is. */
  settled(): Promise<void> {
    return this.#sweeping;
  }

  async #deleteUnused(): Promise<void> {
    const isWanted = (digest: string): boolean => this.#closed || this.#holds.has(digest) || this.#isUsed(digest);
    for (const { digest } of await this.#blobs.list()) {
      if (isWanted(digest)) continue;
      // Whoever puts it holds it first: asked again inside, nothing that is on its way in is deleted.
      await this.#locks.run(digest, async () => {
        if (!isWanted(digest)) await this.#blobs.delete(digest);
      });
    }
  }
}

/** One that comes when nobody waits any more is cancelled. */
async function fetchUnlessAborted(fetch: () => Promise<ByteSource>, signal: AbortSignal): Promise<ByteSource> {
  const fetching = fetch();
  const late = (): void => void fetching.then((source) => source.cancel(signal.reason)).catch(() => undefined);
  return untilAborted(
    await unlessAborted(fetching, signal).catch((thrown: unknown) => {
      late();
      throw thrown;
    }),
    signal,
  );
}
