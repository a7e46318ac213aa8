import { AppError } from '../../base/errors.ts';
import type { Clock } from '../clock.ts';

interface Timer {
  readonly at: number;
  fire(): void;
}

/** A clock that stands still until it is turned. Starts at 2024-05-01T12:00:00Z. */
export class TestClock implements Clock {
  #milliseconds = Date.UTC(2024, 4, 1, 12);
  #nanoseconds = 0n;
  readonly #timers = new Set<Timer>();

  now(): bigint {
    this.#nanoseconds += 1n;
    return BigInt(this.#milliseconds) * 1_000_000n + this.#nanoseconds;
  }

  after(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer: Timer = { at: this.#milliseconds + milliseconds, fire: resolve };
      const stop = (): void => {
        this.#timers.delete(timer);
        reject(new AppError('cancelled', 'the wait was cancelled'));
      };
      if (signal?.aborted === true) return stop();
      signal?.addEventListener('abort', stop, { once: true });
      this.#timers.add(timer);
    });
  }

  /** Milliseconds until the next timer, null without one. */
  get next(): number | null {
    return this.#timers.size === 0 ? null : Math.min(...[...this.#timers].map(({ at }) => at)) - this.#milliseconds;
  }

  /** Fires what is due, in order, and lets everything that follows from it happen. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#milliseconds + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#milliseconds = Math.max(this.#milliseconds, due.at);
      due.fire();
      await settle();
    }
    this.#milliseconds = end;
    await settle();
  }
}

/** Lets every promise that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
}
