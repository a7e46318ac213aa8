import { cancelled } from '../../../base/errors.ts';

export interface ExitStatus {
  readonly exitCode: number;
  /** Why the container could not be started or removed. */
  readonly error: string;
}

interface Waiter {
  readonly stop: boolean;
  resolve(status: ExitStatus): void;
}

/** Those who wait for a container's next exit or its removal. */
export class Waiters {
  #waiting = new Set<Waiter>();

  /** @param stop true: the next exit is enough; the removal ends either wait */
  add(stop: boolean, signal?: AbortSignal): Promise<ExitStatus> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(waiter);
        reject(cancelled('the wait for the container'));
      };
      const waiter: Waiter = {
        stop,
        resolve(status) {
          signal?.removeEventListener('abort', abort);
          resolve(status);
        },
      };
      if (signal?.aborted === true) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  stopped(status: ExitStatus): void {
    this.#release(status, (waiter) => waiter.stop);
  }

  removed(status: ExitStatus): void {
    this.#release(status, () => true);
  }

  #release(status: ExitStatus, chosen: (waiter: Waiter) => boolean): void {
    for (const waiter of [...this.#waiting].filter(chosen)) {
      this.#waiting.delete(waiter);
      waiter.resolve(status);
    }
  }
}
