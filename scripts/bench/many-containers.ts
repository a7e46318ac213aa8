import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { median, round, type Figure } from './figure.ts';
import { openShell } from './shell.ts';

const others = 30;

/** What thirty running containers add to the cost of `docker ps` and of one more `docker run`. */
export async function* manyContainersFigure(): AsyncGenerator<Figure> {
  const playground = await createNodePlayground();
  const shell = await openShell(playground);
  const cost = async (line: string): Promise<number> => {
    const costs: number[] = [];
    for (let index = 0; index < 5; index += 1) costs.push((await shell.run(line)).instructions);
    return median(costs);
  };
  await shell.run('docker run --rm busybox true');
  const list = { alone: await cost('docker ps'), among: 0 };
  const run = { alone: await cost('docker run --rm busybox true'), among: 0 };
  await shell.run(`for i in $(seq ${others}); do docker run -d busybox sleep 10000 >/dev/null; done`);
  const { stdout } = await playground.exec('docker ps -q | wc -l', { id: 'count' });
  list.among = await cost('docker ps');
  run.among = await cost('docker run --rm busybox true');
  const running = Number(stdout.trim());
  yield {
    figure: `docker ps with ${others} containers over with none`,
    value: round(list.among / list.alone),
    unit: 'ratio of guest instructions',
    target: 1.5,
    running,
    among: round(list.among / 1e6),
    alone: round(list.alone / 1e6),
  };
  yield {
    figure: `docker run with ${others} containers over with none`,
    value: round(run.among / run.alone),
    unit: 'ratio of guest instructions',
    target: 1.5,
    running,
    among: round(run.among / 1e6),
    alone: round(run.alone / 1e6),
  };
  await playground.dispose();
}
