import { AppError } from '../base/errors.ts';

/** Bytes that may lie about unfinished, whoever sent them. */
export class ByteTotal {
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws AppError unavailable when that is too much; nothing is taken then */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#limit) throw new AppError('unavailable', 'too many unfinished requests');
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Heads and bodies of requests that have not come whole yet, of all connections together: each has a limit of its own, but anybody may open many. */
export const pendingRequests = new ByteTotal(64 * 1024 * 1024);
