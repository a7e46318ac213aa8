import { AppError, cancelled } from '../../../base/errors.ts';
import { unlessAborted, type ByteSource } from '../../../base/streams.ts';
import type { Clock } from '../../clock.ts';

/** Milliseconds that a registry may be silent. */
export const longestSilence = 60_000;

export interface Bounds {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * What `work` comes to, unless it takes too long or the signal is aborted, which its own signal tells it.
 * @throws AppError unavailable "net/http: timeout awaiting response headers"; what the signal was aborted with
 */
export async function bounded<T>({ clock, signal }: Bounds, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const given = new AbortController();
  const timer = new AbortController();
  const stop = (): void => given.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  clock.after(longestSilence, timer.signal).then(
    () => given.abort(new AppError('unavailable', 'net/http: timeout awaiting response headers')),
    () => undefined,
  );
  try {
    return await unlessAborted(work(given.signal), given.signal);
  } finally {
    signal.removeEventListener('abort', stop);
    timer.abort(cancelled('the wait'));
  }
}

/** A source whose producer may be silent for so long, and no longer. */
export function lively(source: ByteSource, bounds: Bounds): ByteSource {
  return {
    read: () =>
      bounded(bounds, () => source.read()).catch((thrown: unknown) => {
        source.cancel(thrown);
        throw thrown;
      }),
    cancel: (reason) => source.cancel(reason),
  };
}
