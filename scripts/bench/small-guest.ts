import { createNodePlayground } from '../../src/worker/node/playground.ts';
import type { Figure } from './figure.ts';

export async function* smallGuestFigure(): AsyncGenerator<Figure> {
  const playground = await createNodePlayground({ memoryMegabytes: 128 });
  const { exitCode, stdout } = await playground.lines.run('docker run hello-world', { id: 'hello' });
  const { stdout: memory } = await playground.lines.run('grep -E "MemTotal|MemAvailable" /proc/meminfo', { id: 'memory' });
  yield {
    figure: 'docker run hello-world in a guest of 128 MB',
    value: exitCode === 0 && stdout.includes('Hello from'),
    unit: 'ran',
    target: true,
    meminfo: memory.trim(),
  };
  await playground.dispose();
}
