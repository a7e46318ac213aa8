/** Bytes of memory that the logs of all containers take together. */
const bytesKept = 64 * 1024 * 1024;

/** A container's log, as the total sees it. */
export interface PooledLog {
  /** Bytes of memory that it takes now. */
  readonly cost: number;
  /** Forgets its oldest records. @returns false when there are none */
  dropOldest(): boolean;
}

/**
 * One bound over the logs of all containers. What is too much is taken from the largest log, its oldest records first: a container that floods pushes
 * out its own lines, and the few of a quiet one stay however old they are.
 */
export class LogPool {
  readonly #logs = new Map<PooledLog, number>();
  readonly #limit: number;
  #bytes = 0;

  constructor(limit = bytesKept) {
    this.#limit = limit;
  }

  /** Bytes of memory of all the logs in it. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A log came in, or has grown. */
  update(log: PooledLog): void {
    this.#count(log);
    while (this.#bytes > this.#limit) {
      const [largest] = [...this.#logs].reduce((most, each) => (each[1] > most[1] ? each : most));
      if (!largest.dropOldest()) return;
      this.#count(largest);
    }
  }

  remove(log: PooledLog): void {
    this.#bytes -= this.#logs.get(log) ?? 0;
    this.#logs.delete(log);
  }

  #count(log: PooledLog): void {
    const { cost } = log;
    this.#bytes += cost - (this.#logs.get(log) ?? 0);
    this.#logs.set(log, cost);
  }
}
