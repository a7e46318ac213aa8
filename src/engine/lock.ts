/** Runs one task at a time, in the order they came. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();
  #tasks = 0;

  /** Whether no task runs or waits. */
  get isFree(): boolean {
    return this.#tasks === 0;
  }

  run<T>(task: () => Promise<T> | T): Promise<T> {
    this.#tasks += 1;
    const result = this.#tail.then(task);
    const end = (): void => void (this.#tasks -= 1);
    this.#tail = result.then(end, end);
    return result;
  }
}
