/**
 * The headless engine in a process of its own, for benches that attack it or use it for long: told by messages to type a line into its guest's shell
 * and to tell its memory.
 */
import { startEngine } from '../../src/worker/node/engine.ts';
import { openShell } from './shell.ts';

const engine = await startEngine({ host: `unix://${process.argv[2] ?? ''}` });
const shell = await openShell(engine.playground);

async function answer(message: unknown): Promise<unknown> {
  if (typeof message === 'object' && message !== null && 'type' in message)
    return (await shell.run(String(message.type))).output.slice(-200);
  // Buffers that the first finds unused are given back while the loop turns.
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await new Promise((later) => setTimeout(later, 20));
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { rss, heapUsed, arrayBuffers, logBytes: engine.playground.host.log.bytes };
}

process.on('message', (message) => {
  answer(message).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.send?.('ready');
