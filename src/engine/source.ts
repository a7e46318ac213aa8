/** `read` resolves to null at the end. One reader at a time. `cancel` is idempotent. */
export interface Source<T> {
  read(): Promise<T | null>;
  cancel(): void;
}

/** A source out of a generator; `cancel` runs `stop`, which must make a waiting generator end. */
export function sourceFrom<T>(items: AsyncIterator<T, void>, stop: () => void): Source<T> {
  let over = false;
  return {
    async read() {
      if (over) return null;
      const { done, value } = await items.next();
      if (done !== true) return value;
      over = true;
      return null;
    },
    cancel() {
      if (over) return;
      over = true;
      stop();
    },
  };
}
