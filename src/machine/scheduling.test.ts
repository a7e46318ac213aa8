import { describe, expect, test } from 'vitest';
import type { AppError } from '../base/errors.ts';
import { guardInit, takeOverScheduling } from './scheduling.ts';

/** v86's main object as far as scheduling goes (src/main.js): one tick after another until it is stopped. */
class FakeMain {
  ticks = 0;
  waits: number[] = [];
  stopped = false;
  stopping = false;
  throwAt = Infinity;

  yield(milliseconds: number, tick: number): void {
    this.waits.push(milliseconds);
    setTimeout(() => this.yield_callback(tick), milliseconds);
  }

  yield_callback(_tick: number): void {
    if (this.stopping) {
      this.stopped = true;
      return;
    }
    if (++this.ticks === this.throwAt) throw new Error('unreachable');
  }

  stop(): void {
    this.stopping = true;
  }

  init(_settings: unknown): void {
    throw new RangeError('offset is out of bounds');
  }
}

const ignore = (): void => undefined;

describe('scheduling', () => {
  test('a tick that is due does not take the way over the helper worker', async () => {
    const main = new FakeMain();
    takeOverScheduling({ v86: main }, { onFailure: ignore, inNode: false });
    for (const milliseconds of [0, 0.5, -3]) main.yield(milliseconds, 1);
    expect(main.ticks).toBe(0);
    while (main.ticks < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(main.waits).toEqual([]);
    main.yield(2, 1);
    expect(main.waits).toEqual([2]);
  });

  test("in Node v86's own ticks stay", () => {
    const main = new FakeMain();
    takeOverScheduling({ v86: main }, { onFailure: ignore, inNode: true });
    main.yield(0, 1);
    expect(main.waits).toEqual([0]);
  });

  test('an instruction that makes the emulator throw is told once and stops it', () => {
    const main = new FakeMain();
    const failures: AppError[] = [];
    main.throwAt = 2;
    takeOverScheduling({ v86: main }, { onFailure: (error) => failures.push(error), inNode: true });
    for (let tick = 0; tick < 4; tick++) main.yield_callback(tick);
    expect(failures).toMatchObject([{ kind: 'unavailable', cause: { message: 'unreachable' } }]);
    expect(main).toMatchObject({ ticks: 2, stopped: true });
  });

  test('memory that cannot be had is an error', () => {
    const main = new FakeMain();
    const failures: AppError[] = [];
    guardInit({ v86: main }, 256 * 1024 * 1024, (error) => failures.push(error));
    main.init({});
    expect(failures).toMatchObject([{ kind: 'exhausted', message: 'no memory for a guest of 256 MB' }]);
  });

  test('another v86 is refused', () => {
    expect(() => takeOverScheduling({ v86: {} }, { onFailure: ignore })).toThrow(/scheduled in another way/);
    expect(() => guardInit({}, 1, ignore)).toThrow(/made in another way/);
  });
});
