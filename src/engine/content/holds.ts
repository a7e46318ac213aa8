import { toDisposable, type Disposable } from '../../base/disposable.ts';

/**
 * Digests that are not to be deleted, counted: of what is on its way into the store, and of checkpoints. Shared by the engines that follow one another over
 * one store, for a checkpoint outlives the engine that took it.
 */
export class Holds {
  readonly #counts = new Map<string, number>();

  has(digest: string): boolean {
    return this.#counts.has(digest);
  }

  hold(digests: readonly string[]): Disposable {
    for (const digest of digests) this.#counts.set(digest, (this.#counts.get(digest) ?? 0) + 1);
    return toDisposable(() => {
      for (const digest of digests) {
        const left = (this.#counts.get(digest) ?? 1) - 1;
        if (left > 0) this.#counts.set(digest, left);
        else this.#counts.delete(digest);
      }
    });
  }
}
