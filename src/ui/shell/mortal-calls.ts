/** Calls to something that may die: one that waits then rejects instead of waiting for ever. */
export class MortalCalls {
  readonly #waiting = new Set<(reason: unknown) => void>();
  #death: { readonly reason: unknown } | null = null;

  make<T>(call: () => Promise<T>): Promise<T> {
    if (this.#death !== null) return Promise.reject(this.#death.reason);
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      call()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** Only the first reason counts. */
  die(reason: unknown): void {
    this.#death ??= { reason };
    for (const reject of this.#waiting) reject(this.#death.reason);
    this.#waiting.clear();
  }
}
