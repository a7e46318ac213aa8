import { AppError } from '../base/errors.ts';
import { trimEndOf } from '../base/trim.ts';

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

/** RFC 3339 with nanoseconds and no trailing zeros, as Go's time.RFC3339Nano; 0n is Go's zero time. */
export function rfc3339Nano(time: bigint): string {
  if (time === 0n) return '0001-01-01T00:00:00Z';
  const seconds = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = trimEndOf((time % 1_000_000_000n).toString().padStart(9, '0'), '0');
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

export function unixSeconds(time: bigint): number {
  return Number(time / 1_000_000_000n);
}
