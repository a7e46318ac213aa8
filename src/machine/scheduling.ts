import { AppError } from '../base/errors.ts';

/**
 * The part of v86's main object (src/main.js) that decides when the CPU runs next. `yield(t, tick)` must call `yield_callback(tick)`
 * after `t` milliseconds; v86 itself has one way for Node and one for browsers, chosen when it is loaded.
 */
interface Scheduler {
  yield(milliseconds: number, tick: number): void;
  yield_callback(tick: number): void;
  stop(): void;
}

/** Who is told when the CPU is about to run, and when it is going to wait. Milliseconds of `performance.now`. */
export interface TickObserver {
  running(now: number): void;
  /** A tick is over, and the next one is due at once. */
  interrupted(): void;
  /** The CPU is halted. */
  waiting(now: number): void;
}

export interface SchedulingOptions {
  /** Told once when an instruction made the emulator throw; it does not run again. */
  readonly onFailure: (error: AppError) => void;
  readonly policy?: TickObserver | null;
  readonly inNode?: boolean;
}

const members = ['yield', 'yield_callback', 'stop'];

function isScheduler(value: unknown): value is Scheduler {
  return typeof value === 'object' && value !== null && members.every((name) => typeof Reflect.get(value, name) === 'function');
}

/**
 * Makes a wake-up of the idle CPU immediate, and its failures ours.
 *
 * In a browser v86 sends every tick through a helper worker, two thread changes for each millisecond of guest time and for each wake-up.
 * Here a tick that is due goes through a MessagePort of the same thread, as quick and never clamped; waits stay with the helper, whose
 * timers are not nested and thus not clamped to 4 ms either (HTML, "timer initialization steps"). In Node v86's own setImmediate is right.
 *
 * @param v86 an instance of V86 that has been loaded; both methods are set on the instance, v86's code stays as it is
 */
export function takeOverScheduling(
  v86: object,
  { onFailure, policy = null, inNode = Reflect.has(globalThis, 'process') }: SchedulingOptions,
): void {
  const scheduler: unknown = Reflect.get(v86, 'v86');
  if (!isScheduler(scheduler)) throw new AppError('internal', 'this version of v86 is scheduled in another way');
  guardTicks(scheduler, onFailure);
  if (policy !== null) follow(scheduler, policy);
  if (!inNode) shortenTicks(scheduler);
}

/**
 * Makes v86's main object refuse properly when the guest's memory cannot be had: its own `init` throws into a timer.
 * @param onFailure told instead; the machine is not made then
 */
export function guardInit(v86: object, memoryBytes: number, onFailure: (error: AppError) => void): void {
  const main: unknown = Reflect.get(v86, 'v86');
  if (!hasInit(main)) throw new AppError('internal', 'this version of v86 is made in another way');
  const init = main.init.bind(main);
  main.init = (settings) => {
    try {
      init(settings);
    } catch (error) {
      onFailure(new AppError('exhausted', `no memory for a guest of ${memoryBytes / 1048576} MB`, { cause: error }));
    }
  };
}

function hasInit(value: unknown): value is { init(settings: unknown): void } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'init') === 'function';
}

function guardTicks(scheduler: Scheduler, onFailure: (error: AppError) => void): void {
  const tick = scheduler.yield_callback.bind(scheduler);
  let failed = false;
  scheduler.yield_callback = (number) => {
    if (failed) return;
    try {
      tick(number);
    } catch (error) {
      failed = true;
      // The same tick once more: it finds that it shall stop, and whoever waits for the end is told.
      scheduler.stop();
      tick(number);
      onFailure(new AppError('unavailable', 'the emulator failed', { cause: error }));
    }
  };
}

function follow(scheduler: Scheduler, policy: TickObserver): void {
  const tick = scheduler.yield_callback.bind(scheduler);
  const wait = scheduler.yield.bind(scheduler);
  scheduler.yield_callback = (number) => {
    policy.running(performance.now());
    tick(number);
  };
  scheduler.yield = (milliseconds, number) => {
    if (milliseconds >= 1) policy.waiting(performance.now());
    else policy.interrupted();
    wait(milliseconds, number);
  };
}

function shortenTicks(scheduler: Scheduler): void {
  const wait = scheduler.yield.bind(scheduler);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'number') scheduler.yield_callback(data);
  };
  scheduler.yield = (milliseconds, tick) => {
    if (milliseconds < 1) port2.postMessage(tick);
    else wait(milliseconds, tick);
  };
}
