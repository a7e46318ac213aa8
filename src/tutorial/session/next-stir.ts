import { DisposableStore, toDisposable, type Disposable } from '../../base/disposable.ts';
import type { Event } from '../../base/events.ts';
import type { Clock } from '../clock.ts';

export interface NextStir extends Disposable {
  /** Resolves at the event, at an abort, at the end of the limit or when disposed of, whichever comes first. */
  readonly promise: Promise<void>;
  limit(milliseconds: number): void;
}

export function nextStir(event: Event<void>, clock: Clock, signal: AbortSignal): NextStir {
  const held = new DisposableStore();
  const end = (): void => held.dispose();
  const promise = new Promise<void>((resolve) => {
    held.add(toDisposable(resolve));
    held.add(event(end));
    signal.addEventListener('abort', end, { once: true });
    held.add(toDisposable(() => signal.removeEventListener('abort', end)));
  });
  return { promise, limit: (milliseconds) => void held.add(clock.after(milliseconds, end)), dispose: end };
}
