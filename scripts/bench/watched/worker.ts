/** A playground on a thread of its own, as the page's worker is, behind comlink. */
import { readFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { expose, transferHandlers } from 'comlink';
import { keepErrorsWhole } from '../../../src/protocol/playground.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import { untilAtRest } from '../at-rest.ts';
import { openShell } from '../shell.ts';

keepErrorsWhole(transferHandlers);

const playground = await createNodePlayground();
const shell = await openShell(playground);

/** Nanoseconds that this thread was on a processor (proc(5), schedstat); no other thread's and no other program's time is in it. */
const threadTime = (): number => Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]);

const watched = {
  watch: (...args: Parameters<typeof playground.log.watch>) => playground.log.watch(...args),
  sync: (watch: number) => playground.log.sync(watch),
  unwatch: (watch: number) => playground.log.unwatch(watch),
  type: async (line: string): Promise<string> => (await shell.run(line)).output,
  rest: async (): Promise<void> => void (await untilAtRest(playground.host.machine)),
  /** Types a line so many times. Resolves to the milliseconds that each took: of this thread, and by the clock. */
  async costs(line: string, times: number): Promise<{ readonly thread: number; readonly wall: number }> {
    const before = threadTime();
    const started = performance.now();
    for (let index = 0; index < times; index += 1) await shell.run(line);
    return { thread: (threadTime() - before) / 1e6 / times, wall: (performance.now() - started) / times };
  },
};
export type Watched = typeof watched;

const port: unknown = workerData;
if (!(port instanceof MessagePort)) throw new Error('this is the entry of a worker thread, which gets a port');
expose(watched, port);
port.start();
