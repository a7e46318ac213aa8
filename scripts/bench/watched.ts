import { serialize } from 'node:v8';
import { MessageChannel, Worker } from 'node:worker_threads';
import { proxy, wrap } from 'comlink';
import { EngineMirror } from '../../src/protocol/engine-mirror.ts';
import { median, round, type Figure } from './figure.ts';
import type { Watched } from './watched/worker.ts';

const containers = 10;
/** Runs in a block; blocks with and without a watcher take turns, so that what slows the machine slows both. */
const runs = 10;
const blocks = 8;

/** What a watching page costs the worker: `docker run` with ten containers there, with and without a mirror on another thread. */
export async function* watchedFigures(): AsyncGenerator<Figure> {
  const { port1, port2 } = new MessageChannel();
  const entry = new URL('watched/worker.ts', import.meta.url).href;
  // A worker does not inherit what lets the main thread import TypeScript.
  const worker = new Worker(`import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(entry)})))`, {
    eval: true,
    workerData: port2,
    transferList: [port2],
  });
  if (!(port1 instanceof globalThis.MessagePort)) throw new Error('not a port');
  const remote = wrap<Watched>(port1);
  await remote.type('docker pull -q busybox');
  for (let index = 0; index < containers; index += 1) await remote.type(`docker run -d --name bench-${index} busybox sleep 1000000`);
  const line = 'docker run --rm busybox true';
  await remote.costs(line, runs);
  const costs = { alone: [] as { thread: number; wall: number }[], watched: [] as { thread: number; wall: number }[] };
  let deltas = 0;
  let bytes = 0;
  for (let block = 0; block < blocks; block += 1) {
    await remote.rest();
    costs.alone.push(await remote.costs(line, runs));
    let counting = false;
    const mirror = new EngineMirror({
      watch: (after, listener) =>
        remote.watch(
          after,
          proxy((delta: Parameters<typeof listener>[0]) => {
            deltas += counting ? 1 : 0;
            bytes += counting ? serialize(delta).length : 0;
            return listener(delta);
          }),
        ),
      sync: (watch) => remote.sync(watch),
      unwatch: (watch) => remote.unwatch(watch),
    });
    await mirror.start();
    if (mirror.state.containers.length !== containers) throw new Error(`the mirror shows ${mirror.state.containers.length} containers`);
    await remote.rest();
    counting = true;
    costs.watched.push(await remote.costs(line, runs));
    await mirror.sync();
    mirror.dispose();
  }
  const of = (kind: 'alone' | 'watched', time: 'thread' | 'wall'): number => median(costs[kind].map((cost) => cost[time]));
  yield {
    figure: 'docker run --rm busybox true with a page watching and ten containers, over nobody watching: time of the worker thread',
    value: round(of('watched', 'thread') / of('alone', 'thread'), 3),
    unit: 'ratio',
    target: 1.05,
    threadMilliseconds: [round(of('watched', 'thread')), round(of('alone', 'thread'))],
    wallRatio: round(of('watched', 'wall') / of('alone', 'wall'), 3),
    messagesPerRun: round(deltas / blocks / runs),
    kilobytesPerRun: round(bytes / blocks / runs / 1000),
  };
  await worker.terminate();
}
