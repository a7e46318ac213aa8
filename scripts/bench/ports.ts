import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { createNodePlayground } from '../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../src/worker/playground.ts';
import { untilAtRest } from './at-rest.ts';
import { median, round, type Figure } from './figure.ts';
import { openShell, type Shell } from './shell.ts';

/** What a published port costs a start, and what comes through it to this machine. */
export async function* portFigures(): AsyncGenerator<Figure> {
  const playground = await createNodePlayground({ publishOn: '127.0.0.1' });
  const shell = await openShell(playground);
  await shell.run('docker network create net');
  yield await startFigure(playground, shell);
  yield* throughFigures(shell);
  await playground.dispose();
}

async function startFigure(playground: LocalPlayground, shell: Shell): Promise<Figure> {
  const port = await freePort();
  const plain = 'docker run --rm busybox true';
  const published = `docker run --rm --network net -p ${port}:80 busybox true`;
  const cost = async (line: string): Promise<number> => {
    const costs = [];
    for (let index = 0; index < 7; index += 1) {
      await untilAtRest(playground.host.machine);
      costs.push((await shell.run(line)).instructions);
    }
    return median(costs.slice(2));
  };
  const empty = await cost(':');
  const one = (await cost(plain)) - empty;
  const other = (await cost(published)) - empty;
  return {
    figure: 'docker run --rm busybox true with a user network and a published port, over the plain one',
    value: round(other / one),
    unit: 'ratio of guest instructions',
    target: 1.5,
    plainMillions: round(one / 1e6),
    publishedMillions: round(other / 1e6),
  };
}

async function* throughFigures(shell: Shell): AsyncGenerator<Figure> {
  const port = await freePort();
  await shell.run(`docker run -d --name web -p ${port}:80 nginx`);
  const files = 'cd /usr/share/nginx/html; head -c 1024 /dev/zero >1k; head -c 1048576 /dev/zero >1m';
  await shell.run(`docker exec web sh -c '${files}'`);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const get = (path: string): Promise<number> => received(port, path, agent);
  await get('/1k');
  for (const [path, count] of [
    ['/1k', 200],
    ['/1m', 16],
  ] as const) {
    const started = performance.now();
    let bytes = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let index = 0; index < count / 4; index += 1) bytes += await get(path);
      }),
    );
    const seconds = (performance.now() - started) / 1000;
    yield {
      figure: `published port to Node, nginx, ${path.slice(1)} on four kept connections`,
      value: path === '/1k' ? round(count / seconds, 0) : round(bytes / 1e6 / seconds),
      unit: path === '/1k' ? 'requests/s' : 'MB/s',
    };
  }
  agent.destroy();
}

function received(port: number, path: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => (response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${path}: ${response.statusCode}`))));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** One that nobody has at the moment. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
