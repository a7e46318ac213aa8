import { toDisposable, type Disposable } from '../base/disposable.ts';

/** Time as the tutorial sees it. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Calls back once after so many milliseconds unless disposed of. */
  after(milliseconds: number, run: () => void): Disposable;
}

export const hostClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return toDisposable(() => clearTimeout(timer));
  },
};
