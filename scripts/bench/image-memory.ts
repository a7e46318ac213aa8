import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { round, type Figure } from './figure.ts';

const megabyte = 1024 * 1024;
const images = ['hello-world', 'busybox', 'nginx', 'python:3.11-slim'];
const memorySchema = z.object({ value: z.object({ rss: z.number(), heapUsed: z.number(), arrayBuffers: z.number() }) });

/** Memory of the headless engine's process after the four images were pulled, over what it had after the start: contents belong in its folder. */
export async function* imageMemoryFigure(): AsyncGenerator<Figure> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-images-'));
  const child = fork(resolve(import.meta.dirname, 'attacked-engine.ts'), [join(folder, 'docker.sock')], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
  });
  try {
    await answer(child);
    const before = await memory(child);
    for (const image of images) await ask(child, { type: `docker pull -q ${image}` });
    const after = await memory(child);
    const started = performance.now();
    await ask(child, { type: "docker run --rm python:3.11-slim python3 -c 'import json,http.server,argparse'" });
    const ran = performance.now() - started;
    const used = await memory(child);
    yield {
      figure: 'resident memory after pulling the four images',
      value: round(after.rss / megabyte, 0),
      unit: 'MB',
      before: round(before.rss / megabyte, 0),
      heldByImages: round((after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / megabyte, 1),
      afterPython: round(used.rss / megabyte, 0),
      pythonMilliseconds: round(ran, 0),
    };
  } finally {
    child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function memory(child: ChildProcess) {
  return memorySchema.parse(await ask(child, 'memory')).value;
}

function ask(child: ChildProcess, message: string | { readonly type: string }): Promise<unknown> {
  child.send(message);
  return answer(child);
}

function answer(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the engine ended with ${code}`)));
  });
}
