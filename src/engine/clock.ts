import { AppError } from '../base/errors.ts';

/** Time as the engine sees it; tests turn it by hand. */
export interface Clock {
  /** Nanoseconds since the epoch, never twice the same, never backwards. */
  now(): bigint;
  /** Resolves after so many milliseconds; rejects `cancelled` on abort. */
  after(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export function systemClock(): Clock {
  let last = 0n;
  return {
    now() {
      const wall = BigInt(Date.now()) * 1_000_000n;
      last = wall > last ? wall : last + 1n;
      return last;
    },
    async after(milliseconds, signal) {
      let left = milliseconds;
      for (; left > longestTimeout; left -= longestTimeout) await timeout(longestTimeout, signal);
      await timeout(left, signal);
    },
  };
}

/** setTimeout takes a longer one for none at all. */
const longestTimeout = 2 ** 31 - 1;

function timeout(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new AppError('cancelled', 'the wait was cancelled'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

export function unixSeconds(time: bigint): number {
  return Number(time / 1_000_000_000n);
}
