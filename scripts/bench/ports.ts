import { Agent, request } from 'node:http';
import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { freePort } from '../../test/support/free-port.ts';
import { launchBrowser } from '../../test/support/browser.ts';
import { serveSite } from '../serve.ts';
import { buildSite, siteFolder } from '../site.ts';
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
  yield await fetchFigure();
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
  await untilServed(() => get('/1k'));
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

async function untilServed(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** `drydock.fetch` of a small page of nginx in Chromium, from the call to the first byte. */
async function fetchFigure(): Promise<Figure> {
  await buildSite(() => undefined);
  const server = await serveSite(siteFolder, { host: '127.0.0.1', port: 0 });
  const browser = await launchBrowser();
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.evaluate('window.drydock.ready');
  await page.evaluate(`window.drydock.exec('docker run -d -p 8080:80 nginx')`);
  await untilServed(() => page.evaluate(`window.drydock.fetch(8080, '/').then((answer) => answer.text())`));
  const times: number[] = await page.evaluate(`(async () => {
    const times = [];
    for (let index = 0; index < 15; index += 1) {
      const started = performance.now();
      const reader = (await window.drydock.fetch(8080, '/')).body.getReader();
      await reader.read();
      times.push(performance.now() - started);
      await reader.cancel();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return times;
  })()`);
  await browser.close();
  await server.close();
  return {
    figure: 'drydock.fetch of a published nginx in Chromium, first byte',
    value: round(median(times.slice(5))),
    unit: 'ms',
    target: 60,
    first: round(times[0] ?? 0),
  };
}
