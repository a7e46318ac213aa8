import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { median, round, type Figure } from './figure.ts';
import { fromRestToRest, untilAtRest } from './at-rest.ts';
import { openShell } from './shell.ts';

/** What a `docker run`, a `docker exec` and a `docker ps` cost, typed in the guest's shell; the empty line's cost is taken off. */
export async function* commandFigures(): AsyncGenerator<Figure> {
  const playground = await createNodePlayground();
  const shell = await openShell(playground);
  const repeat = async (line: string, times: number) => {
    const costs = [];
    for (let index = 0; index < times; index += 1) costs.push(await shell.run(line));
    return costs;
  };
  await untilAtRest(playground.host.machine);
  const empty = median((await repeat(':', 9)).map(({ instructions }) => instructions));
  // As a person types: the guest is at rest before each.
  const runs = [];
  for (let index = 0; index < 9; index += 1) {
    await untilAtRest(playground.host.machine);
    runs.push(await shell.run('docker run --rm busybox true'));
  }
  const fifth = (runs[4]?.instructions ?? Number.NaN) - empty;
  yield {
    figure: 'docker run --rm busybox true, fifth time',
    value: round(fifth / 1e6),
    unit: 'M guest instructions',
    target: 4,
    first: round(((runs[0]?.instructions ?? 0) - empty) / 1e6),
  };

  const ten = await fromRestToRest(playground.host.machine, async () => {
    await repeat('docker run --rm busybox true', 10);
  });
  yield {
    figure: 'docker run --rm busybox true, mean of ten typed back to back, from rest to rest',
    value: round(ten / 10e6 - empty / 1e6),
    unit: 'M guest instructions',
    target: 6.4,
  };

  const forks = await repeat('busybox true', 15);
  const fork = median(forks.slice(5).map(({ milliseconds }) => milliseconds));
  const run = median(runs.slice(4).map(({ milliseconds }) => milliseconds));
  yield {
    figure: 'docker run --rm busybox true, time over fork+exec of busybox true',
    value: round(run / fork),
    unit: 'ratio',
    target: 12,
    runMilliseconds: round(run),
    forkMilliseconds: round(fork),
  };

  await shell.run('docker run -d --name held busybox sleep 1000000');
  await untilAtRest(playground.host.machine);
  const execs = await repeat('docker exec held true', 7);
  yield {
    figure: 'docker exec held true',
    value: round((median(execs.slice(2).map(({ instructions }) => instructions)) - empty) / 1e6),
    unit: 'M guest instructions',
    target: 2.5,
    first: round(((execs[0]?.instructions ?? 0) - empty) / 1e6),
  };
  await shell.run('docker rm -f held');

  await untilAtRest(playground.host.machine);
  const lists = await repeat('docker ps', 7);
  yield {
    figure: 'docker ps',
    value: round((median(lists.slice(2).map(({ instructions }) => instructions)) - empty) / 1e6),
    unit: 'M guest instructions',
    target: 2,
    first: round(((lists[0]?.instructions ?? 0) - empty) / 1e6),
  };
  await playground.dispose();
}
