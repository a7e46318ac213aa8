import type { Clock } from '../../clock.ts';

/** Whether `done` came within so many seconds; negative waits for ever. */
export async function within(clock: Clock, done: Promise<unknown>, seconds: number): Promise<boolean> {
  if (seconds < 0) return done.then(() => true);
  const timer = new AbortController();
  const late = clock.after(seconds * 1000, timer.signal).then(
    () => false,
    () => true,
  );
  const result = await Promise.race([done.then(() => true), late]);
  timer.abort();
  return result;
}
