import { toDisposable } from '../../base/disposable.ts';
import type { Clock } from '../clock.ts';

/** Time that passes only when told to. */
export interface ManualClock extends Clock {
  /** Moves on step by step, so that what a timer sets going gets its turn before the next one. */
  pass(milliseconds: number): Promise<void>;
}

/** @param settle resolves when everything set going by a timer is done */
export function createManualClock(settle: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, 0))): ManualClock {
  let now = 0;
  const timers = new Set<{ readonly due: number; readonly run: () => void }>();
  const nextDue = (limit: number) => [...timers].filter(({ due }) => due <= limit).toSorted((a, b) => a.due - b.due)[0];
  return {
    now: () => now,
    after(milliseconds, run) {
      const timer = { due: now + milliseconds, run };
      timers.add(timer);
      return toDisposable(() => timers.delete(timer));
    },
    async pass(milliseconds) {
      const end = now + milliseconds;
      await settle();
      for (let timer = nextDue(end); timer !== undefined; timer = nextDue(end)) {
        now = Math.max(now, timer.due);
        timers.delete(timer);
        timer.run();
        await settle();
      }
      now = end;
    },
  };
}
