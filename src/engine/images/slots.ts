import { AppError } from '../../base/errors.ts';

/** So many tasks at once, the others in turn. */
export class Slots {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(count: number) {
    if (count < 1) throw new AppError('internal', 'at least one slot');
    this.#free = count;
  }

  async run<T>(task: () => Promise<T>, onWait: () => void): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else {
      onWait();
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    }
    try {
      return await task();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
