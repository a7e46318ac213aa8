import { startEngineProcess } from './engine-process.ts';
import { round, type Figure } from './figure.ts';

const megabyte = 1024 * 1024;
const images = ['hello-world', 'busybox', 'nginx', 'python:3.11-slim'];

/** Memory of the headless engine's process after the four images were pulled, over what it had after the start: contents belong in its folder. */
export async function* imageMemoryFigure(): AsyncGenerator<Figure> {
  const engine = await startEngineProcess();
  try {
    const before = await engine.memory();
    for (const image of images) await engine.type(`docker pull -q ${image}`);
    const after = await engine.memory();
    const started = performance.now();
    await engine.type("docker run --rm python:3.11-slim python3 -c 'import json,http.server,argparse'");
    const ran = performance.now() - started;
    const used = await engine.memory();
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
    await engine.stop();
  }
}
