import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { median, round, type Figure } from './figure.ts';
import { openShell } from './shell.ts';

const others = 30;
const lines = { 'docker ps': 'docker ps', 'docker run': 'docker run --rm busybox true' } as const;

/** What thirty running containers add to the cost of `docker ps` and of one more `docker run`. */
export async function* manyContainersFigure(): AsyncGenerator<Figure> {
  const playground = await createNodePlayground();
  const shell = await openShell(playground);
  const cost = async (line: string): Promise<number> => {
    const costs: number[] = [];
    for (let index = 0; index < 5; index += 1) costs.push((await shell.run(line)).instructions);
    return median(costs);
  };
  const costs = async () => ({ 'docker ps': await cost(lines['docker ps']), 'docker run': await cost(lines['docker run']) });
  await shell.run(lines['docker run']);
  const alone = await costs();
  await shell.run(`for i in $(seq ${others}); do docker run -d busybox sleep 10000 >/dev/null; done`);
  const { stdout } = await playground.lines.run('docker ps -q | wc -l', { id: 'count' });
  const among = await costs();
  for (const name of ['docker ps', 'docker run'] as const) {
    yield {
      figure: `${name} with ${others} containers over with none`,
      value: round(among[name] / alone[name]),
      unit: 'ratio of guest instructions',
      target: 1.5,
      running: Number(stdout.trim()),
      among: round(among[name] / 1e6),
      alone: round(alone[name] / 1e6),
    };
  }
  await playground.dispose();
}
