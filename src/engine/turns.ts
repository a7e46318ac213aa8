import { cancelled } from '../base/errors.ts';

interface Waiting {
  begin(): void;
}

/** So many tasks at a time and no more; the others wait in the order they came. */
export class Turns {
  readonly #most: number;
  readonly #waiting = new Set<Waiting>();
  #taken = 0;

  /** @param most at least 1 */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param signal called off while it waits, it never begins @throws what `task` throws; the signal's reason, AppError cancelled unless it has one */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      return await task();
    } finally {
      this.#next();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> | void {
    signal?.throwIfAborted();
    if (this.#taken < this.#most) {
      this.#taken += 1;
      return;
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        reject(signal?.reason instanceof Error ? signal.reason : cancelled('the wait for a turn'));
      };
      const waiting = {
        begin() {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** Handed on without being free in between: nobody who comes now goes before who waits. */
  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#waiting.delete(first);
    first.begin();
  }
}
