/**
 * Time of this process, guest and host alike, that goes on by itself while nothing happens: who sleeps, sleeps as long as asked for by this clock, and
 * nobody waits for it. Must be imported before v86, which takes `performance.now` when it is loaded.
 */
import { promisify } from 'node:util';
import { worldTime } from './world-time.ts';

/** How much quicker than the world's it is while nothing happens: what is done beside the event loop (files, compilation) is to have its time too. */
const quicker = 16;
/** Milliseconds of the world's time that count between two looks: while the event loop was busy, something happened. */
const longestIdle = 4;

interface Timer {
  /** Milliseconds on this process's clock. */
  readonly due: number;
  readonly call: () => void;
  readonly armed: NodeJS.Timeout;
}

/** By the handle that was given out. */
const timers = new Map<NodeJS.Timeout, Timer>();
let ahead = 0;

const now = (): number => worldTime.now() + ahead;

function arm(handle: NodeJS.Timeout | null, due: number, call: () => void): NodeJS.Timeout {
  const armed = worldTime.setTimeout(
    () => {
      timers.delete(handle ?? armed);
      call();
    },
    Math.max(0, due - now()),
  );
  timers.set(handle ?? armed, { due, call, armed });
  return armed;
}

function goOn(milliseconds: number): void {
  ahead += milliseconds;
  for (const [handle, timer] of [...timers]) {
    worldTime.clearTimeout(timer.armed);
    if (timer.due > now()) arm(handle, timer.due, timer.call);
    else setImmediate(() => timers.delete(handle) && timer.call());
  }
}

performance.now = now;
Date.now = () => worldTime.date() + Math.floor(ahead);
Reflect.set(
  globalThis,
  'setTimeout',
  Object.assign(
    (call: (...values: unknown[]) => void, milliseconds = 0, ...values: unknown[]) =>
      arm(null, now() + milliseconds, () => call(...values)),
    { [promisify.custom]: worldTime.setTimeout.__promisify__ },
  ),
);
Reflect.set(globalThis, 'clearTimeout', (handle: Parameters<typeof clearTimeout>[0]) => {
  const timer = typeof handle === 'object' ? timers.get(handle) : undefined;
  if (typeof handle === 'object') timers.delete(handle);
  worldTime.clearTimeout(timer?.armed ?? handle);
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const rest = (): Promise<void> => new Promise((resolve) => worldTime.setTimeout(resolve, 1));

/**
 * Waits for the work; while nothing happens, time goes on to the next moment at which something will.
 * @param activity a number that changes while the guest computes
 */
export async function quickly<T>(work: Promise<T>, activity: () => number): Promise<T> {
  let over = false;
  const ended = (): void => void (over = true);
  work.then(ended, ended);
  let looked = worldTime.now();
  let credit = 0;
  while (!over) {
    const before = activity();
    await turn();
    await turn();
    const idle = Math.min(worldTime.now() - looked, longestIdle);
    looked = worldTime.now();
    if (over || activity() !== before) continue;
    credit += idle * (quicker - 1);
    const next = Math.min(...[...timers.values()].map(({ due }) => due)) - now();
    if (credit < 1 || !Number.isFinite(next)) await rest();
    else if (next > 0) {
      const step = Math.min(next, credit);
      credit -= step;
      goOn(step);
    }
  }
  return work;
}
