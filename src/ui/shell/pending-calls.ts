/** Calls to something that may fail for good, a worker: one that waits then rejects instead of waiting for ever. */
export class PendingCalls {
  readonly #waiting = new Set<(reason: unknown) => void>();
  #failure: { readonly reason: unknown } | null = null;

  make<T>(call: () => Promise<T>): Promise<T> {
    if (this.#failure !== null) return Promise.reject(this.#failure.reason);
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      call()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** Only the first reason counts. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    for (const reject of this.#waiting) reject(this.#failure.reason);
    this.#waiting.clear();
  }
}
