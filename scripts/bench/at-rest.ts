import type { Machine } from '../../src/machine/machine.ts';

/** Windows of this length are compared with the guest's idle rate. */
const windowMilliseconds = 500;
/** More than what an idle window shows in its noisiest moments, less than any work that is put off. */
const noise = 40_000;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function spent(machine: Machine, milliseconds: number): Promise<number> {
  const before = machine.instructions();
  await sleep(milliseconds);
  return (machine.instructions() - before) >>> 0;
}

/**
 * Waits until the guest does nothing but tick: four windows in a row within noise of each other, which is longer than any work
 * that the agent or the engine puts off. Gives the instructions of an idle millisecond.
 */
export async function untilAtRest(machine: Machine): Promise<number> {
  for (let windows: number[] = []; ;) {
    windows = [...windows, await spent(machine, windowMilliseconds)].slice(-4);
    const least = Math.min(...windows);
    if (windows.length === 4 && windows.every((count) => count - least < noise)) return least / windowMilliseconds;
  }
}

/** Instructions from rest to rest: `work` with everything that was prepared for it or left over from it; idle ticks are taken off. */
export async function fromRestToRest(machine: Machine, work: () => Promise<void>): Promise<number> {
  await untilAtRest(machine);
  const started = performance.now();
  const before = machine.instructions();
  await work();
  const idle = await untilAtRest(machine);
  return ((machine.instructions() - before) >>> 0) - idle * (performance.now() - started);
}
