import { createDeferred } from '../base/deferred.ts';

/** Something that a save keeps from beginning anything. */
export interface Holdable {
  /** Whether nothing goes on that a save has to wait for; something may wait for its turn. */
  readonly isIdle: boolean;
  /** Resolves when what goes on now is over. */
  whenIdle(): Promise<void>;
  /** From now on nothing further begins until it resolves; what goes on goes on. */
  holdUntil(over: Promise<void>): void;
}

/** Runs one task at a time, in the order they came. */
export class Mutex implements Holdable {
  #tail: Promise<unknown> = Promise.resolve();
  #task: Promise<unknown> | null = null;
  #hold: Promise<void> | null = null;

  get isIdle(): boolean {
    return this.#task === null;
  }

  async whenIdle(): Promise<void> {
    await this.#task?.catch(() => undefined);
  }

  holdUntil(over: Promise<void>): void {
    this.#hold = over;
    void over.then(() => (this.#hold = null));
  }

  run<T>(task: () => Promise<T> | T): Promise<T> {
    const result = this.#tail.then(() => this.#begin(task));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #begin<T>(task: () => Promise<T> | T): Promise<T> {
    while (this.#hold !== null) await this.#hold;
    const { promise, resolve } = createDeferred();
    this.#task = promise;
    try {
      return await task();
    } finally {
      this.#task = null;
      resolve();
    }
  }
}

/** Tasks side by side: changes of the guest that no other lock guards. */
export class Changes implements Holdable {
  readonly #tasks = new Set<Promise<unknown>>();
  #hold: Promise<void> | null = null;

  get isIdle(): boolean {
    return this.#tasks.size === 0;
  }

  async whenIdle(): Promise<void> {
    await Promise.allSettled(this.#tasks);
  }

  holdUntil(over: Promise<void>): void {
    this.#hold = over;
    void over.then(() => (this.#hold = null));
  }

  /** Begins at once where nothing holds it. One may begin another: nothing is held while one goes on. */
  async run<T>(task: () => Promise<T> | T): Promise<T> {
    while (this.#hold !== null) await this.#hold;
    const result = Promise.resolve(task());
    this.#tasks.add(result);
    try {
      return await result;
    } finally {
      this.#tasks.delete(result);
    }
  }
}
